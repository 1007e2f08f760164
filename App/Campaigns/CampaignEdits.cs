using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Campaigns;

/// <summary>Making and changing campaigns, for the API and for pages. Content may change only in a draft.</summary>
public sealed class CampaignEdits(IDbContextFactory<ScoreDb> databases, CampaignContents contents, CampaignLocks locks, SendingConnections connections, LiveUpdates live, TimeProvider clock)
{
    private const int SeedLength = 32;

    public async Task<Outcome<CampaignAnswer>> CreateAsync(CampaignBody body, CancellationToken cancellationToken)
    {
        if (await CheckAsync(body, cancellationToken) is { } refused)
        {
            return refused;
        }

        var campaign = new Campaign
        {
            Name = "",
            Status = CampaignStatus.Draft,
            FromEmail = "",
            FromName = "",
            Delivery = "",
            Subject = "",
            Preheader = "",
            Html = "",
            PlainText = "",
            Seed = RandomNumberGenerator.GetBytes(SeedLength),
            CreatedAt = clock.GetUtcNow(),
        };
        Fill(campaign, body);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await AddAsync(db, campaign, cancellationToken);
    }

    /// <summary>What there is to edit; null when there is no such campaign.</summary>
    public async Task<CampaignAnswer?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await CampaignQuery.FindAsync(db, id, cancellationToken);
    }

    /// <summary>Merges <paramref name="patch"/> into the campaign as RFC 7396 says: what is missing stays, null clears.</summary>
    /// <exception cref="JsonException">A member is unknown or of a wrong type.</exception>
    public async Task<Outcome<CampaignAnswer>> PatchAsync(long id, JsonObject patch, CancellationToken cancellationToken)
    {
        using var held = await locks.HoldAsync(id, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.AsTracking().FirstOrDefaultAsync(c => c.Id == id, cancellationToken);
        if (campaign is null)
        {
            return new Refusal.Missing("campaign");
        }

        var merged = Merged(campaign, patch);
        if (campaign.Status != CampaignStatus.Draft && patch.Any(member => member.Key != "name"))
        {
            return new Refusal.State($"The campaign is {campaign.Status}: only its name may still change.");
        }

        if (await CheckAsync(merged, cancellationToken) is { } refused)
        {
            return refused;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (campaign.Status == CampaignStatus.Draft)
        {
            Fill(campaign, merged);
            if (await db.Variants.AnyAsync(v => v.CampaignId == id && v.Recipients > 0, cancellationToken))
            {
                // A start was interrupted while it dealt: the next one deals anew.
                await db.MessageStates.Where(s => s.CampaignId == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.Variant, -1), cancellationToken);
                await db.Deliveries.Where(d => d.CampaignId == id).ExecuteDeleteAsync(cancellationToken);
            }

            await db.Variants.Where(v => v.CampaignId == id).ExecuteDeleteAsync(cancellationToken);
            AddVariants(db, campaign, merged.AbTest);
        }
        else
        {
            campaign.Name = merged.Name!.Trim();
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Signal(id);
        return await CampaignQuery.ReadAsync(db, campaign, cancellationToken);
    }

    /// <summary>A new draft with the same content and test, without recipients.</summary>
    public Task<Outcome<CampaignAnswer>> DuplicateAsync(long id, CancellationToken cancellationToken) =>
        CopyAsync(id, " (copy)", _ => null, cancellationToken);

    /// <summary>A new draft from a campaign, without recipients.</summary>
    /// <param name="mark">Ends its name.</param>
    /// <param name="change">What is to be different; may refuse. Sees the campaign as it is, id and state included.</param>
    internal async Task<Outcome<CampaignAnswer>> CopyAsync(long id, string mark, Func<Campaign, Refusal?> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.FirstOrDefaultAsync(c => c.Id == id, cancellationToken);
        if (campaign is null)
        {
            return new Refusal.Missing("campaign");
        }

        if (change(campaign) is { } refused)
        {
            return refused;
        }

        campaign.Id = 0;
        campaign.Name = campaign.Name[..Math.Min(campaign.Name.Length, CampaignRules.MaxName - mark.Length)] + mark;
        campaign.Status = CampaignStatus.Draft;
        campaign.Seed = RandomNumberGenerator.GetBytes(SeedLength);
        campaign.CreatedAt = clock.GetUtcNow();
        campaign.StartedAt = 0;
        campaign.CompletedAt = 0;
        campaign.ScheduledAt = 0;
        campaign.HeldBecause = "";
        campaign.TestEndsAt = 0;
        campaign.Winner = -1;
        campaign.TestOpen = false;
        campaign.TestAdaptive = false;
        campaign.TestBound = TestDeal.Everybody;
        campaign.TestOutcome = "";
        campaign.Ongoing = false;
        return await AddAsync(db, campaign, cancellationToken);
    }

    /// <summary>What is wrong with a campaign, or null. Whether its connection can send is only known once it is stored.</summary>
    internal Refusal.Faults? Check(CampaignBody body)
    {
        var errors = CampaignRules.Check(body);
        if (errors.Count == 0)
        {
            contents.Check(body, errors);
        }

        return errors.Count == 0 ? null : new Refusal.Faults(errors);
    }

    private async Task<Refusal.Faults?> CheckAsync(CampaignBody body, CancellationToken cancellationToken) =>
        Check(body) is { } refused ? refused
        : PublicId.TryConnection(body.ConnectionId, out var connectionId) && await connections.ErrorAsync(connectionId, cancellationToken) is { } error
            ? new Refusal.Faults("connection_id", error)
            : null;

    private async Task<CampaignAnswer> AddAsync(ScoreDb db, Campaign campaign, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Campaigns.Add(campaign);
        await db.SaveChangesAsync(cancellationToken);
        AddVariants(db, campaign, CampaignJson.AbTest(campaign));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Signal(campaign.Id);
        return await CampaignQuery.ReadAsync(db, campaign, cancellationToken);
    }

    private void Signal(long id) => live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);

    private static void AddVariants(ScoreDb db, Campaign campaign, AbTestBody? test)
    {
        foreach (var variant in Factorial.Variants(test))
        {
            variant.CampaignId = campaign.Id;
            db.Variants.Add(variant);
        }
    }

    private static void Fill(Campaign campaign, CampaignBody body)
    {
        campaign.Name = body.Name!.Trim();
        campaign.FromEmail = Address(body.From!.Email!);
        campaign.FromName = body.From.Name?.Trim() ?? "";
        campaign.ReplyTo = body.ReplyTo is null ? null : Address(body.ReplyTo);
        campaign.TrackOpens = body.TrackOpens ?? true;
        campaign.TrackClicks = body.TrackClicks ?? true;
        campaign.Delivery = body.Delivery ?? CampaignDelivery.External;
        campaign.ConnectionId = PublicId.TryConnection(body.ConnectionId, out var connectionId) ? connectionId : 0;
        if (campaign.ConnectionId == 0)
        {
            campaign.SendWindow = "";
        }

        campaign.Subject = body.Content?.Subject ?? "";
        campaign.Preheader = body.Content?.Preheader ?? "";
        campaign.Html = body.Content?.Html ?? "";
        campaign.PlainText = body.Content?.Text ?? "";
        campaign.Topics = Topics.Write((body.Topics ?? []).Select(topic => topic!.Trim()));
        campaign.AbTest = CampaignJson.Text(body.AbTest);
    }

    private static string Address(string text) =>
        EmailAddress.TryParse(text, out var address) ? address.Value : throw new ArgumentException("Not an email address.", nameof(text));

    private static CampaignBody Merged(Campaign campaign, JsonObject patch)
    {
        var current = JsonSerializer.SerializeToNode(
            new CampaignBody
            {
                Name = campaign.Name,
                From = new SenderBody { Email = campaign.FromEmail, Name = campaign.FromName },
                ReplyTo = campaign.ReplyTo,
                TrackOpens = campaign.TrackOpens,
                TrackClicks = campaign.TrackClicks,
                Content = new ContentBody { Subject = campaign.Subject, Preheader = campaign.Preheader, Html = campaign.Html, Text = campaign.PlainText },
                Topics = Topics.Read(campaign.Topics),
                Delivery = campaign.Delivery,
                ConnectionId = campaign.ConnectionId == 0 ? null : PublicId.Connection(campaign.ConnectionId),
                AbTest = CampaignJson.AbTest(campaign),
            },
            ApiSetup.Json)!.AsObject();
        MergeInto(current, patch);
        try
        {
            return current.Deserialize<CampaignBody>(ApiSetup.Json)!;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text holds half a surrogate pair.", exception);
        }
    }

    private static void MergeInto(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject nested && target[name] is JsonObject inner)
            {
                MergeInto(inner, nested);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }
}
