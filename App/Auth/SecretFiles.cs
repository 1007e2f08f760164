namespace ScoreTracking.Auth;

/// <summary>Secrets as files, as Docker and systemd hand them over: where a key is declared secret, <c>KeyFile</c> names a file that holds its value.</summary>
public static class SecretFiles
{
    // A secret is a line. More than this is a wrong path.
    private const int MaxLength = 64 * 1024;

    /// <summary>Reads the files named so far. Call it once all other sources are in place.</summary>
    /// <exception cref="InvalidOperationException">A file is missing, empty or too long, or both the secret and its file are given.</exception>
    public static void AddSecretFiles(this IConfigurationManager configuration, IEnumerable<string> secretKeys)
    {
        var read = new Dictionary<string, string?>();
        foreach (var key in secretKeys)
        {
            if (configuration[key + "File"] is { Length: > 0 } path)
            {
                read[key] = configuration[key] is { Length: > 0 }
                    ? throw new InvalidOperationException($"{key} and {key}File are both set: keep one.")
                    : Read(key, path);
            }
        }

        configuration.AddInMemoryCollection(read);
    }

    private static string Read(string key, string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxLength)
        {
            throw new InvalidOperationException($"{key}File names {path}, which {(file.Exists ? "is too long for a secret" : "does not exist")}.");
        }

        // Editors and `echo` end a file with a line break that is no part of the secret.
        var secret = File.ReadAllText(path).TrimEnd('\r', '\n');
        return secret.Length > 0 ? secret : throw new InvalidOperationException($"{key}File names {path}, which is empty.");
    }
}
