using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>
/// Writes a mail as it travels: CRLF line ends, ASCII in lines of at most 78 characters unless an address or a link is longer.
/// The same mail gives the same bytes. Only an address whose local part is international brings UTF-8 into the header; such a mail
/// needs a server with SMTPUTF8.
/// </summary>
public static class MimeWriter
{
    private const int MaxFieldName = 60;

    // Most newsletters; what was written into is used again for the next mail of the thread.
    private const int KeptOutput = 256 * 1024;

    // RFC 6838 allows two names of 127; those of office documents have over 60 together.
    private const int MaxType = 127;

    // Written from properties, by whoever signs, or by servers on the way.
    private static readonly HashSet<string> s_ownFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post",
        "Return-Path", "Received", "DKIM-Signature", "Authentication-Results", ReturnedMessage.IdHeader,
    };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_output;

    /// <summary>The Message-ID of a message of ours, always the same one: "msg_…@domain".</summary>
    /// <param name="ourMessageId">Letters, digits, ".", "_" and "-".</param>
    /// <exception cref="ArgumentException">One of the two is not what it should be.</exception>
    public static string MessageId(string ourMessageId, string domain) =>
        ourMessageId.Length is 0 or > 200 || !ourMessageId.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            ? throw new ArgumentException("Not the id of a message.", nameof(ourMessageId))
            : $"{ourMessageId}@{WireAddress.Host(domain) ?? throw new ArgumentException("Not a domain.", nameof(domain))}";

    /// <exception cref="ArgumentException">
    /// An address, a header name, an id or a link cannot be written, or there is neither HTML nor text. Names, subjects and texts never fail:
    /// what no line may hold becomes a space.
    /// </exception>
    public static byte[] Write(OutgoingMail mail)
    {
        if (mail.Html is null && mail.Text is null)
        {
            throw new ArgumentException("A mail needs HTML or text.", nameof(mail));
        }

        var output = t_output ??= new ArrayBufferWriter<byte>(KeptOutput);
        output.ResetWrittenCount();
        WriteHeader(new HeaderWriter(output), mail);
        if (mail.Attachments.Count == 0)
        {
            WriteBody(output, mail);
        }
        else
        {
            var boundary = Boundary(mail, "m");
            BeginMultipart(output, "multipart/mixed", boundary);
            Delimit(output, boundary);
            WriteBody(output, mail);
            foreach (var attachment in mail.Attachments)
            {
                Delimit(output, boundary);
                WriteAttachment(output, attachment);
            }

            EndMultipart(output, boundary);
        }

        if (!output.WrittenSpan.EndsWith("\r\n"u8))
        {
            output.Write("\r\n"u8);
        }

        var written = output.WrittenSpan.ToArray();
        if (output.Capacity > KeptOutput)
        {
            t_output = null;
        }

        return written;
    }

    private static void WriteHeader(HeaderWriter header, OutgoingMail mail)
    {
        header.Begin("Date").Word(mail.Date.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + mail.Date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)).End();
        header.Begin("From").Mailboxes([Checked(mail.From, "From")]).End();
        if (mail.ReplyTo is { } replyTo)
        {
            header.Begin("Reply-To").Mailboxes([Checked(replyTo, "Reply-To")]).End();
        }

        if (mail.To.Count == 0)
        {
            header.Begin("To").Word("undisclosed-recipients:;").End();
        }
        else
        {
            header.Begin("To").Mailboxes([.. mail.To.Select(mailbox => Checked(mailbox, "To"))]).End();
        }

        if (mail.Cc.Count > 0)
        {
            header.Begin("Cc").Mailboxes([.. mail.Cc.Select(mailbox => Checked(mailbox, "Cc"))]).End();
        }

        header.Begin("Subject").Text(mail.Subject).End();
        header.Begin("Message-ID").Word($"<{Id(mail.MessageId, "Message-ID")}>").End();
        if (mail.OurMessageId is { } ours)
        {
            header.Begin(ReturnedMessage.IdHeader).Word(Id(ours, ReturnedMessage.IdHeader)).End();
        }

        WriteListUnsubscribe(header, mail);
        foreach (var (name, value) in mail.Headers)
        {
            header.Begin(FieldName(name)).Value(value).End();
        }

        header.Begin("MIME-Version").Word("1.0").End();
    }

    private static void WriteListUnsubscribe(HeaderWriter header, OutgoingMail mail)
    {
        if (mail.OneClickUnsubscribe && !mail.ListUnsubscribe.Any(link => link.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException("One-click unsubscribe needs an https address.", nameof(mail));
        }

        if (mail.ListUnsubscribe.Count == 0)
        {
            return;
        }

        header.Begin("List-Unsubscribe");
        for (var index = 0; index < mail.ListUnsubscribe.Count; index++)
        {
            header.Word($"<{Link(mail.ListUnsubscribe[index])}>{(index < mail.ListUnsubscribe.Count - 1 ? "," : "")}");
        }

        header.End();
        if (mail.OneClickUnsubscribe)
        {
            header.Begin("List-Unsubscribe-Post").Word("List-Unsubscribe=One-Click").End();
        }
    }

    private static void WriteBody(ArrayBufferWriter<byte> output, OutgoingMail mail)
    {
        if (mail.Html is null || mail.Text is null)
        {
            WriteText(output, mail.Html is null ? "text/plain" : "text/html", mail.Html ?? mail.Text!);
            return;
        }

        // The plain text first: readers show the last one they understand.
        var boundary = Boundary(mail, "a");
        BeginMultipart(output, "multipart/alternative", boundary);
        Delimit(output, boundary);
        WriteText(output, "text/plain", mail.Text);
        Delimit(output, boundary);
        WriteText(output, "text/html", mail.Html);
        EndMultipart(output, boundary);
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string type, string text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented));
        var encoding = TransferEncoding.Of(bytes);
        var header = new HeaderWriter(output);
        header.Begin("Content-Type").Word($"{type};").Word("charset=utf-8").End();
        header.Begin("Content-Transfer-Encoding").Word(encoding).End();
        output.Write("\r\n"u8);
        TransferEncoding.Write(output, bytes, encoding);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void WriteAttachment(ArrayBufferWriter<byte> output, OutgoingAttachment attachment)
    {
        var name = HeaderWriter.Clean(attachment.FileName).Replace('/', '_').Replace('\\', '_');
        if (name.Length is 0 or > OutgoingAttachment.MaxFileName)
        {
            throw new ArgumentException("An attachment needs a file name of at most 200 characters.", nameof(attachment));
        }

        var header = new HeaderWriter(output);
        header.Begin("Content-Type").Word(AttachmentType(attachment.ContentType)).End();
        header.Begin("Content-Disposition").Word("attachment;").Parameter("filename", name).End();
        header.Begin("Content-Transfer-Encoding").Word(TransferEncoding.InBase64).End();
        output.Write("\r\n"u8);
        TransferEncoding.WriteBase64(output, attachment.Content.Span);
    }

    private static void BeginMultipart(ArrayBufferWriter<byte> output, string type, string boundary)
    {
        new HeaderWriter(output).Begin("Content-Type").Word($"{type};").Word($"boundary=\"{boundary}\"").End();
    }

    // The line end in front of the dashes belongs to them: a part without one at its end stays so.
    private static void Delimit(ArrayBufferWriter<byte> output, string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}\r\n", output);

    private static void EndMultipart(ArrayBufferWriter<byte> output, string boundary) => Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n", output);

    // "=_" is in neither base64 nor quoted-printable, and 7bit lines that begin with it are not sent as such.
    private static string Boundary(OutgoingMail mail, string kind) =>
        $"=_{kind}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(mail.MessageId)).AsSpan(0, 12))}";

    private static (WireAddress Address, string? Name) Checked(Mailbox mailbox, string field) =>
        WireAddress.TryParse(mailbox.Address, out var address) ? (address, mailbox.Name) : throw new ArgumentException($"{field} holds no address that can be written.", nameof(mailbox));

    private static string Id(string text, string field) =>
        text.Length is > 0 and <= HeaderWriter.MaxWord && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny('<', '>')
            ? text
            : throw new ArgumentException($"{field} is no id that can be written.", nameof(text));

    private static string Link(string text) =>
        text.Length is > 0 and <= HeaderWriter.MaxWord && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny("<>,\"")
        && (text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            ? text
            : throw new ArgumentException("List-Unsubscribe takes http, https and mailto links in ASCII.", nameof(text));

    private static string FieldName(string name) =>
        name.Length is > 0 and <= MaxFieldName && name.All(character => character is > ' ' and <= '~' and not ':')
        && !s_ownFields.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("Resent-", StringComparison.OrdinalIgnoreCase)
            ? name
            : throw new ArgumentException("That header field is not for callers to set.", nameof(name));

    private static string AttachmentType(string type)
    {
        var isType = type.Length <= MaxType && type.Split('/') is [{ Length: > 0 } main, { Length: > 0 } sub] && (main + sub).All(character => char.IsAsciiLetterOrDigit(character) || "!#$&^_.+-".Contains(character));
        return isType && !type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("message/", StringComparison.OrdinalIgnoreCase) ? type.ToLowerInvariant() : "application/octet-stream";
    }
}
