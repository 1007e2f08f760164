using System.Net;
using ScoreTracking.Data;

namespace ScoreTracking.Webhooks;

/// <summary>Gathers what an adapter reads, event by event, and holds each to the limits of the log: an event with a member out of all proportion costs itself, not its batch.</summary>
internal sealed class ReadEvents
{
    private const int MaxText = 2_000;

    // Longer than anything a mail server answers or a browser calls itself: garbage, not a long text to cut.
    private const int Absurd = 65_536;
    private const int MaxUrl = 8_192;
    private const int MaxId = 998;
    private const int MaxFields = 64;

    // RFC 5321 limits an address to 254 characters.
    private const int MaxAddress = 254;

    private readonly List<NormalisedEvent> _events = [];
    private readonly List<string> _unreadable = [];
    private readonly List<Retraction> _retractions = [];
    private int _ignored;

    public void Add(NormalisedEvent reported)
    {
        if (reported.EventId.Length > MaxId || reported.EspMessageId?.Length > MaxId || reported.Recipient?.Length > MaxAddress || reported.Url?.Length > MaxUrl
            || reported.Reason?.Length > Absurd || reported.MtaResponse?.Length > Absurd || reported.UserAgent?.Length > Absurd || reported.Status?.Length > Absurd)
        {
            Unreadable("a member is longer than the log takes");
            return;
        }

        _events.Add(reported with
        {
            Status = Cut(reported.Status),
            Reason = Cut(reported.Reason),
            MtaResponse = Cut(reported.MtaResponse),
            UserAgent = Cut(reported.UserAgent),
            IpAddress = IPAddress.TryParse(reported.IpAddress, out _) ? reported.IpAddress : null,
            Correlation = reported.Correlation.Count > MaxFields || reported.Correlation.Any(field => field.Key.Length + field.Value.Length > MaxText)
                ? reported.Correlation.Where(field => field.Key.Length + field.Value.Length <= MaxText).Take(MaxFields).ToDictionary(StringComparer.Ordinal)
                : reported.Correlation,
            Tags = reported.Tags.Count > MaxFields || reported.Tags.Any(tag => tag.Length > MaxText)
                ? [.. reported.Tags.Where(tag => tag.Length <= MaxText).Take(MaxFields)]
                : reported.Tags,
        });
    }

    /// <summary>Something is taken back. Without a time of its own it says nothing of what came before or after: it is left out.</summary>
    public void Retract(string? recipient, string reason, DateTimeOffset? occurredAt)
    {
        _ignored++;
        RetractAlso(recipient, reason, occurredAt);
    }

    /// <summary>The same event takes back another reason too.</summary>
    public void RetractAlso(string? recipient, string reason, DateTimeOffset? occurredAt)
    {
        if (occurredAt is { } at && EmailAddress.TryParse(recipient, out var address))
        {
            _retractions.Add(new Retraction(address.Value, reason, at));
        }
    }

    /// <summary>An event of a type that is none of ours, or left out on purpose.</summary>
    public void Ignore() => _ignored++;

    public void Unreadable(string why) => _unreadable.Add(why);

    /// <summary>Nothing of the request could be read.</summary>
    public static WebhookReading Nothing(string why) => new([], 0, [why]);

    public WebhookReading ToReading() => new(_events, _ignored, _unreadable) { Retractions = _retractions };

    private static string? Cut(string? text) => text?.Length > MaxText ? text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)] : text;
}
