using System.Globalization;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Operations;

/// <summary><c>restore FILE</c>: puts a backup in the place of the data directory's content, which is set aside and never deleted. Everything is unpacked, checked and recounted before anything is moved.</summary>
internal static class RestoreCommand
{
    public static async Task<int> RunAsync(StorageOptions storage, string file, TimeProvider time, TextWriter output, CancellationToken cancellationToken)
    {
        if (file.Length == 0 || !File.Exists(file))
        {
            await output.WriteLineAsync(file.Length == 0 ? "Name the backup: restore FILE" : $"There is no file {Path.GetFullPath(file)}.");
            return 2;
        }

        await using var alone = ServerLock.TryTake(storage);
        if (alone is null)
        {
            await output.WriteLineAsync("A server is using the data directory. Stop it first.");
            return 2;
        }

        var work = Directory.CreateDirectory(storage.PathOf($"restoring-{Guid.NewGuid():N}"));
        try
        {
            await BackupArchive.UnpackAsync(file, work.FullName, cancellationToken);
            if (NewerThanUs(Path.Combine(work.FullName, BackupArchive.Main)) is { } version)
            {
                await output.WriteLineAsync($"Nothing was changed: the backup is at version {version} and this program knows only {Migrator.All()[^1].Number}.");
                return 1;
            }

            var (sound, words) = BackupCommand.Check(work.FullName, cancellationToken);
            if (!sound)
            {
                await output.WriteLineAsync($"Nothing was changed: {words}");
                return 1;
            }

            HoldSending(Path.Combine(work.FullName, BackupArchive.Main), time.GetUtcNow());
            SqliteConnection.ClearAllPools();
            var aside = SetAside(storage, time.GetUtcNow());
            foreach (var entry in work.EnumerateFileSystemInfos())
            {
                Directory.Move(entry.FullName, storage.PathOf(entry.Name));
            }

            await output.WriteLineAsync($"Restored: {words}.{(aside is null ? "" : $" What was there before is in {aside}.")}");
            await output.WriteLineAsync("This copy sends no mail until an administrator agrees to it.");
            return 0;
        }
        catch (InvalidDataException exception)
        {
            await output.WriteLineAsync($"Nothing was changed. {exception.Message}");
            return 1;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    // The write-ahead logs go too: beside another database they would be applied to it.
    private static string? SetAside(StorageOptions storage, DateTimeOffset now)
    {
        var names = BackupArchive.Databases.SelectMany(name => (string[])[name, $"{name}-wal", $"{name}-shm"])
            .Concat(BackupArchive.Folders)
            .Where(name => Path.Exists(storage.PathOf(name))).ToList();
        if (names.Count == 0)
        {
            return null;
        }

        var aside = storage.PathOf($"before-restore-{now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{Guid.NewGuid().ToString("N")[..4]}");
        Directory.CreateDirectory(aside);
        foreach (var name in names)
        {
            Directory.Move(storage.PathOf(name), Path.Combine(aside, name));
        }

        return aside;
    }

    // What was sent after the backup waits in the copy as if it had not been. A copy from before sending existed has nothing to send.
    private static void HoldSending(string path, DateTimeOffset now)
    {
        using var connection = new WriteConnection(path, "synchronous=FULL");
        using var knows = connection.Prepare("SELECT 1 FROM pragma_table_info('organization') WHERE name = 'sending_held'");
        if (knows.Scalar() is null)
        {
            return;
        }

        using var hold = connection.Prepare("UPDATE organization SET sending_held = ?1");
        hold.Bind(1, string.Create(CultureInfo.InvariantCulture,
            $"This is a copy restored from a backup on {now:yyyy-MM-dd HH:mm} UTC. It does not know what was sent after the backup was made, and would send that again.")).Run();
        connection.Checkpoint(truncate: true);
    }

    private static long? NewerThanUs(string path)
    {
        using var connection = new WriteConnection(path, "query_only=1");
        using var statement = connection.Prepare("PRAGMA user_version");
        var version = statement.Scalar() ?? 0;
        return version > Migrator.All()[^1].Number ? version : null;
    }
}
