using System.Text;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>What somebody without the key can make of a genuine request whose signature stands in a header and covers the body.</summary>
internal static class Forgeries
{
    public static IEnumerable<(string What, WebhookRequest Request)> Of(WebhookRequest genuine, string signatureHeader)
    {
        var signature = genuine.Header(signatureHeader)!;
        foreach (var (what, forged) in new[]
        {
            ("empty", ""),
            ("blank", " "),
            ("garbled", "not a signature at all"),
            ("zeros", new string('0', signature.Length)),
            ("base64 zeros", Convert.ToBase64String(new byte[32])),
            ("hex zeros", Convert.ToHexStringLower(new byte[32])),
            ("cut", signature[..^4]),
            ("longer", signature + "AAAA"),
            ("reversed", new string([.. signature.Reverse()])),
            ("other letters", signature.Replace('A', 'B').Replace('a', 'b').Replace('0', '1').Replace('M', 'N') is var other && other != signature ? other : "x" + signature),
            ("endless", new string('A', 100_000)),
            ("not ASCII", "ü\uFFFD🎉"),
            ("version only", "v1,"),
        })
        {
            yield return (what, With(genuine, signatureHeader, forged));
        }

        yield return ("no signature", Without(genuine, signatureHeader));
        yield return ("no headers", genuine with { Headers = EspPayloads.Headers() });
        yield return ("no body", genuine with { Body = default });
        yield return ("other body", genuine with { Body = "[]"u8.ToArray() });
        yield return ("a byte more", genuine with { Body = (byte[])[.. genuine.Body.Span, (byte)' '] });
        yield return ("a byte less", genuine with { Body = genuine.Body[..^1] });
        foreach (var at in new[] { 0, genuine.Body.Length / 2, genuine.Body.Length - 1 })
        {
            var changed = genuine.Body.ToArray();
            changed[at] ^= 1;
            yield return ($"byte {at} changed", genuine with { Body = changed });
        }
    }

    public static WebhookRequest With(WebhookRequest request, string header, string value) =>
        request with { Headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase) { [header] = value } };

    public static WebhookRequest Without(WebhookRequest request, string header)
    {
        var headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase);
        headers.Remove(header);
        return request with { Headers = headers };
    }

    public static WebhookRequest Post(string body, params (string Name, string Value)[] headers) => new("POST", EspPayloads.Headers(headers), Encoding.UTF8.GetBytes(body));
}
