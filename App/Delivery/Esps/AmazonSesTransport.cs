using System.Text.Json.Nodes;
using ScoreTracking.Connections;

namespace ScoreTracking.Delivery;

/// <summary>Amazon SES, version 2: the mail as it travels, our id as a tag.</summary>
internal sealed class AmazonSesTransport(SendingConnection connection, string endpoint, TransportHttp http, TimeProvider time) : EspTransport(http, "Amazon SES")
{
    private const string Path = "/v2/email/outbound-emails";

    protected override EspCall Write(IReadOnlyList<Letter> letters)
    {
        var letter = letters[0];
        var body = new JsonObject
        {
            ["Destination"] = new JsonObject { ["ToAddresses"] = new JsonArray(letter.Recipient) },
            ["Content"] = new JsonObject { ["Raw"] = new JsonObject { ["Data"] = Convert.ToBase64String(letter.Mime.Span) } },
        };
        if (letter.Mail.OurMessageId is { } ours)
        {
            body["EmailTags"] = new JsonArray(new JsonObject { ["Name"] = OurId, ["Value"] = ours });
        }

        if (connection.Setting("configuration_set") is { } set)
        {
            body["ConfigurationSetName"] = set;
        }

        var bytes = EspJson.Bytes(body);
        var url = new Uri(endpoint + Path);
        var signature = new AwsSignature(connection.Secret("access_key_id")!, connection.Secret("secret_access_key")!, connection.Setting("region")!, "ses");
        return new EspCall(url.AbsoluteUri, EspJson.ContentType, bytes, signature.Sign("POST", url, [("content-type", EspJson.ContentType)], bytes, time.GetUtcNow()));
    }

    protected override IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters)
    {
        var said = EspJson.Parse(answer.Body);
        if (answer.IsSuccess)
        {
            return [Accepted(answer, said.Text("MessageId"))];
        }

        // "MessageRejected:http://internal.amazon.com/…" in the header, a name in the body.
        var type = (answer.Header("x-amzn-ErrorType") ?? said.Text("__type") ?? "").Split(':')[0].Split('#')[^1];
        var words = said.Text("message") ?? said.Text("Message") ?? type;
        return [type switch
        {
            "TooManyRequestsException" or "LimitExceededException" or "ThrottlingException" => Busy(answer, words),
            "AccountSuspendedException" or "SendingPausedException" or "MailFromDomainNotVerifiedException" or "NotFoundException" => NeedsOperator(answer, words),
            "MessageRejected" when words.Contains("not verified", StringComparison.Ordinal) => NeedsOperator(answer, words),
            _ => ByStatus(answer, words),
        }];
    }
}
