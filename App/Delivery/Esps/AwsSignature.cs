using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Delivery;

/// <summary>AWS Signature Version 4, for paths and headers that need no escaping.</summary>
internal sealed class AwsSignature(string accessKeyId, string secretAccessKey, string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The headers a request is signed by: Authorization and X-Amz-Date.</summary>
    /// <param name="headers">Signed besides host and date; names in lower case.</param>
    public IReadOnlyList<(string Name, string Value)> Sign(string method, Uri url, IReadOnlyList<(string Name, string Value)> headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var signed = headers.Append(("host", url.IsDefaultPort ? url.Host : url.Authority)).Append(("x-amz-date", time)).OrderBy(header => header.Item1, StringComparer.Ordinal).ToList();
        var names = string.Join(';', signed.Select(header => header.Item1));
        var canonical = $"{method}\n{url.AbsolutePath}\n{url.Query.TrimStart('?')}\n{string.Concat(signed.Select(header => $"{header.Item1}:{header.Item2.Trim()}\n"))}\n{names}\n{Hex(SHA256.HashData(body))}";
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Hash(Hash(Hash(Hash(Encoding.UTF8.GetBytes($"AWS4{secretAccessKey}"), time[..8]), region), service), "aws4_request");
        return [("X-Amz-Date", time), ("Authorization", $"{Algorithm} Credential={accessKeyId}/{scope}, SignedHeaders={names}, Signature={Hex(Hash(key, text))}")];
    }

    private static byte[] Hash(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
