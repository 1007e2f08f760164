namespace ScoreTracking.Tests.Webhooks;

/// <summary>What somebody without the key might send instead of a signature.</summary>
internal static class WrongSignatures
{
    /// <param name="genuine">As hex or base64.</param>
    public static IEnumerable<string> Of(string genuine) =>
    [
        "", " ", "0", "null", "undefined", "%", "ü", "[]",
        new string('0', genuine.Length),
        new string('A', genuine.Length),
        new string('=', genuine.Length),
        (genuine[0] == 'a' ? 'b' : 'a') + genuine[1..],
        genuine[..^6] + (genuine[^6] == 'c' ? "d" : "c") + genuine[^5..], // not the last letters of base64: some of their bits mean nothing
        genuine[1..],
        genuine[..^4],
        genuine + genuine,
        genuine + "0",
        $"{genuine},{genuine}",
        string.Concat(genuine.Reverse()),
        Convert.ToBase64String(new byte[32]),
        Convert.ToBase64String(new byte[256]),
        Convert.ToHexStringLower(new byte[32]),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", // SHA-256 of nothing
        "d41d8cd98f00b204e9800998ecf8427e", // MD5 of nothing
        new string('a', 100_000),
    ];

    /// <summary>The body with one byte changed, at several places.</summary>
    public static IEnumerable<byte[]> OfBody(byte[] genuine)
    {
        for (var at = 0; at < genuine.Length; at += 1 + (genuine.Length / 40))
        {
            byte[] changed = [.. genuine];
            changed[at] ^= 1;
            yield return changed;
        }

        yield return [.. genuine, (byte)' '];
        yield return genuine[..^1];
        yield return [];
    }
}
