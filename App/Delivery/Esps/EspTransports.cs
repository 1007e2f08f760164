using Microsoft.Extensions.Options;
using ScoreTracking.Connections;

namespace ScoreTracking.Delivery;

/// <summary>ESPs that take mail over HTTP: a new one is a line here, and its fields in Connections.</summary>
public sealed class EspTransports(TransportHttp http, IOptions<TransportOptions> options, TimeProvider time)
{
    /// <exception cref="ArgumentException">Nothing can be handed to connections of this provider.</exception>
    internal ITransport Open(SendingConnection connection) => connection.Provider switch
    {
        "sendgrid" => new SendGridTransport(connection, At(connection, "https://api.sendgrid.com", ("eu", "https://api.eu.sendgrid.com")), http),
        "mailgun" => new MailgunTransport(connection, At(connection, "https://api.mailgun.net", ("eu", "https://api.eu.mailgun.net")), http),
        "postmark" => new PostmarkTransport(connection, At(connection, "https://api.postmarkapp.com"), http),
        "amazon_ses" => new AmazonSesTransport(connection, At(connection, $"https://email.{connection.Setting("region")}.amazonaws.com"), http, time),
        "sparkpost" => new SparkPostTransport(connection, At(connection, "https://api.sparkpost.com", ("eu", "https://api.eu.sparkpost.com")), http),
        _ => throw new ArgumentException("Nothing can be handed to connections of this provider.", nameof(connection)),
    };

    /// <summary>Whether an interface can be reached at such an address.</summary>
    internal static bool IsEndpoint(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && url.Query.Length == 0;

    private string At(SendingConnection connection, string usual, params (string Region, string Endpoint)[] others) =>
        (options.Value.Endpoints.GetValueOrDefault(connection.Provider) is { Length: > 0 } given ? given
            : others.FirstOrDefault(other => other.Region == connection.Setting("region")).Endpoint ?? usual).TrimEnd('/');
}
