using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Segments;

/// <summary>Who belongs to a rule by plain C# over the log and the people, without projections and without the program's SQL.</summary>
internal sealed class NaiveSegments
{
    private sealed record Hit(long MessageId, long CampaignId, EventType Type, long At, string Url);

    private readonly List<Contact> _contacts;
    private readonly Dictionary<long, string> _suppressed;
    private readonly HashSet<(long, long)> _onList;
    private readonly ILookup<long, Hit> _hits;
    private readonly Dictionary<long, double?> _ranks;
    private readonly double _halfLife;
    private readonly long _now;
    private readonly DateTimeOffset _clock;

    private NaiveSegments(List<Contact> contacts, Dictionary<long, string> suppressed, HashSet<(long, long)> onList, ILookup<long, Hit> hits, Dictionary<long, double?> ranks, double halfLife, DateTimeOffset now) =>
        (_contacts, _suppressed, _onList, _hits, _ranks, _halfLife, _now, _clock) = (contacts, suppressed, onList, hits, ranks, halfLife, now.ToUnixTimeMilliseconds(), now);

    public static async Task<NaiveSegments> ReadAsync(TestApp app, DateTimeOffset now)
    {
        await using var db = app.Database();
        var contacts = await db.Contacts.OrderBy(contact => contact.Id).ToListAsync();
        var reasons = (await db.Suppressions.ToListAsync()).ToDictionary(s => s.Email, s => s.Reason, StringComparer.OrdinalIgnoreCase);
        var messages = await db.Messages.ToDictionaryAsync(message => message.Id, message => message.ContactId);
        var links = await db.Links.ToDictionaryAsync(link => link.Id, link => link.Url);
        var events = await db.Events.ToListAsync();
        var hits = events.GroupBy(e => e.MessageId).SelectMany(message => Of([.. message.OrderBy(e => e.OccurredAt).ThenBy(e => e.Type)], links).Select(hit => (Contact: messages[message.Key], Hit: hit)));
        return new NaiveSegments(
            contacts,
            contacts.Where(contact => reasons.ContainsKey(contact.Email)).ToDictionary(contact => contact.Id, contact => reasons[contact.Email]),
            [.. (await db.ListMembers.ToListAsync()).Select(member => (member.ListId, member.ContactId))],
            hits.ToLookup(found => found.Contact, found => found.Hit),
            await db.ContactStates.ToDictionaryAsync(state => state.ContactId, state => state.Rank),
            await db.ScoreWeights.OrderByDescending(w => w.Id).Select(w => w.HalfLifeDays).FirstAsync(),
            now);
    }

    public long[] Members(SegmentRule rule) => [.. _contacts.Where(contact => contact.DeletedAt == 0 && Holds(rule, contact)).Select(contact => contact.Id)];

    // What counts of one message, in time.
    private static IEnumerable<Hit> Of(List<EventRow> events, Dictionary<long, string> links)
    {
        var first = new Dictionary<EventType, EventRow>();
        EventRow? bounce = null;
        var (seenPerson, strength) = (false, 0);
        foreach (var e in events)
        {
            var person = e.Verdict is Verdict.Human or Verdict.Proxy && !e.Repeat;
            var hit = new Hit(e.MessageId, e.CampaignId, e.Type, e.OccurredAt, links.GetValueOrDefault(e.LinkId, ""));
            switch (e.Type)
            {
                case EventType.Opened when person:
                    seenPerson = true;
                    yield return hit;
                    break;
                case EventType.Clicked when person:
                    if (!seenPerson)
                    {
                        yield return hit with { Type = EventType.Opened };
                    }

                    seenPerson = true;
                    yield return hit;
                    break;
                case EventType.Replied:
                    yield return hit;
                    break;
                case EventType.Bounced:
                    var kind = e.Bounce switch { BounceKind.Hard => 3, BounceKind.Block => 2, _ => 1 };
                    bounce ??= e;
                    strength = Math.Max(strength, kind);
                    break;
                case EventType.Delivered when strength < 3:
                    (bounce, strength) = (null, 0);
                    first.TryAdd(e.Type, e);
                    break;
                case EventType.Opened or EventType.Clicked:
                    break;
                default:
                    first.TryAdd(e.Type, e);
                    break;
            }
        }

        foreach (var e in first.Values.Append(bounce).OfType<EventRow>())
        {
            yield return new Hit(e.MessageId, e.CampaignId, e.Type, e.OccurredAt, "");
        }
    }

    private bool Holds(SegmentRule rule, Contact contact) => rule switch
    {
        AllOf all => all.Rules.All(each => Holds(each, contact)),
        AnyOf any => any.Rules.Any(each => Holds(each, contact)),
        NoneOf none => !Holds(none.Rule, contact),
        ListRule list => _onList.Contains((list.ListId, contact.Id)) == list.In,
        EventRule happened => Often(happened, contact.Id) >= happened.AtLeast == happened.Done,
        FieldRule { Operator: FieldOperator.NotEqual } field => !Field(field with { Operator = FieldOperator.Equal }, contact),
        FieldRule { Operator: FieldOperator.NotSet } field => !Field(field with { Operator = FieldOperator.Set }, contact),
        FieldRule field => Field(field, contact),
        _ => throw new InvalidOperationException(),
    };

    private int Often(EventRule rule, long contact) => _hits[contact].Count(hit =>
        hit.Type == rule.Event
        && (rule.Within is not { } within || hit.At > _now - (long)within.TotalMilliseconds)
        && (rule.CampaignId is not { } campaign || hit.CampaignId == campaign)
        && (rule.LinkContains is not { } link || hit.Url.Contains(link, StringComparison.OrdinalIgnoreCase)));

    private bool Field(FieldRule rule, Contact contact)
    {
        object? known = rule.Field switch
        {
            "engagement_score" => EngagementScore.ShownAt(_ranks[contact.Id], _clock, _halfLife),
            "email" => contact.Email,
            "customer_id" => contact.CustomerId,
            "created_at" => contact.CreatedAt,
            "suppressed" => _suppressed.ContainsKey(contact.Id),
            "suppression_reason" => _suppressed.GetValueOrDefault(contact.Id),
            "tracking_consent" => contact.TrackingConsent.ToString().ToLowerInvariant(),
            _ => Attribute(contact, rule.Field["attributes.".Length..]),
        };
        if (rule.Operator == FieldOperator.Set || known is null)
        {
            return known is not null;
        }

        var text = known switch { bool truth => truth ? "true" : "false", double number => number.ToString("R", CultureInfo.InvariantCulture), _ => known.ToString()! };
        return rule.Value switch
        {
            TruthValue truth => text.Equals(truth.Holds ? "true" : "false", StringComparison.OrdinalIgnoreCase),
            NumberValue number => known is not bool && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && Compared(rule.Operator, value.CompareTo(number.Number), rule.Upper is NumberValue upper ? value.CompareTo(upper.Number) : 0),
            TextValue part when rule.Operator == FieldOperator.Contains => text.Contains(part.Text, StringComparison.OrdinalIgnoreCase),
            TextValue part when rule.Operator == FieldOperator.StartsWith => text.StartsWith(part.Text, StringComparison.OrdinalIgnoreCase),
            TextValue part when rule.Operator == FieldOperator.EndsWith => text.EndsWith(part.Text, StringComparison.OrdinalIgnoreCase),
            TextValue day when Day(day.Text) is { } from => Day(known is DateTimeOffset at ? at.ToString("o") : text, moment: true) is { } moment && rule.Operator switch
            {
                FieldOperator.Less => moment < from,
                FieldOperator.LessOrEqual => moment < from.AddDays(1),
                FieldOperator.Greater => moment >= from.AddDays(1),
                FieldOperator.GreaterOrEqual => moment >= from,
                FieldOperator.Between => moment >= from && moment < Day(((TextValue)rule.Upper!).Text)!.Value.AddDays(1),
                _ => moment >= from && moment < from.AddDays(1),
            },
            TextValue other => Compared(
                rule.Operator, string.CompareOrdinal(text.ToLowerInvariant(), other.Text.ToLowerInvariant()),
                rule.Upper is TextValue end ? string.CompareOrdinal(text.ToLowerInvariant(), end.Text.ToLowerInvariant()) : 0),
            _ => throw new InvalidOperationException(),
        };
    }

    private static bool Compared(FieldOperator op, int lower, int upper) => op switch
    {
        FieldOperator.Greater => lower > 0,
        FieldOperator.GreaterOrEqual => lower >= 0,
        FieldOperator.Less => lower < 0,
        FieldOperator.LessOrEqual => lower <= 0,
        FieldOperator.Between => lower >= 0 && upper <= 0,
        _ => lower == 0,
    };

    private static DateTimeOffset? Day(string text, bool moment = false) =>
        text.Length >= 10 && (moment || text.Length == 10) && char.IsAsciiDigit(text[0])
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static object? Attribute(Contact contact, string name)
    {
        using var json = JsonDocument.Parse(contact.Attributes);
        return json.RootElement.TryGetProperty(name, out var value) ? value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.GetDouble(),
            _ => value.GetString(),
        } : null;
    }
}
