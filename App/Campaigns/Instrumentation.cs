using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>What is asked for one recipient: the campaign's content, or content of the caller's own.</summary>
public sealed record InstrumentBody
{
    public string? CustomerId { get; init; }

    /// <summary>May be missing for a customer id we know.</summary>
    public string? Email { get; init; }
    public System.Text.Json.JsonElement? Data { get; init; }
    public string? TrackingConsent { get; init; }
    public string? Html { get; init; }
    public string? Text { get; init; }

    // A method: as a property, JSON could name it.
    public RecipientBody ToRecipient() => new() { CustomerId = CustomerId, Email = Email, Data = Data, TrackingConsent = TrackingConsent };
}

/// <summary>Makes recipients' own copies of a campaign. The first call locks its content and starts it; unknown recipients are added.</summary>
internal sealed class Instrumentation(
    SqliteFile file, ErasedPeople erased, HeldUnsubscribes held, IDbContextFactory<ScoreDb> databases, CampaignStart start, CampaignContents contents, MailRenderer renderer, LiveUpdates live, TimeProvider clock)
{
    /// <summary>Most recipients of one batch.</summary>
    public const int MaxBatch = 1_000;

    public async Task<Outcome<Instrumented>> OneAsync(long campaignId, InstrumentBody body, CancellationToken cancellationToken)
    {
        if (Check(body) is { } faults)
        {
            return faults;
        }

        var ready = await ReadyAsync(campaignId, cancellationToken);
        if (ready.Value is not { } content)
        {
            return ready.Refused!;
        }

        if (body is { Html: null, Text: null } && content.Variants[0].Html is null && !content.HasText)
        {
            return NoContent;
        }

        OwnContent? own = null;
        if (body.Html is not null || body.Text is not null)
        {
            MailTemplate? template = null;
            if (body.Html is { } html && (template = contents.TryCompileOwn(html, content, out var error)) is null)
            {
                return new Refusal.Faults("html", error);
            }

            var text = body.Text is null ? null : TextTemplate.Compile(body.Text);
            if (text?.Fault is { } wrong)
            {
                return new Refusal.Faults("text", wrong);
            }

            own = new OwnContent(
                template, text, new HtmlDocument(CampaignLinks.Own, template?.Links ?? []));
        }

        using var writer = new RecipientWriter(file, erased, campaignId, clock, instrument: true, held);
        if (!RecipientBody.TryRead(WithEmail(writer.Connection, body.ToRecipient()), out var row, out var fault))
        {
            return new Refusal.Faults(fault, body.Email is null && fault == "email" ? "required" : "not valid");
        }

        if (Write(writer, content, [row], own) is not { } written)
        {
            return Stopped;
        }

        return written[0] switch
        {
            { SuppressedFor: Written.TopicsRefused } => new Refusal.State("The recipient wants no mail on the campaign's topics."),
            { SuppressedFor: { } reason } => new Refusal.State($"The address is suppressed: {reason}."),
            { IsWaiting: true } => Waiting,
            _ => renderer.Render(content, row, written[0], own),
        };
    }

    /// <summary>Prepares up to <see cref="MaxBatch"/> copies; they are written one by one as the answer is sent.</summary>
    public async Task<Outcome<InstrumentedBatch>> BatchAsync(long campaignId, IReadOnlyList<RecipientBody?> recipients, CancellationToken cancellationToken)
    {
        var ready = await ReadyAsync(campaignId, cancellationToken);
        if (ready.Value is not { } content)
        {
            return ready.Refused!;
        }

        if (content.Variants[0].Html is null && !content.HasText)
        {
            return NoContent;
        }

        using var writer = new RecipientWriter(file, erased, campaignId, clock, instrument: true, held);
        var lines = new InstrumentedBatch.Line[recipients.Count];
        var rows = new List<ContactRow>(recipients.Count);
        for (var i = 0; i < lines.Length; i++)
        {
            var recipient = WithEmail(writer.Connection, recipients[i]);
            if (RecipientBody.TryRead(recipient, out var row, out var error))
            {
                lines[i] = new InstrumentedBatch.Line(rows.Count, null);
                rows.Add(row);
            }
            else
            {
                lines[i] = new InstrumentedBatch.Line(-1, new NotInstrumented(recipient?.CustomerId, recipient?.Email, error));
            }
        }

        return Write(writer, content, rows.ToArray(), own: null) is { } written
            ? new InstrumentedBatch(renderer, content, lines, [.. rows], written)
            : Stopped;
    }

    private static Refusal Stopped => new Refusal.State("The campaign was stopped in the meantime.");

    private static Refusal Waiting => new Refusal.State("The recipient waits for the end of the campaign's test: ask again once its winner is chosen.");

    private static Refusal NoContent => new Refusal.Faults("content", "the campaign has neither HTML nor text");

    private static Refusal.Faults? Check(InstrumentBody body)
    {
        var errors = new FieldErrors();
        errors.Document("html", body.Html, CampaignRules.MaxHtml);
        errors.Document("text", body.Text, CampaignRules.MaxText);
        return errors.None ? null : new Refusal.Faults(errors.ToDictionary());
    }

    // A recipient the caller only names by customer id gets the mail at the address we know.
    private static RecipientBody? WithEmail(SqliteConnection connection, RecipientBody? recipient)
    {
        if (recipient is not { Email: null, CustomerId: { } customerId })
        {
            return recipient;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT email FROM contacts WHERE customer_id = $1";
        command.Parameters.AddWithValue("$1", customerId);
        return recipient with { Email = command.ExecuteScalar() as string };
    }

    private async Task<Outcome<CampaignContent>> ReadyAsync(long campaignId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.Where(c => c.Id == campaignId).Select(c => new { c.Status, c.Delivery }).FirstOrDefaultAsync(cancellationToken);
        var status = campaign?.Status;
        if (campaign?.Delivery == CampaignDelivery.Smtp)
        {
            return new Refusal.State("This server sends the campaign itself: a copy made for somebody else to send would reach its recipient twice.");
        }

        if (status == CampaignStatus.Draft)
        {
            if (await start.RunAsync(campaignId, cancellationToken) is { } refused)
            {
                return refused;
            }
        }
        else if (status is not (CampaignStatus.Running or CampaignStatus.Testing))
        {
            return status is null ? new Refusal.Missing("campaign") : new Refusal.State($"The campaign is {status}: nothing may be sent.");
        }

        return await contents.GetAsync(campaignId, cancellationToken);
    }

    private Written[]? Write(RecipientWriter writer, CampaignContent content, ContactRow[] rows, OwnContent? own)
    {
        var written = writer.Add(rows, (transaction, written) =>
        {
            if (own is not null && written[0] is { SuppressedFor: null, IsWaiting: false })
            {
                own.Document.LinkIds = CampaignLinks.Ids(writer.Connection, transaction, content.Id, CampaignLinks.Own, own.Document.Links);
            }

            Decide(writer, content, written, own);
        });
        if (written?.Any(recipient => recipient.Added) == true)
        {
            live.Signal([LiveTopic.Campaign(content.Id), LiveTopic.Contacts]);
        }

        return written;
    }

    private void Decide(RecipientWriter writer, CampaignContent content, Written[] written, OwnContent? own)
    {
        var copies = new List<(Written Recipient, bool Tracked, bool Withheld)>(written.Length);
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] is { SuppressedFor: null, IsWaiting: false })
            {
                var (wanted, withheld) = renderer.Tracking(content, written[i], own);
                copies.Add((written[i], wanted && !withheld, withheld));
                written[i] = written[i] with { Withheld = withheld };
            }
        }

        writer.MarkTracked(copies);
    }
}

/// <summary>The copies of a batch: written to the database, not yet rendered.</summary>
internal sealed class InstrumentedBatch(
    MailRenderer renderer, CampaignContent content, InstrumentedBatch.Line[] lines, ContactRow[] rows, Written[] written)
{
    public int Count => lines.Length;

    /// <returns>An <see cref="Instrumented"/> or a <see cref="NotInstrumented"/>.</returns>
    public object Render(int line)
    {
        var (row, refused) = lines[line];
        if (refused is not null)
        {
            return refused;
        }

        return written[row] switch
        {
            { SuppressedFor: Written.TopicsRefused } => Not("topics"),
            { SuppressedFor: not null } => Not("suppressed"),
            { IsWaiting: true } => Not("waiting"),
            _ => renderer.Render(content, rows[row], written[row], own: null),
        };

        NotInstrumented Not(string error) => new(rows[row].CustomerId, rows[row].CustomerId is null ? rows[row].Email : null, error);
    }

    /// <param name="Row">Index of its row, −1 where it was refused.</param>
    public readonly record struct Line(int Row, NotInstrumented? Refused);
}
