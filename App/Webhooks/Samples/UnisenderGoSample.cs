using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>A group of one. The MD5 of the body with the API key in its place stands inside the body.</summary>
internal sealed class UnisenderGoSample : IEspSample
{
    public string Provider => "unisender_go";

    private const string AuthPlace = "AUTH";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var (status, delivery, answer) = kind switch
        {
            SampleKind.Delivered => ("delivered", "ok", SampleMark.Accepted),
            SampleKind.HardBounce => ("hard_bounced", "err_user_unknown", SampleMark.NoSuchMailbox),
            SampleKind.Complained => ("spam", "ok", SampleMark.Accepted),
        };
        var time = mark.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var body = $$$"""
            {"auth":"{{{AuthPlace}}}","events_by_user":[{"user_id":1,"events":[{"event_name":"transactional_email_status","event_data":{"job_id":"{{{mark.Id}}}","email":"{{{SampleMark.Recipient}}}","status":"{{{status}}}","event_time":"{{{time}}}","metadata":{},"delivery_info":{"delivery_status":"{{{delivery}}}","destination_response":"{{{answer}}}"} } }]}]}
            """;
        return SampleMark.Json(body.Replace(AuthPlace, Sign(body, connection), StringComparison.Ordinal));
    }

#pragma warning disable CA5351 // Unisender Go signs with MD5 and offers nothing else.
    private static string Sign(string body, EspConnection connection) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(body.Replace(AuthPlace, connection.Secret("api_key") ?? "", StringComparison.Ordinal))));
#pragma warning restore CA5351
}
