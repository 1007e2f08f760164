using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Delivery;

/// <summary>Mailgun's messages.mime: the mail as it travels, our id as a variable, its own tracking switched off.</summary>
internal sealed class MailgunTransport(SendingConnection connection, string endpoint, TransportHttp http) : EspTransport(http, "Mailgun")
{
    protected override EspCall Write(IReadOnlyList<Letter> letters)
    {
        var letter = letters[0];

        // 190 bits: no mail holds it by chance or design.
        var boundary = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var body = new ArrayBufferWriter<byte>(letter.Mime.Length + 1024);
        Field("to", letter.Recipient);
        Field("o:tracking", "no");
        if (letter.Mail.OurMessageId is { } ours)
        {
            Field($"v:{OurId}", ours);
        }

        Line($"--{boundary}\r\nContent-Disposition: form-data; name=\"message\"; filename=\"message.eml\"\r\nContent-Type: message/rfc822\r\n\r\n");
        body.Write(letter.Mime.Span);
        Line($"\r\n--{boundary}--\r\n");
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes($"api:{connection.Secret("api_key")}"));
        return new EspCall(
            $"{endpoint}/v3/{Uri.EscapeDataString(connection.Setting("domain")!)}/messages.mime", $"multipart/form-data; boundary={boundary}", body.WrittenSpan.ToArray(), [("Authorization", $"Basic {key}")]);

        void Field(string name, string value) => Line($"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");

        void Line(string text) => body.Write(Encoding.UTF8.GetBytes(text));
    }

    protected override IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters)
    {
        var said = EspJson.Parse(answer.Body);
        var words = said.Text("message") ?? (said is null ? answer.Body : null);
        if (answer.IsSuccess)
        {
            return [Accepted(answer, said.Text("id")?.Trim('<', '>'))];
        }

        return [answer.Status == 400 && words?.Contains("'to' parameter", StringComparison.Ordinal) == true ? Refused(answer, "5.1.3", words)
            : answer.Status == 400 && words?.Contains("sandbox", StringComparison.OrdinalIgnoreCase) == true ? NeedsOperator(answer, words)
            : ByStatus(answer, words)];
    }
}
