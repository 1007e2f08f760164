using System.Text.Json.Nodes;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>SendGrid's Mail Send, version 3. Its own tracking is switched off: two pixels and twice rewritten links help nobody.</summary>
internal sealed class SendGridTransport(SendingConnection connection, string endpoint, TransportHttp http) : EspTransport(http, "SendGrid")
{
    protected override EspCall Write(IReadOnlyList<Letter> letters)
    {
        var mail = letters[0].Mail;
        var content = new JsonArray();
        Part("text/plain", mail.Text);
        Part("text/html", mail.Html);
        var personal = new JsonObject { ["to"] = new JsonArray(Address(EspJson.To(letters[0]))) };
        if (mail.OurMessageId is { } ours)
        {
            personal["custom_args"] = new JsonObject { [OurId] = ours };
        }

        var body = new JsonObject
        {
            ["personalizations"] = new JsonArray(personal),
            ["from"] = Address(mail.From),
            ["subject"] = MailLines.OneLine(mail.Subject, MailLimits.Line) ?? "(no subject)",
            ["content"] = content,
            ["headers"] = new JsonObject(EspJson.Headers(mail).DistinctBy(header => header.Name, StringComparer.OrdinalIgnoreCase).Select(header => KeyValuePair.Create(header.Name, (JsonNode?)header.Value))),
            ["tracking_settings"] = new JsonObject
            {
                ["click_tracking"] = new JsonObject { ["enable"] = false, ["enable_text"] = false },
                ["open_tracking"] = new JsonObject { ["enable"] = false },
                ["subscription_tracking"] = new JsonObject { ["enable"] = false },
            },
        };
        if (mail.ReplyTo is { } replyTo)
        {
            body["reply_to"] = Address(replyTo);
        }

        if (mail.Attachments.Count > 0)
        {
            body["attachments"] = new JsonArray([.. mail.Attachments.Select(file => new JsonObject
            {
                ["content"] = Convert.ToBase64String(file.Content.Span),
                ["type"] = file.ContentType,
                ["filename"] = file.FileName,
                ["disposition"] = "attachment",
            })]);
        }

        return new EspCall($"{endpoint}/v3/mail/send", EspJson.ContentType, EspJson.Bytes(body), [("Authorization", $"Bearer {connection.Secret("api_key")}")]);

        void Part(string type, string? text)
        {
            if (text is { Length: > 0 })
            {
                content.Add(new JsonObject { ["type"] = type, ["value"] = text });
            }
        }
    }

    protected override IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters)
    {
        if (answer.IsSuccess)
        {
            return [Accepted(answer, answer.Header("X-Message-Id"))];
        }

        var error = EspJson.Parse(answer.Body).First("errors");
        var (field, words) = (error.Text("field"), error.Text("message"));
        return [(answer.Status, field) switch
        {
            (400, { } of) when of.StartsWith("personalizations", StringComparison.Ordinal) && of.EndsWith("email", StringComparison.Ordinal) => Refused(answer, "5.1.3", words),
            (400, { } of) when of.StartsWith("from", StringComparison.Ordinal) => NeedsOperator(answer, words),
            _ => ByStatus(answer, words),
        }];
    }

    private static JsonObject Address(Mailbox mailbox) => EspJson.Name(mailbox) is { } name
        ? new JsonObject { ["email"] = mailbox.Address, ["name"] = name }
        : new JsonObject { ["email"] = mailbox.Address };
}
