using System.Text;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Load;

/// <summary>What smtp-sink kept of a campaign, read with our own reader of mail.</summary>
/// <param name="Twice">Mails to somebody who had one already.</param>
/// <param name="Faulty">Mails without our id, without pixel or List-Unsubscribe, with a link left as written, with links that are another recipient's, or without them in its plain text.</param>
internal sealed record ArrivedMails(IReadOnlySet<string> Recipients, int Twice, int Faulty)
{
    private const string Envelope = "X-Rcpt-Args: <";

    public static ArrivedMails Read(SmtpSink sink, CancellationToken cancellationToken)
    {
        var recipients = new HashSet<string>();
        var owners = new Dictionary<string, string>();
        var (twice, faulty) = (0, 0);
        foreach (var read in sink.Mails().AsParallel().WithCancellation(cancellationToken).Select(ReadOne))
        {
            if (read is not { } mail)
            {
                continue;
            }

            twice += recipients.Add(mail.Recipient) ? 0 : 1;
            faulty += mail.IsWhole && mail.Addresses.All(address => owners.TryAdd(address, mail.Recipient) || owners[address] == mail.Recipient) ? 0 : 1;
        }

        return new ArrivedMails(recipients, twice, faulty);
    }

    // Null for what smtp-source sent.
    private static (string Recipient, bool IsWhole, IReadOnlyList<string> Addresses)? ReadOne(string raw)
    {
        var mail = MimeReader.Read(Encoding.Latin1.GetBytes(raw));
        if (mail.Headers["X-ST-Message-ID"] is not { } id)
        {
            return null;
        }

        var start = raw.IndexOf(Envelope, StringComparison.Ordinal) + Envelope.Length;
        var recipient = raw[start..raw.IndexOf('>', start)];
        var (source, text) = (Part(mail, "text/html"), Part(mail, "text/plain"));
        var addresses = source.Split('"').Where(value => value.Contains("/o/", StringComparison.Ordinal) || value.Contains("/c/", StringComparison.Ordinal) || value.Contains("/api/track/", StringComparison.Ordinal)).ToList();
        var isWhole = addresses.Count == 3
            && !source.Contains("acme.example/", StringComparison.Ordinal)
            && source.Contains($"Dear Ann{recipient["ann".Length..recipient.IndexOf('@', StringComparison.Ordinal)]},", StringComparison.Ordinal)
            && addresses.Where(address => address.Contains("/c/", StringComparison.Ordinal)).All(address => text.Contains(address, StringComparison.Ordinal))
            && mail.Headers["List-Unsubscribe"] is not null;
        return (recipient, isWhole, [id, .. addresses]);
    }

    private static string Part(MimePart mail, string type) =>
        mail.Leaves.FirstOrDefault(part => part.Type.Name == type) is { } found ? Encoding.UTF8.GetString(found.Content(MailLimits.MailBytes).Span) : "";
}
