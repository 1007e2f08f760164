using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Campaigns;

/// <summary>Somebody in an audience.</summary>
/// <param name="Excluded">Also in one that is left out.</param>
internal readonly record struct AudienceMember(long ContactId, bool Excluded, TrackingConsent Consent);

/// <summary>Reads an audience by contact, in short reads. For one thread at a time.</summary>
internal sealed class AudienceReader : IDisposable
{
    private readonly WriteConnection _connection;
    private readonly Statement _next;
    private readonly Statement _figures;

    /// <param name="now">The moment rules look back from.</param>
    /// <param name="campaignId">What the figures are for.</param>
    public AudienceReader(SqliteFile file, AudienceRules rules, DateTimeOffset now, long campaignId)
    {
        _connection = new WriteConnection(file.Path, "query_only=1", "wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-16000");
        try
        {
            var clock = new SegmentMembership(_connection).Clock(now);
            var include = SegmentSql.Translate(rules.Include, clock, "i");
            var except = rules.Except is null ? new SegmentQuery("0", []) : SegmentSql.Translate(rules.Except, clock, "x");
            _next = _connection.Prepare($"""
                SELECT segk.contact_id, {except.Where}, segc.tracking_consent FROM {SegmentQuery.From}
                WHERE segk.contact_id > $after AND {include.Where} ORDER BY segk.contact_id LIMIT $limit
                """);

            // Few differ in more than these, so a range comes down to a handful of rows.
            _figures = _connection.Prepare($"""
                SELECT {except.Where}, segk.suppressed, segc.tracking_consent, segc.refused_topics,
                    EXISTS (SELECT 1 FROM messages m WHERE m.campaign_id = $campaign AND m.contact_id = segk.contact_id), count(*)
                FROM {SegmentQuery.From} WHERE segk.contact_id > $after AND segk.contact_id <= $until AND {include.Where} GROUP BY 1, 2, 3, 4, 5
                """).Bind("$campaign", campaignId);
            foreach (var (name, value) in include.Parameters.Concat(except.Parameters))
            {
                _next.Bind(name, value);
                _figures.Bind(name, value);
            }
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The next members behind a contact; none at the end.</summary>
    public List<AudienceMember> Next(long after, int limit)
    {
        var members = new List<AudienceMember>();
        _next.Bind("$after", after).Bind("$limit", limit);
        while (_next.Step())
        {
            members.Add(new AudienceMember(_next.Number(0), _next.Number(1) != 0, (TrackingConsent)_next.Number(2)));
        }

        _next.Reset();
        return members;
    }

    /// <summary>The highest id a contact has.</summary>
    public long Last() => _connection.Prepare("SELECT max(contact_id) FROM contact_state").Scalar() ?? 0;

    /// <summary>Adds up the members among a range of contacts.</summary>
    /// <param name="after">The contact before the first.</param>
    /// <param name="until">The last.</param>
    public AudienceFigures Add(AudienceFigures figures, long after, long until, bool takesDenied, IReadOnlyList<string> topics)
    {
        _figures.Bind("$after", after).Bind("$until", until);
        while (_figures.Step())
        {
            var people = _figures.Number(5);
            var refuses = (!takesDenied && (TrackingConsent)_figures.Number(2) == TrackingConsent.Denied) || Topics.AllRefused(topics, Topics.Read(_figures.Text(3)));
            figures = figures with { Included = figures.Included + people };
            figures = (Excluded: _figures.Number(0) != 0, Suppressed: _figures.Number(1) != 0, refuses, Known: _figures.Number(4) != 0) switch
            {
                { Excluded: true } => figures with { Excluded = figures.Excluded + people },
                { Suppressed: true } => figures with { Suppressed = figures.Suppressed + people },
                { refuses: true } => figures with { NotConsenting = figures.NotConsenting + people },
                { Known: true } => figures with { Duplicates = figures.Duplicates + people },
                _ => figures,
            };
        }

        _figures.Reset();
        return figures;
    }

    public void Dispose() => _connection.Dispose();
}

/// <summary>What an audience comes to for a campaign, as things are now. Whoever is left out for several reasons counts for the first.</summary>
/// <param name="Included">In one of the segments and lists.</param>
/// <param name="Excluded">Of those, in one that is left out.</param>
/// <param name="Suppressed">On the suppression list.</param>
/// <param name="NotConsenting">Refused what the campaign is about, or to be tracked.</param>
/// <param name="Duplicates">In the campaign already.</param>
public sealed record AudienceFigures(long Included, long Excluded, long Suppressed, long NotConsenting, long Duplicates)
{
    public static AudienceFigures None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Who would be added.</summary>
    public long Recipients => Included - Excluded - Suppressed - NotConsenting - Duplicates;
}

/// <summary>Foresees an import.</summary>
internal sealed class AudienceEstimate(SqliteFile file, Microsoft.EntityFrameworkCore.IDbContextFactory<ScoreDb> databases, TimeProvider clock)
{
    // About 50 ms: what a cancelled estimate still takes.
    private const long Range = 32_768;

    /// <param name="progress">Contacts looked at, and how many there are.</param>
    /// <returns>Null where the campaign, a segment or a list is gone.</returns>
    public async Task<AudienceFigures?> RunAsync(long campaignId, Audience audience, IProgress<(long Looked, long Total)>? progress, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.FindAsync([campaignId], cancellationToken);
        if (campaign is null || await audience.RulesAsync(db, cancellationToken) is not { } rules)
        {
            return null;
        }

        var topics = Topics.Read(campaign.Topics);
        var now = clock.GetUtcNow();
        return await Task.Run(
            () =>
            {
                using var reader = new AudienceReader(file, rules, now, campaignId);
                var last = reader.Last();
                var figures = AudienceFigures.None;
                for (var after = 0L; after < last; after += Range)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    figures = reader.Add(figures, after, Math.Min(after + Range, last), audience.TakesDenied, topics);
                    progress?.Report((Math.Min(after + Range, last), last));
                }

                return figures;
            },
            cancellationToken);
    }
}
