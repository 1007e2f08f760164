using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Live;
using ScoreTracking.Mail;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tracking;

namespace ScoreTracking.Messages;

/// <summary>Makes a single mail: a message and a copy of its own for each recipient. It is sent by whoever asked, or queued.</summary>
internal sealed class MailCopies(
    SqliteFile file, ErasedPeople erased, HeldUnsubscribes held, MessageAddresses addresses, TrackingPolicy policy, MailSenders senders, MailVault vault, SendQueue queue,
    OrganizationSettings organization, LiveUpdates live, TimeProvider clock)
{
    /// <param name="createdBy">The user who wrote it; 0 for a program.</param>
    /// <param name="requestKey">A hash of the request, by which a repetition finds what was made; null where none is expected.</param>
    public async Task<MailOutcome> MakeAsync(MailBody body, long createdBy, byte[]? requestKey, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        MailRules.Check(errors, body);
        SendingConnection? via = null;
        if (body.Send == true)
        {
            (via, var error) = await senders.FindAsync(body.ConnectionId, cancellationToken);
            if (via is null)
            {
                errors.Add("connection_id", error);
            }
        }

        // Synchronous from here on, as SQLite is: not on the thread of a page.
        return await Task.Run(() => Make(body, via, createdBy, requestKey, errors), cancellationToken);
    }

    private MailOutcome Make(MailBody body, SendingConnection? via, long createdBy, byte[]? requestKey, FieldErrors errors)
    {
        var html = Compile(errors, body);
        if (!errors.None)
        {
            return new MailOutcome.Faults(errors.ToDictionary());
        }

        _ = EmailAddress.TryParse(body.From!.Email, out var from); // The rules have seen that it is one.
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        using var transaction = connection.BeginTransaction();
        commands.Enter(transaction);
        var sql = new MailSql(commands);
        var rows = Read(errors, body.To!, sql);
        if (!errors.None)
        {
            return new MailOutcome.Faults(errors.ToDictionary());
        }

        var contacts = new ContactSql(commands, erased);
        var suppressed = new Dictionary<string, string[]>();
        for (var i = 0; i < rows.Count; i++)
        {
            if ((contacts.Find(rows[i]).SuppressedFor ?? held.ReasonFor(rows[i].Email)) is { } reason)
            {
                suppressed[$"to[{i}]"] = [reason];
            }
        }

        if (suppressed.Count > 0)
        {
            return new MailOutcome.Suppressed(suppressed);
        }

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var made = requestKey is null ? null : sql.FindMade(requestKey, now);
        var mailId = made?.MailId ?? sql.InsertMail(body, from.Value, createdBy, requestKey, now);
        var people = new Dictionary<long, int>();
        var copies = new List<InstrumentedMail>(rows.Count);
        var queued = new List<long>();
        var files = MailFileRules.Read(body.Attachments);
        for (var i = 0; i < rows.Count; i++)
        {
            // Looked for one by one: the one before may have brought the customer id this one goes by.
            var found = contacts.Find(rows[i]);
            var contactId = contacts.Write(found, rows[i], now);
            if (!people.TryAdd(contactId, i))
            {
                return new MailOutcome.Faults(new() { [$"to[{i}]"] = [$"the same person as to[{people[contactId]}]"] });
            }

            var untracked = Untracked(body, html, from, rows[i], found);
            var messageId = made?.Messages.GetValueOrDefault(rows[i].Email) ?? 0;
            var isNew = messageId == 0;
            messageId = isNew ? sql.InsertMessage(mailId, contactId, rows[i].Email, untracked, now) : messageId;
            var links = untracked is null && body.TrackClicks != false ? sql.Links(messageId, html!.Links) : null;
            var copy = new Copy(messageId, rows[i].Email, rows[i].CustomerId ?? found.CustomerId, found.Merged, untracked, links);
            copies.Add(Render(body, html, from, copy));

            // Queued with the message or not at all: what a repeated request finds may have been sent long ago.
            if (via is not null && isNew)
            {
                sql.KeepContent(messageId, via.Id, vault.Close(Waiting(copies[^1], ContactName.Of(found.Merged), files)));
                queued.Add(messageId);
            }
        }

        if (via is not null)
        {
            SendQueue.Enqueue(connection, transaction, campaignId: 0, via.Id, clock.GetUtcNow(), queued);
        }

        transaction.Commit();
        if (queued.Count > 0)
        {
            queue.Wake();
        }

        live.Signal([LiveTopic.Mails, LiveTopic.Contacts, .. people.Keys.Select(LiveTopic.Contact)]);
        return new MailOutcome.Made(copies);
    }

    private WaitingMail Waiting(InstrumentedMail copy, string? name, IReadOnlyList<OutgoingAttachment> files) => new(
        copy.From.Email!,
        copy.From.Name is { Length: > 0 } from ? from : null,
        copy.Email,
        name,
        copy.Subject,
        copy.Html.Length > 0 ? copy.Html : null,
        copy.Text.Length > 0 || copy.Html.Length == 0 ? copy.Text : null,
        TimeZoneInfo.ConvertTime(clock.GetUtcNow(), organization.Current.Zone),
        copy.EnvelopeFrom,
        addresses.ListUnsubscribe(PublicId.TryMessage(copy.MessageId, out var id) ? id : 0),
        [.. files.Select(file => new WaitingFile(file.FileName, file.ContentType, file.Content.ToArray()))]);

    private MailTemplate? Compile(FieldErrors errors, MailBody body)
    {
        Note("subject", TextTemplate.Compile(body.Subject ?? "").Fault);
        Note("text", TextTemplate.Compile(body.Text ?? "").Fault);
        if (string.IsNullOrWhiteSpace(body.Html))
        {
            return null;
        }

        try
        {
            var template = MailTemplate.Compile(body.Html, new RewriteOptions(body.TrackOpens != false, body.TrackClicks != false, addresses.OwnHosts));
            Note("html", template.Fault);
            return template;
        }
        catch (MailTemplateException refused)
        {
            errors.Add("html", refused.Message);
            return null;
        }

        void Note(string field, string? fault)
        {
            if (fault is not null)
            {
                errors.Add(field, fault);
            }
        }
    }

    private static List<ContactRow> Read(FieldErrors errors, IReadOnlyList<MailRecipient?> to, MailSql sql)
    {
        var rows = new List<ContactRow>(to.Count);
        var emails = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < to.Count; i++)
        {
            var email = to[i] is { Email: null, CustomerId: { } customerId } ? sql.EmailOf(customerId) : to[i]?.Email;
            if (!ContactRow.TryRead(to[i]?.CustomerId, email, to[i]?.Data, to[i]?.TrackingConsent, out var row, out var member))
            {
                errors.Add($"to[{i}].{member}", email is null && member == "email" ? "required" : member == "email" ? "not an email address" : "not valid");
            }
            else if (!emails.Add(row.Email))
            {
                errors.Add($"to[{i}].email", "is named twice");
            }
            else
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    // The sender's own copy opens at every look into the folder of sent mail: it must not count. Where hits are kept without
    // names there is nothing a single mail could count, so its copy is as plain as where nothing is tracked.
    private string? Untracked(MailBody body, MailTemplate? html, EmailAddress from, in ContactRow row, in FoundContact found)
    {
        if (html is null)
        {
            return InstrumentedMail.NoHtml;
        }

        if (string.Equals(row.Email, from.Value, StringComparison.OrdinalIgnoreCase))
        {
            return InstrumentedMail.OwnCopy;
        }

        if (body.TrackOpens == false && (body.TrackClicks == false || html.Links.Count == 0))
        {
            return InstrumentedMail.TrackingOff;
        }

        return policy.For(found.ConsentWith(row)) switch
        {
            TrackingLevel.Individual => null,
            _ when policy.Current.Mode != TrackingMode.Individual => InstrumentedMail.ByMode,
            _ => InstrumentedMail.NoConsent,
        };
    }

    private InstrumentedMail Render(MailBody body, MailTemplate? html, EmailAddress from, Copy copy)
    {
        var tracked = copy.Untracked is null;
        var unsubscribe = addresses.Unsubscribe(copy.MessageId);
        var values = new MailValues(
            copy.LinkIds is { } ids ? position => addresses.Click(copy.MessageId, ids[position - 1]) : null,
            tracked && body.TrackOpens != false ? addresses.Open(copy.MessageId) : null,
            unsubscribe,
            MergeField.Values(copy.Attributes, copy.Email, copy.CustomerId))
        {
            FillsAll = body.Send == true,
        };
        return new InstrumentedMail(
            PublicId.Message(copy.MessageId),
            copy.Email,
            copy.CustomerId,
            body.Send == true,
            tracked,
            copy.Untracked,
            new MailSender(from.Value, body.From!.Name),
            TextTemplate.Compile(body.Subject ?? "").RenderLine(values),
            html?.Render(values) ?? "",
            Text(body, html, values),
            addresses.EnvelopeFrom(copy.MessageId),
            addresses.Reply(copy.MessageId),
            addresses.Headers(copy.MessageId),
            copy.LinkIds is null ? [] : [.. html!.Links.Select(link => new InstrumentedLink(PublicId.Link(copy.LinkIds[link.Position - 1]), link.Position, link.Url))]);
    }

    // What others send is theirs to complete.
    private static string Text(MailBody body, MailTemplate? html, MailValues values) =>
        !string.IsNullOrWhiteSpace(body.Text) ? TextTemplate.Compile(body.Text).Render(values)
        : body.Send == true && html is not null ? html.RenderText(values)
        : body.Text ?? "";

    /// <param name="LinkIds">By position − 1; null where links stay as written.</param>
    private sealed record Copy(long MessageId, string Email, string? CustomerId, string Attributes, string? Untracked, long[]? LinkIds);
}
