using System.Formats.Tar;
using System.IO.Compression;
using ScoreTracking.Data;

namespace ScoreTracking.Operations;

/// <summary>The names inside a backup: what lies in the data directory and cannot be had again. A gzipped tar, so that any system opens it.</summary>
internal static class BackupArchive
{
    public const string Main = "scoretracking.db";
    public const string Inbox = "inbox.db";

    /// <summary>What was on its way out. Backups of earlier versions have none.</summary>
    public const string Outbox = "outbox.db";

    /// <summary>Without the tracking keys every link ever sent would die, without the others nobody would stay signed in and no secret could be read.</summary>
    public const string Keys = "keys";

    /// <summary>Files of imports that have not ended.</summary>
    public const string Imports = "imports";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static readonly IReadOnlyList<string> Databases = [Main, Inbox, Outbox];
    public static readonly IReadOnlyList<string> Folders = [Keys, Imports];

    /// <summary>Packs a directory into a file only its owner may read, synced to disk.</summary>
    public static async Task PackAsync(string directory, string file, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using var output = new FileStream(file, options);
        await using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            await TarFile.CreateFromDirectoryAsync(directory, gzip, includeBaseDirectory: false, cancellationToken);
        }

        output.Flush(flushToDisk: true);
    }

    /// <summary>Unpacks the known names and nothing else.</summary>
    /// <exception cref="InvalidDataException">It is no backup of ours, or it is damaged.</exception>
    public static async Task UnpackAsync(string file, string directory, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = File.OpenRead(file);
            await using var gzip = new GZipStream(input, CompressionMode.Decompress);
            await using var tar = new TarReader(gzip);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                var name = entry.Name.Replace('\\', '/');
                if (entry.EntryType is TarEntryType.Directory)
                {
                    continue;
                }

                if (!IsOurs(name) || entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                {
                    throw new InvalidDataException($"It holds {entry.Name}, which no backup of ScoreTracking does.");
                }

                var path = Path.Combine(directory, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await entry.ExtractToFileAsync(path, overwrite: false, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or EndOfStreamException)
        {
            throw new InvalidDataException($"It cannot be read to its end: {exception.Message}", exception);
        }

        if (!Databases.All(name => name == Outbox || File.Exists(Path.Combine(directory, name))) || !Directory.Exists(Path.Combine(directory, Keys)))
        {
            throw new InvalidDataException("It is no backup of ScoreTracking, or part of it is missing.");
        }
    }

    private static bool IsOurs(string name)
    {
        var parts = name.Split('/');
        return parts.Length == 1 ? Databases.Contains(name) : parts.Length == 2 && Folders.Contains(parts[0]) && parts[1] is not ("" or "." or "..");
    }
}
