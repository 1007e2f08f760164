using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Experiments;

namespace ScoreTracking.Campaigns;

/// <summary>A campaign as the API writes it.</summary>
public sealed record CampaignAnswer(
    string Id, string Name, string Status, SenderBody From, string? ReplyTo, bool TrackOpens, bool TrackClicks, string Delivery,
    ContentBody Content, IReadOnlyList<string> Topics, AbTestBody? AbTest, IReadOnlyList<VariantAnswer> Variants,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt)
{
    /// <summary>What the mail is handed to; null where the caller sends.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>When it starts by itself; null unless it is scheduled.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>The hours in which mail may leave; null for all.</summary>
    public SendWindowBody? Window { get; init; }

    /// <summary>Why it waits for a person's word; null where it does not.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Journeys send it: it stays open for whoever comes next, until the last of them is archived.</summary>
    public bool Ongoing { get; init; }

    /// <summary>Where its test stands; null without one that has an end.</summary>
    public TestPhase? TestPhase { get; init; }

    /// <param name="variants">In order of their position.</param>
    public static CampaignAnswer Of(Campaign campaign, IReadOnlyList<Variant> variants) => new(
        PublicId.Campaign(campaign.Id),
        campaign.Name,
        campaign.Status,
        new SenderBody { Email = campaign.FromEmail, Name = campaign.FromName },
        campaign.ReplyTo,
        campaign.TrackOpens,
        campaign.TrackClicks,
        campaign.Delivery,
        new ContentBody { Subject = campaign.Subject, Preheader = campaign.Preheader, Html = campaign.Html, Text = campaign.PlainText },
        Data.Topics.Read(campaign.Topics),
        CampaignJson.AbTest(campaign),
        campaign.AbTest is null ? [] : [.. variants.Select(VariantAnswer.Of)],
        campaign.CreatedAt,
        StoredTime.OrNull(campaign.StartedAt),
        StoredTime.OrNull(campaign.CompletedAt))
    {
        ConnectionId = campaign.ConnectionId == 0 ? null : PublicId.Connection(campaign.ConnectionId),
        ScheduledAt = campaign.Status == CampaignStatus.Scheduled ? StoredTime.OrNull(campaign.ScheduledAt) : null,
        Window = SendWindowBody.Read(campaign.SendWindow) is { } window ? SendWindowBody.Of(window) : null,
        HeldBecause = campaign.HeldBecause.Length > 0 ? campaign.HeldBecause : null,
        Ongoing = campaign.Ongoing,
        TestPhase = TestPhase.Of(campaign),
    };
}

/// <summary>One cell of the test.</summary>
/// <param name="Id">Level keys joined by dots, in the order of the factors.</param>
/// <param name="Weight">Share of recipients, to four decimals; of an adaptive test, of those who are dealt next.</param>
/// <param name="Recipients">How many were dealt to it so far.</param>
public sealed record VariantAnswer(string Id, JsonObject Levels, double Weight, long Recipients)
{
    public static VariantAnswer Of(Variant variant) =>
        new(variant.Key, JsonNode.Parse(variant.Levels)!.AsObject(), Math.Round(variant.Weight, 4), variant.Recipients);
}

/// <summary>A campaign in a list: without its content.</summary>
/// <param name="ScheduledAt">When it starts by itself; null unless it is scheduled.</param>
/// <param name="HeldBecause">Why it waits for a person's word; null where it does not.</param>
public sealed record CampaignRow(
    string Id, string Name, string Status, SenderBody From, string Subject, string Delivery,
    DateTimeOffset CreatedAt, DateTimeOffset? ScheduledAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, string? HeldBecause);

/// <summary>Parts of a campaign that are stored as JSON.</summary>
internal static class CampaignJson
{
    public static AbTestBody? AbTest(Campaign campaign) =>
        campaign.AbTest is null ? null : JsonSerializer.Deserialize<AbTestBody>(campaign.AbTest, ApiSetup.Json);

    public static string? Text(AbTestBody? test) => test is null ? null : JsonSerializer.Serialize(test, ApiSetup.Json);
}
