using Microsoft.Extensions.Options;

namespace ScoreTracking.Data;

/// <summary>One server per data directory: two would be two writers. The system lets go of the lock when the process ends, however it ends.</summary>
public sealed class ServerLock : IDisposable
{
    private const string Name = "server.lock";

    private readonly FileStream _file;

    /// <exception cref="InvalidOperationException">Another server has the directory.</exception>
    public ServerLock(IOptions<StorageOptions> storage)
    {
        _file = TryTake(storage.Value) ?? throw new InvalidOperationException(
            $"Another server is using {Path.GetFullPath(storage.Value.DataDirectory)}. Stop it, or set another DataDirectory.");
    }

    /// <summary>Takes the lock until what is returned is disposed of; null while a server has it.</summary>
    public static FileStream? TryTake(StorageOptions storage)
    {
        var path = storage.PathOf(Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
