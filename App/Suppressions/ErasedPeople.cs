using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>
/// Recognises the addresses of erased people. Only a keyed hash of each is left, so the list tells nobody who was on it, and
/// still they get no more mail. The key lies in <c>keys/erasure.key</c> of the data directory: without it they could be mailed
/// again, so it belongs in every backup.
/// </summary>
public sealed class ErasedPeople : IDisposable
{
    private const int KeyLength = 32;

    // An instance of its own per thread, since one hashes one text at a time.
    private readonly ThreadLocal<HMACSHA256> _hash;

    private ErasedPeople(byte[] key) => _hash = new ThreadLocal<HMACSHA256>(() => new HMACSHA256(key), trackAllValues: true);

    /// <summary>Reads the key, or makes it.</summary>
    /// <exception cref="InvalidOperationException">The file holds something else.</exception>
    public static ErasedPeople LoadOrCreate(StorageOptions storage)
    {
        var path = storage.PathOf(Path.Combine("keys", "erasure.key"));
        if (!File.Exists(path))
        {
            Create(path);
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeyLength
            ? new ErasedPeople(key)
            : throw new InvalidOperationException($"{path} holds no valid key. Restore it from a backup: without it erased people could be mailed again.");
    }

    /// <summary>What stands in <c>erased_people</c> for an address, in whatever case it is written.</summary>
    public byte[] HashOf(string email) => _hash.Value!.ComputeHash(Encoding.UTF8.GetBytes(email.ToLowerInvariant()));

    /// <summary>The same for a customer id, which no address can be taken for.</summary>
    public byte[] HashOfCustomer(string customerId) => _hash.Value!.ComputeHash(Encoding.UTF8.GetBytes($"customer\n{customerId}"));

    public void Dispose()
    {
        foreach (var hash in _hash.Values)
        {
            hash.Dispose();
        }

        _hash.Dispose();
    }

    // Written aside, synced and renamed: a crash leaves either no file or a whole one.
    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var aside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(aside, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyLength));
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path);
    }
}
