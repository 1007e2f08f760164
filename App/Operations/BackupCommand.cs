using System.Globalization;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Operations;

/// <summary>
/// <c>backup FILE</c>: databases, keys and waiting imports in one archive, while the server goes on. The outbox
/// and the inbox are copied before the main database: what was stored in between is in both, and the main database says so.
/// </summary>
internal static class BackupCommand
{
    public static async Task<int> RunAsync(StorageOptions storage, string file, TextWriter output, CancellationToken cancellationToken)
    {
        if (file.Length == 0)
        {
            await output.WriteLineAsync("Name the file to write: backup FILE, for example backup /backups/scoretracking.tar.gz");
            return 2;
        }

        var target = Path.GetFullPath(file);
        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            await output.WriteLineAsync($"There is no directory {Path.GetDirectoryName(target)}.");
            return 2;
        }

        var work = Directory.CreateDirectory($"{target}.{Guid.NewGuid():N}");
        try
        {
            Restrict(work);
            foreach (var name in BackupArchive.Databases.Reverse().Where(name => File.Exists(storage.PathOf(name))))
            {
                Copy(storage.PathOf(name), Path.Combine(work.FullName, name));
            }

            foreach (var folder in BackupArchive.Folders)
            {
                CopyFolder(storage.PathOf(folder), Path.Combine(work.FullName, folder));
            }

            var report = Check(work.FullName, cancellationToken);
            if (!report.Sound)
            {
                await output.WriteLineAsync($"No backup was written: {report.Words}");
                return 1;
            }

            var packed = Path.Combine(work.FullName + ".tar");
            try
            {
                await BackupArchive.PackAsync(work.FullName, packed, cancellationToken);
                File.Move(packed, target, overwrite: true);
            }
            finally
            {
                File.Delete(packed);
            }

            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{target}: {new FileInfo(target).Length / 1024.0 / 1024.0:N1} MB, {report.Words}"));
            await output.WriteLineAsync("It holds addresses and the keys of every link sent. It is readable by you alone: keep it so.");
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>Whether the databases in a directory are whole and every counter equals the log.</summary>
    public static (bool Sound, string Words) Check(string directory, CancellationToken cancellationToken)
    {
        foreach (var name in BackupArchive.Databases.Where(name => File.Exists(Path.Combine(directory, name))))
        {
            if (IntegrityOf(Path.Combine(directory, name)) is not "ok" and var problem)
            {
                return (false, $"{name} is damaged: {problem}");
            }
        }

        var recount = Recounting.Run(Path.Combine(directory, BackupArchive.Main), cancellationToken);
        return (recount.Differences.Count == 0, Recounting.Describe(recount));
    }

    // A copy without free pages, in one snapshot; the server stores on meanwhile.
    private static void Copy(string path, string target)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadWrite }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=5000; VACUUM INTO $target";
        command.Parameters.AddWithValue("$target", target);
        command.ExecuteNonQuery();
    }

    private static void CopyFolder(string path, string target)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(path))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static string IntegrityOf(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadWrite }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(1)";
            return (string)command.ExecuteScalar()!;
        }
        catch (SqliteException exception)
        {
            return exception.Message;
        }
    }

    private static void Restrict(DirectoryInfo directory)
    {
        if (!OperatingSystem.IsWindows())
        {
            directory.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }
    }
}
