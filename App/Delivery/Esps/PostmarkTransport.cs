using System.Text.Json.Nodes;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Postmark's batches: different mails in one request, and an answer for each. Its own tracking is switched off.</summary>
internal sealed class PostmarkTransport(SendingConnection connection, string endpoint, TransportHttp http) : EspTransport(http, "Postmark")
{
    // Postmark takes 500 mails or 50 MB. Fewer, because a request whose answer is lost leaves all of its letters uncertain.
    private const int Most = 50;

    private const int BadToken = 10;
    private const int Maintenance = 100;
    private const int InvalidRequest = 300;
    private const int InactiveRecipient = 406;

    // Sender not known or not confirmed, out of credits, stream archived or unknown, account not approved: of the account, not of the letter.
    private static readonly HashSet<int> s_account = [400, 401, 405, 412, 413, 1224, 1235, 1236];

    public override int MaxBatch => Most;

    protected override EspCall Write(IReadOnlyList<Letter> letters) => new(
        $"{endpoint}/email/batch",
        EspJson.ContentType,
        EspJson.Bytes(new JsonArray([.. letters.Select(Message)])),
        [("X-Postmark-Server-Token", connection.Secret("server_token")!), ("Accept", EspJson.ContentType)]);

    protected override IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters)
    {
        var said = EspJson.Parse(answer.Body);
        if (!answer.IsSuccess)
        {
            // Nothing was looked at letter by letter: too large together, or not understood.
            var words = said.Text("Message");
            var handOff = answer.Status is 413 or 422 && letters.Count > 1 ? NeedsOperator(answer, words)
                : answer.Status == 422 ? ByCode(answer, Code(said), words)
                : ByStatus(answer, words);
            return [.. letters.Select(_ => handOff)];
        }

        // An answer that does not say what became of each letter says it of none.
        return said is JsonArray results && results.Count == letters.Count
            ? [.. results.Select(result => Code(result) == 0 ? Accepted(answer, result.Text("MessageID")) : ByCode(answer, Code(result), result.Text("Message")))]
            : [.. letters.Select(_ => Uncertain(answer, "its answer cannot be read, so it may have the mail or not"))];
    }

    private HandOff ByCode(EspAnswer answer, int code, string? words) => code switch
    {
        BadToken => NeedsOperator(answer, words),
        Maintenance => Busy(answer, words),
        InactiveRecipient => Refused(answer, null, words),
        InvalidRequest when words?.Contains("'To'", StringComparison.Ordinal) == true => Refused(answer, "5.1.3", words),
        InvalidRequest when words?.Contains("'From'", StringComparison.Ordinal) == true => NeedsOperator(answer, words),
        _ when s_account.Contains(code) => NeedsOperator(answer, words),
        _ => Refused(answer, "5.6.0", words),
    };

    // -1 where it names none: that is no success.
    private static int Code(JsonNode? result) => int.TryParse(result.Text("ErrorCode"), out var code) ? code : -1;

    private JsonObject Message(Letter letter)
    {
        var mail = letter.Mail;
        var message = new JsonObject
        {
            ["From"] = EspJson.Text(mail.From),
            ["To"] = EspJson.Text(EspJson.To(letter)),
            ["Subject"] = MailLines.OneLine(mail.Subject, MailLimits.Line) ?? "",
            ["TrackOpens"] = false,
            ["TrackLinks"] = "None",
            ["MessageStream"] = connection.Setting("message_stream") ?? "outbound",

            // Without X-PM-KeepID the Message-ID would be replaced, and replies and bounces would name one we do not know.
            ["Headers"] = new JsonArray([.. EspJson.Headers(mail).Append(("X-PM-KeepID", "true")).Select(header => new JsonObject { ["Name"] = header.Item1, ["Value"] = header.Item2 })]),
        };
        if (mail.Html is { } html)
        {
            message["HtmlBody"] = html;
        }

        if (mail.Text is { } text)
        {
            message["TextBody"] = text;
        }

        if (mail.ReplyTo is { } replyTo)
        {
            message["ReplyTo"] = EspJson.Text(replyTo);
        }

        if (mail.OurMessageId is { } ours)
        {
            message["Metadata"] = new JsonObject { [OurId] = ours };
        }

        if (mail.Attachments.Count > 0)
        {
            message["Attachments"] = new JsonArray([.. mail.Attachments.Select(file => new JsonObject
            {
                ["Name"] = file.FileName,
                ["Content"] = Convert.ToBase64String(file.Content.Span),
                ["ContentType"] = file.ContentType,
            })]);
        }

        return message;
    }
}
