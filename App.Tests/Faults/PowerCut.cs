using System.Buffers.Binary;
using System.Diagnostics;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Faults;

/// <summary>A power cut for one directory: a shim preloaded into the server remembers what every write replaced since the file was last synced, and <see cref="Strike"/> puts it back.</summary>
public sealed class PowerCut : IDisposable
{
    private const int HeadLength = 24;

    private readonly string _directory;
    private readonly string _undo = Directory.CreateTempSubdirectory("scoretracking-undo-").FullName;
    private readonly string _shim;

    /// <remarks>Pooled connections of this process are closed here: one that outlived the server would, as the last, write the server's WAL into its database when closed, and save what the cut should have taken.</remarks>
    /// <param name="directory">The data directory; links in its path resolved, since the shim sees the real one.</param>
    public PowerCut(string directory)
    {
        _directory = directory;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _shim = Path.Combine(_undo, "powercut.so");
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O2", "-o", _shim, Golden.PathOf("Faults/powercut.c"), "-ldl", "-lpthread"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        Directory.CreateDirectory(UndoDirectory);
    }

    private string UndoDirectory => Path.Combine(_undo, "undo");

    /// <param name="blind">The disk lies about syncing: everything since the start of the process is lost.</param>
    public Dictionary<string, string> Environment(bool blind)
    {
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = _shim,
            ["POWERCUT_DIR"] = _directory,
            ["POWERCUT_UNDO"] = UndoDirectory,
        };
        if (blind)
        {
            environment["POWERCUT_BLIND"] = "1";
        }

        return environment;
    }

    /// <summary>After the process was killed: the directory as its disk would have it.</summary>
    /// <returns>How many writes were taken back.</returns>
    public int Strike()
    {
        var lost = 0;
        foreach (var undo in Directory.GetFiles(UndoDirectory))
        {
            lost += Undo(Path.GetFileName(undo).Replace('%', '/'), File.ReadAllBytes(undo));
            File.Delete(undo);
        }

        // Shared memory is memory.
        foreach (var shared in Directory.GetFiles(_directory, "*-shm"))
        {
            File.Delete(shared);
        }

        return lost;
    }

    public void Dispose() => Directory.Delete(_undo, recursive: true);

    private static int Undo(string path, byte[] records)
    {
        var starts = new List<int>();
        for (var at = 0; at + HeadLength <= records.Length; at += HeadLength + (int)Number(records, at + 16))
        {
            starts.Add(at);
        }

        if (!File.Exists(path))
        {
            return 0;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        foreach (var at in Enumerable.Reverse(starts))
        {
            file.Position = Number(records, at);
            file.Write(records, at + HeadLength, (int)Number(records, at + 16));
            file.SetLength(Number(records, at + 8));
        }

        return starts.Count;
    }

    private static long Number(byte[] records, int at) => BinaryPrimitives.ReadInt64LittleEndian(records.AsSpan(at));
}
