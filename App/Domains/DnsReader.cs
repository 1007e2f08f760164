using System.Net.Sockets;
using DnsClient;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Domains;

/// <summary>What DNS has at a name.</summary>
/// <param name="Answered">False where no name server said anything: then nothing is known, not even that there is nothing.</param>
/// <param name="Values">Empty where there is no such record.</param>
public sealed record DnsAnswer(bool Answered, IReadOnlyList<string> Values)
{
    public static DnsAnswer Silence { get; } = new(false, []);
    public static DnsAnswer Nothing { get; } = new(true, []);
}

/// <summary>Asks the name servers of this machine, or those the operator named. Never throws for what they do or say.</summary>
public sealed class DnsReader(IOptions<DnsOptions> options)
{
    // What a single check may make us read: records of strangers, some of them hostile.
    private const int MaxValues = 50;
    private const int MaxLength = 4096;

    private readonly Lazy<LookupClient?> _client = new(() => Open(options.Value));

    /// <summary>TXT records, each in one piece.</summary>
    public Task<DnsAnswer> TextAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(name, QueryType.TXT, answer => answer.Answers.TxtRecords().Select(record => string.Concat(record.Text)), cancellationToken);

    /// <summary>Mail servers by preference; "." alone where the domain says it takes no mail.</summary>
    public Task<DnsAnswer> MailServersAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(name, QueryType.MX, answer => answer.Answers.MxRecords().OrderBy(record => record.Preference).Select(record => Name(record.Exchange)), cancellationToken);

    /// <summary>Addresses of a host, behind the aliases that lead to them: "links.example.net → 192.0.2.1".</summary>
    public async Task<DnsAnswer> HostAsync(string name, CancellationToken cancellationToken)
    {
        var four = await AskAsync(name, QueryType.A, Addresses, cancellationToken);
        var six = await AskAsync(name, QueryType.AAAA, Addresses, cancellationToken);
        List<string> values = [.. four.Values.Union(six.Values)];
        return new DnsAnswer(values.Count > 0 || (four.Answered && six.Answered), values);
    }

    private static IEnumerable<string> Addresses(IDnsQueryResponse answer)
    {
        var aliases = string.Concat(answer.Answers.CnameRecords().Select(alias => $"{Name(alias.CanonicalName)} → "));
        return answer.Answers.AddressRecords().Select(record => aliases + record.Address);
    }

    private static string Name(DnsString name) => name.Value is "." or "" ? "." : name.Value.TrimEnd('.').ToLowerInvariant();

    private static LookupClient? Open(DnsOptions options)
    {
        IReadOnlyList<NameServer> servers = [.. options.EndPoints().Select(server => new NameServer(server))];
        if (servers.Count == 0)
        {
            // Without the fall-back to a company's public servers: what this server sends to whom is the operator's to decide.
            servers = [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false)];
        }

        return servers.Count == 0
            ? null
            : new LookupClient(new LookupClientOptions([.. servers])
            {
                AutoResolveNameServers = false,
                Timeout = options.Timeout,
                Retries = 1,
                UseCache = false, // People press "check" because they have just changed something.
                UseTcpFallback = true,
                ThrowDnsErrors = false,
                ContinueOnDnsError = true,
            });
    }

    private async Task<DnsAnswer> AskAsync(string name, QueryType type, Func<IDnsQueryResponse, IEnumerable<string>> read, CancellationToken cancellationToken)
    {
        if (_client.Value is not { } client)
        {
            return DnsAnswer.Silence;
        }

        try
        {
            var answer = await client.QueryAsync(name, type, QueryClass.IN, cancellationToken);
            return answer.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError => new DnsAnswer(true, [.. read(answer).Take(MaxValues).Select(Clean)]),
                DnsHeaderResponseCode.NotExistentDomain => DnsAnswer.Nothing,
                _ => DnsAnswer.Silence,
            };
        }
        catch (Exception exception) when (exception is DnsResponseException or SocketException or ArgumentException or InvalidOperationException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return DnsAnswer.Silence;
        }
    }

    private static string Clean(string text)
    {
        var kept = text.Length > MaxLength ? text[..MaxLength] : text;
        return string.Concat(kept.Select(letter => char.IsControl(letter) ? ' ' : letter));
    }
}
