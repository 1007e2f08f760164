using System.Globalization;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>What a test event says happened.</summary>
public enum SampleKind
{
    Delivered,
    HardBounce,
    Complained,
}

/// <summary>One ESP's requests as this server can make them itself, to try a connection before anything is sent: neutral words, a recipient nobody has, ids of our own.</summary>
internal interface IEspSample
{
    string Provider { get; }

    /// <summary>Only the ESP has the private key, so a sample cannot be signed.</summary>
    bool IsUnsigned => false;

    /// <summary>What this ESP can report, in the order it is offered.</summary>
    IReadOnlyList<SampleKind> Kinds => Enum.GetValues<SampleKind>();

    /// <summary>The request as the ESP would send it, signed with the connection's secret. Basic authentication is added for all alike.</summary>
    WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection);
}

/// <summary>What tells a sample from a real event, and one sample from the next.</summary>
/// <param name="Id">"test-" and letters: the message's id, and the event's where the ESP has such ids.</param>
internal sealed record SampleMark(string Id, DateTimeOffset At)
{
    /// <summary>A domain reserved for examples: nobody can have this address.</summary>
    public const string Recipient = "test@example.com";
    public const string Prefix = "test-";
    public const string Accepted = "250 2.0.0 accepted";
    public const string NoSuchMailbox = "550 5.1.1 no such mailbox";

    /// <summary>Seconds since 1970.</summary>
    public string Unix => At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Milliseconds since 1970.</summary>
    public string UnixMilliseconds => At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
    public string Iso => At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static WebhookRequest Json(string body, params ReadOnlySpan<(string Name, string? Value)> headers) => Post("application/json", body, headers);

    /// <param name="headers">Those without a value are left out.</param>
    public static WebhookRequest Post(string contentType, string body, params ReadOnlySpan<(string Name, string? Value)> headers)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = contentType };
        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }

        return new WebhookRequest(HttpMethods.Post, all, Encoding.UTF8.GetBytes(body));
    }
}

internal static class EspSamples
{
    /// <summary>By provider. A new ESP is a line here.</summary>
    public static readonly IReadOnlyDictionary<string, IEspSample> All = new IEspSample[]
    {
        new AmazonSesSample(),
        new BrevoSample(),
        new GenericSample(),
        new InboundSample(),
        new MailerSendSample(),
        new MailgunSample(),
        new MailjetSample(),
        new MailtrapSample(),
        new MandrillSample(),
        new PostalSample(),
        new PostmarkSample(),
        new ResendSample(),
        new SendGridSample(),
        new SmtpComSample(),
        new SparkPostSample(),
        new UnisenderGoSample(),
    }.ToDictionary(sample => sample.Provider, StringComparer.Ordinal);
}
