using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>The payload files, as requests of the ESP they stand for.</summary>
internal static class EspPayloads
{
    /// <summary>Every adapter there is, by provider.</summary>
    public static readonly IReadOnlyDictionary<string, IEspWebhook> Adapters = typeof(IEspWebhook).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IEspWebhook)) && type.GetConstructor(Type.EmptyTypes) is not null)
        .Select(type => (IEspWebhook)Activator.CreateInstance(type)!)
        .ToDictionary(adapter => adapter.Provider);

    /// <summary>Settings any adapter may look at while reading.</summary>
    public static readonly EspConnection Connection = new(
        new Dictionary<string, string>(),
        new Dictionary<string, string>(),
        new Dictionary<string, string>
        {
            ["topic_arn"] = "arn:aws:sns:eu-west-1:123456789012:mail-events",
            ["public_url"] = "https://tracking.example.com",
        },
        HasBasicAuth: true);

    /// <summary>"sendgrid/delivered.json", in order.</summary>
    public static IEnumerable<string> All() => Directory.GetFiles(Root, "*.*", SearchOption.AllDirectories)
        .Where(path => path.EndsWith(".txt", StringComparison.Ordinal)
            || (path.EndsWith(".json", StringComparison.Ordinal) && !path.EndsWith(".expected.json", StringComparison.Ordinal)))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    public static IEspWebhook AdapterOf(string payload) =>
        Adapters.TryGetValue(payload.Split('/')[0], out var adapter) ? adapter : throw new InvalidOperationException($"{payload}: no such ESP");

    public static byte[] Body(string payload) => File.ReadAllBytes(Path.Combine(Root, payload));

    /// <summary>With an id of its own for ESPs that put it in a header.</summary>
    public static WebhookRequest Request(string payload, byte[]? body = null)
    {
        body ??= Body(payload);
        return new WebhookRequest("POST", Headers(
            ("Content-Type", ContentType(payload, body)),
            ("svix-id", $"msg_{Path.GetFileNameWithoutExtension(payload)}"),
            ("webhook-id", $"msg_{Path.GetFileNameWithoutExtension(payload)}")), body);
    }

    public static Dictionary<string, string> Headers(params (string Name, string Value)[] headers) =>
        headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>A connection with these secrets and settings and nothing else.</summary>
    public static EspConnection With(
        (string Key, string Value)[]? secrets = null, (string Key, string Value)[]? previous = null, (string Key, string Value)[]? settings = null, bool basicAuth = false) =>
        new(Dictionary(secrets), Dictionary(previous), Dictionary(settings), basicAuth);

    private static string Root => Path.GetFullPath(Golden.PathOf("Webhooks/Payloads"));

    private static Dictionary<string, string> Dictionary((string Key, string Value)[]? pairs) => (pairs ?? []).ToDictionary(pair => pair.Key, pair => pair.Value);

    private static string ContentType(string payload, byte[] body)
    {
        if (payload.EndsWith(".json", StringComparison.Ordinal))
        {
            return "application/json";
        }

        return body.AsSpan().StartsWith("--"u8)
            ? $"multipart/form-data; boundary={Encoding.ASCII.GetString(body).Split('\n')[0][2..].Trim()}"
            : "application/x-www-form-urlencoded";
    }
}
