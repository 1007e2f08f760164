using ScoreTracking.Delivery;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Delivery;

/// <summary>A letter with everything a letter can have.</summary>
internal static class SomeLetter
{
    public static Letter To(string recipient, long messageId = 7, Func<OutgoingMail, OutgoingMail>? change = null)
    {
        var mail = new OutgoingMail
        {
            From = new Mailbox("news@acme.example", "Acme, \"News\""),
            To = [new Mailbox("ann@example.net", "Ann")],
            ReplyTo = new Mailbox("help@acme.example", null),
            Subject = "Grüße – {{not a field}}",
            Html = "<p>Hello <a href=\"https://t.acme.example/c/1\">there</a></p>",
            Text = "Hello there\r\n.\r\n",
            Date = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
            MessageId = "m1@acme.example",
            OurMessageId = $"msg_{messageId}",
            ListUnsubscribe = ["https://t.acme.example/u/1", "mailto:u@in.acme.example"],
            OneClickUnsubscribe = true,
            Headers = [new("Feedback-ID", "c1:acme")],
        };
        mail = change?.Invoke(mail) ?? mail;
        return new Letter(messageId, recipient, "bounce@acme.example", mail, MimeWriter.Write(mail));
    }
}
