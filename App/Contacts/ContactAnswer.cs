using System.Data.Common;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Contacts;

/// <summary>A person, as the API and the pages show them.</summary>
/// <param name="CustomerId">The caller's own id; null where none was given.</param>
/// <param name="Data">Their attributes: strings, numbers and booleans.</param>
/// <param name="EngagementScore">0 to 100, as of now.</param>
/// <param name="LastEngagedAt">The latest confirmed open, click or reply; null without one.</param>
/// <param name="SoftStreak">Messages in a row that ended in a soft bounce.</param>
/// <param name="TrackingConsent">granted, denied or unknown.</param>
/// <param name="Consent">How that answer was given.</param>
/// <param name="RefusedTopics">What the person wants no mail about.</param>
/// <param name="Suppression">Why the address gets no mail; null where it does.</param>
public sealed record ContactAnswer(
    string Id,
    string? CustomerId,
    string Email,
    JsonElement Data,
    double EngagementScore,
    DateTimeOffset? LastEngagedAt,
    long SoftStreak,
    string TrackingConsent,
    ContactConsent Consent,
    IReadOnlyList<string> RefusedTopics,
    ContactSuppression? Suppression,
    DateTimeOffset CreatedAt)
{
    /// <summary>The columns <see cref="Read"/> expects, in order.</summary>
    internal const string Columns = """
        c.id, c.customer_id, c.email, c.attributes, k.rank, k.rank_at, k.soft_streak, c.tracking_consent, c.consent_at, c.consent_method, c.consent_wording,
        s.reason, s.source, s.note, s.created_at, c.created_at, c.refused_topics
        """;

    /// <summary>What a contact c refers to. In this order, so that a walk's is kept.</summary>
    internal const string Joins = "CROSS JOIN contact_state k ON k.contact_id = c.id LEFT JOIN suppressions s ON s.email = c.email";

    /// <param name="at">The first of the columns.</param>
    internal static ContactAnswer Read(DbDataReader row, int at, ScoreClock score)
    {
        using var data = JsonDocument.Parse(row.GetString(at + 3));
        return new ContactAnswer(
            PublicId.Contact(row.GetInt64(at)),
            row.IsDBNull(at + 1) ? null : row.GetString(at + 1),
            row.GetString(at + 2),
            data.RootElement.Clone(),
            score.Shown(row.IsDBNull(at + 4) ? null : row.GetDouble(at + 4)),
            Time(row.GetInt64(at + 5)),
            row.GetInt64(at + 6),
            ((TrackingConsent)row.GetInt64(at + 7)).Name(),
            new ContactConsent(Time(row.GetInt64(at + 8)), row.GetString(at + 9), row.GetString(at + 10)),
            Topics.Read(row.GetString(at + 16)),
            row.IsDBNull(at + 11) ? null : new ContactSuppression(row.GetString(at + 11), row.GetString(at + 12), row.GetString(at + 13), Time(row.GetInt64(at + 14))),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(at + 15)));
    }

    private static DateTimeOffset? Time(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <summary>How a person answered about tracking.</summary>
/// <param name="At">Null without an answer.</param>
/// <param name="Method">api, import, manual, unsubscribe_page or the caller's own word; "" where nobody said.</param>
/// <param name="Wording">What the person agreed to or refused, as far as known.</param>
public sealed record ContactConsent(DateTimeOffset? At, string Method, string Wording);

/// <summary>Why an address gets no mail.</summary>
/// <param name="Source">webhook, tracking_link, api, manual, csv_import or smtp; "" of an erased person, of whom no more is known.</param>
public sealed record ContactSuppression(string Reason, string Source, string Note, DateTimeOffset? CreatedAt);
