using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <param name="Subject">Another subject; null keeps the one there is.</param>
/// <param name="AfterHours">How long somebody has had the mail, at least; 24 where it is missing.</param>
public sealed record ResendBody(string? Subject = null, double? AfterHours = null);

/// <summary>The draft that goes to those who did not open.</summary>
/// <param name="Recipients">How many are in it.</param>
/// <param name="Suppressed">Who did not open either, but may not be mailed any more.</param>
/// <param name="NotTracked">Of whom nobody can say: their copy carried no pixel, or they refused tracking since.</param>
public sealed record Resent(string Id, string Name, string Status, long Recipients, long Suppressed, long NotTracked);

/// <summary>
/// Makes a new campaign for those who got an earlier one and did not open it. Only confirmed opens count: a mailbox that
/// loads every picture has not read. The list is that of this moment.
/// </summary>
internal sealed class Resend(SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, CampaignEdits edits, LiveUpdates live, TimeProvider clock)
{
    public const double DefaultAfterHours = 24;
    public const double MaxAfterHours = 720;

    // By recipient, in pages: what is read at once must not keep the log of the database from being trimmed.
    private const string Page = """
        SELECT m.contact_id, c.customer_id, c.email, s.tracked = 0 OR s.consent = $4,
            s.sent_at > 0 AND s.sent_at <= $3 AND s.confirmed_at = 0 AND s.bounced_at = 0 AND s.dropped_at = 0 AND s.unsubscribed_at = 0
                AND s.complained_at = 0 AND s.erased = 0 AND c.deleted_at = 0
        FROM messages m INDEXED BY messages_recipient
        JOIN message_state s ON s.message_id = m.id JOIN contacts c ON c.id = m.contact_id
        WHERE m.campaign_id = $1 AND m.contact_id > $2 ORDER BY m.contact_id LIMIT 20000
        """;

    public async Task<Outcome<Resent>> RunAsync(long id, ResendBody body, CancellationToken cancellationToken)
    {
        if (Check(body) is { } faults)
        {
            return faults;
        }

        int? winner = null;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (await db.Organization.AnyAsync(o => o.TrackingMode != "individual", cancellationToken))
            {
                return new Refusal.State("The organization does not track who opened.");
            }

            winner = await db.Campaigns.Where(c => c.Id == id).Select(c => (int?)c.Winner).FirstOrDefaultAsync(cancellationToken);
        }

        var levels = winner >= 0 ? await LevelsAsync(id, winner.Value, cancellationToken) : null;
        var made = await edits.CopyAsync(id, " (resend)", campaign => Change(campaign, levels, body.Subject), cancellationToken);
        if (made.Value is not { } draft)
        {
            return made.Refused!;
        }

        PublicId.TryCampaign(draft.Id, out var draftId);
        var before = clock.GetUtcNow() - TimeSpan.FromHours(body.AfterHours ?? DefaultAfterHours);

        // Not cancelled: half a list looks like a whole one.
        var (recipients, suppressed, notTracked) = await Task.Run(() => Fill(id, draftId, before), CancellationToken.None);
        live.Signal([LiveTopic.Campaign(draftId), LiveTopic.Campaigns]);
        return new Resent(draft.Id, draft.Name, draft.Status, recipients, suppressed, notTracked);
    }

    private static Refusal.Faults? Check(ResendBody body)
    {
        var errors = new FieldErrors();
        if (body.Subject is not null)
        {
            errors.Line("subject", body.Subject, CampaignRules.MaxSubject, required: true);
        }

        if (body.AfterHours is not (null or (>= 1 and <= MaxAfterHours)))
        {
            errors.Add("after_hours", $"must be 1 to {MaxAfterHours}");
        }

        return errors.ToDictionary() is { Count: > 0 } wrong ? new Refusal.Faults(wrong) : null;
    }

    private async Task<Dictionary<string, string>> LevelsAsync(long id, int position, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var levels = await db.Variants.Where(v => v.CampaignId == id && v.Position == position).Select(v => v.Levels).FirstAsync(cancellationToken);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(levels)!;
    }

    // What won is what goes out again; where nothing did, the test goes on with other people.
    private static Refusal.State? Change(Campaign campaign, Dictionary<string, string>? winner, string? subject)
    {
        if (campaign.StartedAt == 0)
        {
            return new Refusal.State($"The campaign is {campaign.Status}: nobody got it yet.");
        }

        if (!campaign.TrackOpens)
        {
            return new Refusal.State("Opens of the campaign are not tracked.");
        }

        var test = CampaignJson.AbTest(campaign);
        foreach (var factor in winner is null ? [] : test?.Factors ?? [])
        {
            Set(campaign, factor.Field!, factor.Levels!.First(level => level.Key == winner![factor.Field!]).Value ?? "");
        }

        if (subject is not null)
        {
            campaign.Subject = subject;
        }

        campaign.AbTest = winner is null && test is not null ? CampaignJson.Text(Again(test, dropSubject: subject is not null)) : null;
        return null;
    }

    private static void Set(Campaign campaign, string field, string value)
    {
        switch (field)
        {
            case "subject":
                campaign.Subject = value;
                break;
            case "html":
                campaign.Html = value;
                break;
            case "from_name":
                campaign.FromName = value;
                break;
            case "preheader":
                campaign.Preheader = value;
                break;
        }
    }

    private static AbTestBody? Again(AbTestBody test, bool dropSubject)
    {
        FactorBody[] factors = [.. test.Factors!.Where(factor => !dropSubject || factor.Field != "subject")];
        var same = factors.Length == test.Factors!.Count;
        return factors.Length == 0 ? null : test with
        {
            Factors = factors,
            Distribution = same && test.Distribution == "weighted" ? test.Distribution : "equal",
            Weights = same ? test.Weights : null,
            SamplePercent = 100,
            Winner = (test.Winner ?? new WinnerBody()) with { Mode = "manual" },
        };
    }

    private (long Recipients, long Suppressed, long NotTracked) Fill(long id, long draftId, DateTimeOffset before)
    {
        var (recipients, suppressed, notTracked) = (0L, 0L, 0L);
        using var writer = new RecipientWriter(file, erased, draftId, clock, instrument: false);
        using var sql = new RecipientSql(writer.Connection, erased);
        var rows = new List<ContactRow>();
        for (var after = -1L; after != long.MaxValue;)
        {
            (after, var unknown) = ReadPage(sql, id, after, before.ToUnixTimeMilliseconds(), rows);
            notTracked += unknown;
            foreach (var chunk in rows.Chunk(RecipientWriter.MaxRows))
            {
                foreach (var written in writer.Add(chunk) ?? [])
                {
                    recipients += written.Added ? 1 : 0;
                    suppressed += written.SuppressedFor is null ? 0 : 1;
                }
            }
        }

        return (recipients, suppressed, notTracked);
    }

    // Returns the recipient the page ended with, or the largest number at the end.
    private static (long Last, long NotTracked) ReadPage(RecipientSql sql, long id, long after, long before, List<ContactRow> rows)
    {
        rows.Clear();
        sql.Enter(null);
        var (last, notTracked) = (long.MaxValue, 0L);
        using var reader = sql.Command(Page, id, after, before, (long)TrackingConsent.Denied).ExecuteReader();
        while (reader.Read())
        {
            last = reader.GetInt64(0);
            if (!reader.GetBoolean(4))
            {
                continue;
            }

            if (reader.GetBoolean(3))
            {
                notTracked++;
            }
            else
            {
                rows.Add(new ContactRow(reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2), ContactRow.NoData, null));
            }
        }

        return (last, notTracked);
    }
}
