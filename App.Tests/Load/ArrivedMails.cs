using System.Text;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Load;

/// <summary>What smtp-sink kept of a campaign, read with our own reader of mail.</summary>
/// <param name="Twice">Mails to somebody who had one already.</param>
/// <param name="Faulty">Mails without our id, without pixel or List-Unsubscribe, with a link left as written, or with links that are another recipient's.</param>
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
        var html = mail.Leaves.FirstOrDefault(part => part.Type.Name == "text/html");
        var source = html is null ? "" : Encoding.UTF8.GetString(html.Content(MailLimits.MailBytes).Span);
        var addresses = source.Split('"').Where(value => value.Contains("/o/", StringComparison.Ordinal) || value.Contains("/c/", StringComparison.Ordinal) || value.Contains("/api/track/", StringComparison.Ordinal)).ToList();
        var isWhole = addresses.Count == 3
            && !source.Contains("acme.example/", StringComparison.Ordinal)
            && source.Contains($"Dear Ann{recipient["ann".Length..recipient.IndexOf('@', StringComparison.Ordinal)]},", StringComparison.Ordinal)
            && mail.Headers["List-Unsubscribe"] is not null;
        return (recipient, isWhole, [id, .. addresses]);
    }
}
