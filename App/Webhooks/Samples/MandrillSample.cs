using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A form with one field, signed with HMAC-SHA1 over the URL and the field.</summary>
internal sealed class MandrillSample : IEspSample
{
    public string Provider => "mandrill";

    private const string Field = "mandrill_events";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var (name, state, more) = kind switch
        {
            SampleKind.Delivered => ("delivered", "sent", $""","diag":"{SampleMark.Accepted}" """),
            SampleKind.HardBounce => ("hard_bounce", "bounced", $""","bounce_description":"bad_mailbox","bgtools_code":10,"diag":"smtp;{SampleMark.NoSuchMailbox}" """),
            SampleKind.Complained => ("spam", "spam", ""),
        };
        var events = $$"""
            [{"event":"{{name}}","_id":"{{mark.Id}}","ts":{{mark.Unix}},"msg":{"ts":{{mark.Unix}},"_id":"{{mark.Id}}","state":"{{state}}","email":"{{SampleMark.Recipient}}","subject":"Test","sender":"sender@example.com","tags":["test"],"metadata":{}{{more}} } }]
            """;
        return SampleMark.Post("application/x-www-form-urlencoded", $"{Field}={Uri.EscapeDataString(events)}", ("X-Mandrill-Signature", Sign(connection, events)));
    }

#pragma warning disable CA5350 // Mandrill signs with HMAC-SHA1 and offers nothing else; SHA-1's collisions do not reach HMAC.
    private static string? Sign(EspConnection connection, string events) => connection.Secret("webhook_key") is { } key && connection.Settings.TryGetValue("public_url", out var url)
        ? Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(url + Field + events)))
        : null;
#pragma warning restore CA5350
}
