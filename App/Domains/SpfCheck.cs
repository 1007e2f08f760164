namespace ScoreTracking.Domains;

/// <summary>Which servers a domain lets send for it (RFC 7208), as far as that can be said without knowing their addresses.</summary>
internal static class SpfCheck
{
    // RFC 7208, 4.6.4: a receiver that needs more look-ups gives up with an error.
    private const int MaxLookups = 10;
    private const string Version = "v=spf1";

    public static async Task<Finding> RunAsync(DnsReader dns, string domain, CancellationToken cancellationToken)
    {
        var answer = await dns.TextAsync(domain, cancellationToken);
        if (!answer.Answered)
        {
            return Words.Silence("spf", domain);
        }

        var records = Records(answer);
        if (records.Count != 1)
        {
            return new Finding("spf", Verdicts.Bad, records.Count == 0
                ? $"{domain} has no SPF record, so receivers cannot tell its servers from anybody else’s. Publish one TXT record that names those that send for you, such as “v=spf1 include:… ~all” with the name your mail server’s provider gives you."
                : $"{domain} has {records.Count} SPF records; receivers take more than one as an error and go by none. Join them into one.", domain, null, records);
        }

        var walk = new Walk(dns);
        await walk.CountAsync(records[0], domain, cancellationToken);
        var (verdict, text) = walk switch
        {
            { Lookups: > MaxLookups } => (Verdicts.Bad, $"The SPF record needs more than {MaxLookups} look-ups, where receivers give up. Leave out what no longer sends for you."),
            { Broken: { } broken } => (Verdicts.Bad, $"The SPF record includes {broken}, which has no SPF record itself: receivers take that as an error."),
            { IsSilent: true } => (Verdicts.Unknown, "The SPF record is there, but not everything it includes could be read: the name server did not answer."),
            _ => Ending(records[0]),
        };
        return new Finding("spf", verdict, text, domain, null, records);
    }

    private static (string Verdict, string Text) Ending(string record)
    {
        var terms = Terms(record);
        var all = terms.LastOrDefault(term => term.TrimStart('+', '-', '~', '?') == "all");
        return all switch
        {
            "-all" or "~all" => (Verdicts.Good, $"One SPF record that ends in {all}. Make sure that the server you hand mail to is among those it names."),
            "?all" => (Verdicts.Warning, "The SPF record ends in ?all: it says nothing about servers it does not name. End it in ~all once it names all of yours."),
            "all" or "+all" => (Verdicts.Bad, "The SPF record ends in +all: it lets every server in the world send for this domain. End it in ~all or -all."),
            _ when terms.Any(term => term.StartsWith("redirect=", StringComparison.Ordinal)) => (Verdicts.Good, "One SPF record, which hands on to another. Make sure that the server you hand mail to is among those it names."),
            _ => (Verdicts.Warning, "The SPF record has no end: it says nothing about servers it does not name. End it in ~all once it names all of yours."),
        };
    }

    private static List<string> Records(DnsAnswer answer) =>
        [.. answer.Values.Where(text => text.Equals(Version, StringComparison.OrdinalIgnoreCase) || text.StartsWith(Version + " ", StringComparison.OrdinalIgnoreCase))];

    private static string[] Terms(string record) => record.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];

    private sealed class Walk(DnsReader dns)
    {
        private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

        public int Lookups { get; private set; }

        /// <summary>A name that is included and has no record; null where there is none.</summary>
        public string? Broken { get; private set; }

        /// <summary>Something could not be read.</summary>
        public bool IsSilent { get; private set; }

        public async Task CountAsync(string record, string name, CancellationToken cancellationToken)
        {
            _seen.Add(name);
            foreach (var written in Terms(record))
            {
                var term = written.TrimStart('+', '-', '~', '?');
                if (term is "a" or "mx" or "ptr" || term.StartsWith("a:", StringComparison.Ordinal) || term.StartsWith("a/", StringComparison.Ordinal)
                    || term.StartsWith("mx:", StringComparison.Ordinal) || term.StartsWith("mx/", StringComparison.Ordinal)
                    || term.StartsWith("ptr:", StringComparison.Ordinal) || term.StartsWith("exists:", StringComparison.Ordinal))
                {
                    Lookups++;
                }
                else if (term.StartsWith("include:", StringComparison.Ordinal) || term.StartsWith("redirect=", StringComparison.Ordinal))
                {
                    Lookups++;
                    await FollowAsync(term[(term.IndexOfAny([':', '=']) + 1)..], cancellationToken);
                }

                if (Lookups > MaxLookups || Broken is not null)
                {
                    return;
                }
            }
        }

        private async Task FollowAsync(string name, CancellationToken cancellationToken)
        {
            // A macro is filled in by the receiver, from the mail at hand.
            if (Lookups > MaxLookups || name.Contains('%', StringComparison.Ordinal))
            {
                return;
            }

            if (_seen.Contains(name) || DomainName.Read(name.Replace("_", "", StringComparison.Ordinal)) is null)
            {
                Broken ??= name;
                return;
            }

            var answer = await dns.TextAsync(name, cancellationToken);
            if (!answer.Answered)
            {
                IsSilent = true;
            }
            else if (Records(answer) is [var record])
            {
                await CountAsync(record, name, cancellationToken);
            }
            else
            {
                Broken ??= name;
            }
        }
    }
}
