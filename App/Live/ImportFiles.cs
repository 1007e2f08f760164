using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Live;

/// <summary>Files somebody uploaded, kept until they are imported and no longer: they are full of addresses.</summary>
public sealed class ImportFiles(IOptions<StorageOptions> storage)
{
    /// <summary>In bytes.</summary>
    public const int MaxFile = 50 * 1024 * 1024;

    /// <summary>Too large a file, in words.</summary>
    public static string TooLarge => $"is larger than {MaxFile / 1024 / 1024} MB";

    /// <summary>Keeps a file until it is imported.</summary>
    /// <param name="content">Read to its end; up to <see cref="MaxFile"/> bytes.</param>
    /// <returns>Its name here; null where it is too large.</returns>
    public async Task<string?> KeepAsync(Stream content, CancellationToken cancellationToken)
    {
        var name = $"{Guid.NewGuid():N}.csv";
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var kept = false;
        try
        {
            kept = await WriteAsync(content, path, cancellationToken);
            return kept ? name : null;
        }
        finally
        {
            if (!kept)
            {
                File.Delete(path);
            }
        }
    }

    public bool Has(string name) => File.Exists(PathOf(name));

    public Stream Open(string name) => File.OpenRead(PathOf(name));

    /// <summary>Deletes a file that was imported, or is not to be after all.</summary>
    public void Discard(string name) => File.Delete(PathOf(name));

    /// <summary>Deletes all that nobody is waiting for.</summary>
    public void DiscardExcept(IReadOnlyCollection<string> wanted)
    {
        var directory = storage.Value.PathOf("imports");
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(directory, "*.csv").Where(path => !wanted.Contains(Path.GetFileName(path))))
        {
            File.Delete(path);
        }
    }

    private static async Task<bool> WriteAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        await using var kept = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        var buffer = new byte[128 * 1024];
        var length = 0L;
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            length += read;
            if (length > MaxFile)
            {
                return false;
            }

            await kept.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        // 202 promises the import: a power cut must not take the file.
        kept.Flush(flushToDisk: true);
        return true;
    }

    private string PathOf(string name) => storage.Value.PathOf(Path.Combine("imports", name));
}
