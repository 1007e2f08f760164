using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>What of the log is looked at. Comparable, so that a page knows when to read again.</summary>
/// <param name="Cursor">From the <see cref="ReceivedPage"/> seen before; null or unreadable begins with the newest.</param>
public sealed record ReceivedView(ReceivedFilter Filter, string? Cursor)
{
    /// <summary>Reads an address; what it says wrongly means any, for people mend addresses by hand.</summary>
    public static ReceivedView Read(string? type, string? matched, string? cursor) => new(
        new ReceivedFilter(EventTypes.TryParse(type, out var parsed) ? parsed : null, matched switch { "yes" => true, "no" => false, _ => null }), cursor);
}

/// <summary>A page of what a connection sent.</summary>
/// <param name="Previous">Cursor of the page before: "" for the first, null where there is none.</param>
/// <param name="Next">Null on the last page.</param>
public sealed record ReceivedPage(IReadOnlyList<ReceivedRow> Rows, string? Previous, string? Next);

/// <summary>One received event for people.</summary>
/// <param name="Bounce">None unless it is a bounce.</param>
/// <param name="Status">Enhanced status code, "5.1.1".</param>
/// <param name="Words">The reporter's own: a bounce's reason, the receiving server's answer, a clicked URL.</param>
/// <param name="MessageId">0 where no message was found yet.</param>
/// <param name="Campaign">Null where no message was found yet.</param>
/// <param name="Json">As the API shows it, for reading.</param>
public sealed record ReceivedRow(
    long Id,
    DateTimeOffset ReceivedAt,
    EventType Type,
    string? Recipient,
    BounceKind Bounce,
    string? Status,
    string? Words,
    string? EspMessageId,
    bool IsTest,
    long MessageId,
    (long Id, string Name)? Campaign,
    string Json);

/// <summary>What a connection sent, newest first, a page at a time by key.</summary>
public static class ReceivedPageQuery
{
    public const int PageSize = 25;

    // What a cursor points at: the row before the page, or the row behind it.
    private const string Forth = "received-forth";
    private const string Back = "received-back";

    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<ReceivedPage> RunAsync(ScoreDb db, long connectionId, ReceivedView view, CancellationToken cancellationToken)
    {
        var back = PageCursor.TryRead(Back, view.Cursor, parts: 1, out var before) && before is not null;
        long[]? after = null;
        var forth = !back && PageCursor.TryRead(Forth, view.Cursor, parts: 1, out after) && after is not null;
        var rows = ReceivedQuery.Filtered(db, connectionId, view.Filter);

        // The page before is the page after, read the other way round.
        var found = await (back ? rows.Where(r => r.Id > before![0]).OrderBy(r => r.Id)
                : forth ? rows.Where(r => r.Id < after![0]).OrderByDescending(r => r.Id)
                : rows.OrderByDescending(r => r.Id))
            .Take(PageSize + 1).ToListAsync(cancellationToken);
        var more = found.Count > PageSize;
        var page = found.Take(PageSize).ToList();
        if (back)
        {
            page.Reverse();
        }

        return new ReceivedPage(
            await ForPeopleAsync(db, page, cancellationToken),
            page.Count > 0 && (back ? more : forth) ? PageCursor.Write(Back, page[0].Id) : forth ? "" : null,
            page.Count > 0 && (back || more) ? PageCursor.Write(Forth, page[^1].Id) : null);
    }

    private static async Task<List<ReceivedRow>> ForPeopleAsync(ScoreDb db, List<ReceivedEvent> page, CancellationToken cancellationToken)
    {
        var ids = page.Where(r => r.MessageId != 0).Select(r => r.MessageId).Distinct().ToList();
        var campaigns = ids.Count == 0
            ? []
            : await db.Messages.Where(m => ids.Contains(m.Id))
                .Join(db.Campaigns, message => message.CampaignId, campaign => (long?)campaign.Id, (message, campaign) => new { message.Id, campaign = campaign.Id, campaign.Name })
                .ToDictionaryAsync(found => found.Id, found => (found.campaign, found.Name), cancellationToken);
        return [.. page.Select(received => Row(received, campaigns.TryGetValue(received.MessageId, out var campaign) ? campaign : null))];
    }

    private static ReceivedRow Row(ReceivedEvent received, (long Id, string Name)? campaign)
    {
        using var document = JsonReading.Parse(received.Normalised);
        var said = document?.RootElement ?? default;
        var bounce = said.Object("bounce");
        var recipient = said.Text("recipient");
        var words = bounce.Text("reason") ?? said.Text("reason") ?? said.Text("reject_reason") ?? said.Text("mta_response") ?? said.Text("url") ?? said.Text("user_agent");
        var espMessageId = said.Text("esp_message_id");
        var kind = BounceKinds.TryParse(bounce.Text("class"), out var parsed) ? parsed : BounceKind.None;
        return new ReceivedRow(
            received.Id,
            received.ReceivedAt,
            received.Type,
            recipient,
            kind,
            bounce.Text("status"),
            words,
            espMessageId,
            TestEvents.IsTest(recipient, espMessageId, said.Text("event_id"), words),
            received.MessageId,
            campaign,
            ReceivedQuery.Answer(received).ToJsonString(s_pretty));
    }
}
