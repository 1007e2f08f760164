using System.Diagnostics;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary><see cref="ClientParser"/> with a memory, and the rows of user agents: few of them make most hits.</summary>
internal sealed class KnownClients(WriteConnection connection, Catalog catalog)
{
    private const int Capacity = 20_000;

    // What a batch may spend on user agents never seen before; a thousand real ones take a fraction of it. The first ones are
    // always looked at: after a start they are slow, and what a hit was made with must not depend on how busy the machine is.
    private const int AlwaysParsed = 200;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    private readonly Statement _agent = connection.Prepare("SELECT id FROM user_agents WHERE value = ?1 AND period = ?2");
    private readonly Statement _newAgent = connection.Prepare("INSERT INTO user_agents (value, period) VALUES (?1, ?2)");
    private readonly Dictionary<string, Known> _known = [];
    private TimeSpan _spent;
    private int _parsed;

    /// <summary>A new batch begins.</summary>
    public void Begin() => (_spent, _parsed) = (TimeSpan.Zero, 0);

    /// <summary>What a hit was made with; unknown for other events.</summary>
    public Client Of(EmailEvent reported)
    {
        if (!reported.Type.IsHit() || string.IsNullOrEmpty(reported.UserAgent))
        {
            return Client.Unknown;
        }

        var known = Find(reported.UserAgent);
        var webmail = reported.Type == EventType.Opened && reported.RefererHost is { } host ? Webmails.Find(host) : null;
        if (known.Client(reported.Type, webmail) is { } client)
        {
            return client;
        }

        // Anyone may make up user agents, and long ones take milliseconds: a flood of them must not hold up the store.
        if (_parsed++ >= AlwaysParsed && _spent > s_limit)
        {
            return Client.Unknown;
        }

        var started = Stopwatch.GetTimestamp();
        client = catalog.Store(ClientParser.Parse(reported.Type, reported.UserAgent, webmail));
        known.Learn(reported.Type, webmail, client);
        _spent += Stopwatch.GetElapsedTime(started);
        return client;
    }

    /// <summary>The row that keeps a user agent as it was sent, for a while; 0 for none.</summary>
    public long AgentId(string? userAgent, long receivedAt)
    {
        if (string.IsNullOrEmpty(userAgent))
        {
            return 0;
        }

        var known = Find(userAgent);
        var period = UserAgent.PeriodOf(receivedAt);
        if (known.AgentId == 0 || known.Period != period)
        {
            var value = Cut(userAgent);
            if (_agent.Bind(1, value).Bind(2, period).Scalar() is not { } id)
            {
                _newAgent.Bind(1, value).Bind(2, period).Run();
                id = connection.LastInsertedId;
            }

            (known.AgentId, known.Period) = (id, period);
        }

        return known.AgentId;
    }

    /// <summary>Forgets ids made in a transaction that was rolled back.</summary>
    public void Discard() => _known.Clear();

    private Known Find(string userAgent)
    {
        if (!_known.TryGetValue(userAgent, out var known))
        {
            if (_known.Count >= Capacity)
            {
                _known.Clear();
            }

            _known[userAgent] = known = new Known();
        }

        return known;
    }

    private static string Cut(string userAgent) => userAgent.Length > ClientParser.MaxLength ? userAgent[..ClientParser.MaxLength] : userAgent;

    private sealed class Known
    {
        private Client? _opened;
        private Client? _clicked;
        private Dictionary<string, Client>? _byWebmail;

        public long AgentId { get; set; }
        public long Period { get; set; }

        public Client? Client(EventType type, string? webmail) =>
            webmail is not null ? _byWebmail?.GetValueOrDefault(webmail) : type == EventType.Opened ? _opened : _clicked;

        public void Learn(EventType type, string? webmail, Client client)
        {
            if (webmail is not null)
            {
                (_byWebmail ??= [])[webmail] = client;
            }
            else if (type == EventType.Opened)
            {
                _opened = client;
            }
            else
            {
                _clicked = client;
            }
        }
    }
}
