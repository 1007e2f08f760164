namespace ScoreTracking.Mail;

/// <summary>Finds addresses with a token of ours in headers.</summary>
internal static class OurAddresses
{
    private const int MaxTokens = 20;

    // What the last server noted first: To is only what the sender wrote.
    private static readonly string[] s_delivered =
        ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Rcpt-To", "X-Forwarded-To", "To", "Cc", "Resent-To"];

    private static readonly string[] s_returned = ["Return-Path", "X-Return-Path", "Errors-To", "Reply-To", "Sender", "From", "List-Unsubscribe"];

    /// <summary>Where a mail was delivered to.</summary>
    public static IReadOnlyList<VerpAddress> InDelivered(MimeHeaders headers)
    {
        var found = new List<VerpAddress>();
        Add(found, headers, s_delivered);

        // "Received: … for <bounce+token@acme.example>; date": where no server noted it otherwise.
        foreach (var received in headers.All("Received"))
        {
            var start = received.IndexOf(" for <", StringComparison.OrdinalIgnoreCase);
            var end = start < 0 ? -1 : received.IndexOf('>', start);
            Add(found, end < 0 ? null : received[(start + 6)..end]);
        }

        return found;
    }

    /// <summary>What a returned message of ours carried.</summary>
    public static IReadOnlyList<VerpAddress> InReturned(MimeHeaders headers)
    {
        var found = new List<VerpAddress>();
        Add(found, headers, s_returned);
        return found;
    }

    public static void Add(List<VerpAddress> found, string? address)
    {
        if (found.Count < MaxTokens && VerpAddress.TryParse(address, out var verp) && !found.Contains(verp))
        {
            found.Add(verp);
        }
    }

    private static void Add(List<VerpAddress> found, MimeHeaders headers, string[] names)
    {
        foreach (var name in names)
        {
            foreach (var value in headers.All(name))
            {
                foreach (var mailbox in Mailbox.Parse(value))
                {
                    // "mailto:u+token@acme.example?subject=unsubscribe"
                    var query = mailbox.Address.IndexOf('?', StringComparison.Ordinal);
                    Add(found, query < 0 ? mailbox.Address : mailbox.Address[..query]);
                }
            }
        }
    }
}
