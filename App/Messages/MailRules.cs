using System.Text;
using ScoreTracking.Api;

namespace ScoreTracking.Messages;

/// <summary>What a single mail may say.</summary>
internal static class MailRules
{
    /// <summary>A mail to more people is a campaign.</summary>
    public const int MaxRecipients = 100;
    public const int MaxName = 200;

    /// <summary>RFC 5322 limits a header line to 998 characters.</summary>
    public const int MaxSubject = 998;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxHtml = 5 * 1024 * 1024;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxText = 1024 * 1024;

    /// <summary>All copies with their files together, in bytes: they are answered, or stored, at once.</summary>
    public const long MaxCopies = 50 * 1024 * 1024;

    /// <summary>Notes every fault by the path of its field, but those of the recipients, who are looked up first.</summary>
    public static void Check(FieldErrors errors, MailBody body)
    {
        if (body.From is null)
        {
            errors.Add("from", "required");
        }
        else
        {
            errors.Address("from.email", body.From.Email ?? "");
            errors.Line("from.name", body.From.Name, MaxName, required: false);
        }

        if (body.To is not { Count: > 0 })
        {
            errors.Add("to", "required");
        }
        else if (body.To.Count > MaxRecipients)
        {
            errors.Add("to", $"more than {MaxRecipients} recipients: make it a campaign");
        }

        errors.Line("subject", body.Subject, MaxSubject, required: false);
        errors.Document("html", body.Html, MaxHtml);
        errors.Document("text", body.Text, MaxText);
        if (string.IsNullOrWhiteSpace(body.Html) && string.IsNullOrWhiteSpace(body.Text))
        {
            errors.Add("html", "html or text is required");
        }

        var files = MailFileRules.Check(errors, body.Attachments);
        if (body.Send != true && body.Attachments is { Count: > 0 })
        {
            errors.Add("attachments", "only with send: whoever sends the copies from the answer attaches files by themselves");
        }

        if (body.Send != true && body.ConnectionId is not null)
        {
            errors.Add("connection_id", "only with send");
        }

        if (errors.None && body.To!.Count * (files + Encoding.UTF8.GetByteCount(body.Html ?? "") + Encoding.UTF8.GetByteCount(body.Text ?? "")) > MaxCopies)
        {
            errors.Add("to", $"the copies are larger than {MaxCopies / 1024 / 1024} MB together: make it a campaign{(files > 0 ? ", or link to the files instead" : "")}");
        }
    }
}
