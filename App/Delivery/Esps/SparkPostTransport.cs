using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Connections;

namespace ScoreTracking.Delivery;

/// <summary>SparkPost's transmissions: the mail as it travels, our id as the recipient's metadata; its own tracking and merge language are switched off.</summary>
internal sealed class SparkPostTransport(SendingConnection connection, string endpoint, TransportHttp http) : EspTransport(http, "SparkPost")
{
    private const string UnconfiguredDomain = "7001";

    protected override EspCall Write(IReadOnlyList<Letter> letters)
    {
        var letter = letters[0];
        var recipient = new JsonObject { ["address"] = new JsonObject { ["email"] = letter.Recipient } };
        if (letter.Mail.OurMessageId is { } ours)
        {
            recipient["metadata"] = new JsonObject { [OurId] = ours };
        }

        var body = new JsonObject
        {
            ["options"] = new JsonObject { ["open_tracking"] = false, ["click_tracking"] = false, ["perform_substitutions"] = false },
            ["recipients"] = new JsonArray(recipient),
            ["content"] = new JsonObject { ["email_rfc822"] = Encoding.UTF8.GetString(letter.Mime.Span) },
        };
        return new EspCall($"{endpoint}/api/v1/transmissions", EspJson.ContentType, EspJson.Bytes(body), [("Authorization", connection.Secret("api_key")!)]);
    }

    protected override IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters)
    {
        var said = EspJson.Parse(answer.Body);
        if (answer.IsSuccess)
        {
            var results = (said as JsonObject)?["results"];
            return [results.Text("total_rejected_recipients") is { } rejected && rejected != "0"
                ? Refused(answer, null, "it rejected the recipient")
                : Accepted(answer, results.Text("id"))];
        }

        var error = said.First("errors");
        var words = string.Join(": ", new[] { error.Text("message"), error.Text("description") }.Where(part => part is { Length: > 0 }));
        return [error.Text("code") == UnconfiguredDomain ? NeedsOperator(answer, words) : ByStatus(answer, words)];
    }
}
