using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>Raw mail by HTTP POST: bounces, complaints, replies and unsubscribes by mail. Basic authentication is checked before; what the mail says is read by the host.</summary>
public sealed class InboundWebhook : IEspWebhook
{
    public const string Name = "inbound";

    public string Provider => Name;

    public ConnectionShape Shape { get; } = new(
        "Inbound mail",
        Secrets: [],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "Choose a mailbox that receives bounces and replies, and a program that posts each raw message as it arrives: a pipe transport of Postfix, a Sieve script, an ESP's inbound route that delivers raw MIME.",
            "Have it POST the untouched message to {url}, with the user name and password of this connection.",
            "Send one of your mails to an address that does not exist: its bounce shows here within seconds.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        connection.HasBasicAuth ? Authenticity.Genuine : Authenticity.Forged("this connection has no basic authentication");

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        request.Method == HttpMethods.Post && request.Body.Length > 0 ? new WebhookReading([]) { Mails = [request.Body] } : new WebhookReading([]);
}
