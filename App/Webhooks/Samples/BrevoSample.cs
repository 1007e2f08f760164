using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>One event per request, with the bearer token where there is one.</summary>
internal sealed class BrevoSample : IEspSample
{
    public string Provider => "brevo";

    public WebhookRequest Make(SampleKind kind, SampleMark mark, EspConnection connection)
    {
        var what = kind switch
        {
            SampleKind.Delivered => """ "event":"delivered" """,
            SampleKind.HardBounce => $""" "event":"hard_bounce","reason":"{SampleMark.NoSuchMailbox}" """,
            SampleKind.Complained => """ "event":"spam" """,
        };
        return SampleMark.Json(
            $$"""{ {{what}},"email":"{{SampleMark.Recipient}}","id":1,"ts_epoch":{{mark.UnixMilliseconds}},"message-id":"{{mark.Id}}","subject":"Test","tags":["test"]}""",
            ("Authorization", connection.Secret("bearer_token") is { } token ? $"Bearer {token}" : null));
    }
}
