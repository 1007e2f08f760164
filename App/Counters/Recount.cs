using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Where a stored figure differs from what the log says.</summary>
/// <param name="What">The figure: a counter, a message's state, its clicks on a link, a repeat mark, a contact's rank.</param>
public sealed record Difference(string What, string Stored, string Recounted);

/// <summary>
/// Counts everything again from the log, in one read snapshot, and compares. Folds message by message in the order of the
/// table, so memory holds the counters and one message, whatever the size of the log.
/// </summary>
/// <remarks>The connection must stay in one transaction while it runs; it is only read from.</remarks>
public sealed class Recount
{
    private const int MaxDifferences = 100;

    private readonly WriteConnection _connection;
    private readonly Statement _log;
    private readonly Statement _states;
    private readonly Statement _clicks;
    private readonly BurstRows _burstRows;
    private readonly Statement _block;
    private readonly Catalog _catalog;
    private readonly long _campaignId;

    private readonly List<StoredEvent> _events = [];
    private readonly HashSet<long> _marked = [];
    private readonly Dictionary<long, (Verdict, VerdictReasons)> _verdicts = [];
    private readonly List<CountChange> _changes = [];
    private readonly HashSet<long> _repeats = [];
    private readonly Dictionary<long, LinkTally> _links = [];
    private List<Burst> _bursts = [];
    private long _burstCount;
    private (long CampaignId, long Block, int Marks) _block32;

    /// <param name="campaignId">Only this campaign, or 0 for everything.</param>
    public Recount(WriteConnection connection, long campaignId)
    {
        _connection = connection;
        _burstRows = new BurstRows(connection);
        _campaignId = campaignId;
        _catalog = new Catalog(connection);
        _states = connection.Prepare($"SELECT {MessageStateRow.Columns} FROM message_state WHERE ?1 = 0 OR campaign_id = ?1 ORDER BY message_id");
        _log = connection.Prepare($"SELECT {LogReader.Columns} FROM events WHERE message_id = ?1");
        _clicks = connection.Prepare("SELECT link_id, clicks, first_at, last_at FROM link_clicks WHERE link_id = ?1 AND message_id = ?2");
        _block = connection.Prepare("SELECT 1 FROM activity_blocks WHERE campaign_id = ?1 AND mark = ?2 AND block = ?3");
    }

    public long Messages { get; private set; }

    public long Events { get; private set; }

    /// <summary>What the counters should be.</summary>
    public CounterSums Sums { get; } = new();

    /// <summary>At most the first hundred.</summary>
    public List<Difference> Differences { get; } = [];

    /// <summary>Whether the stored bursts are not those of the log. Verdicts were then recounted by wrong neighbours: store <see cref="Bursts"/> and count again.</summary>
    public bool BurstsDiffer { get; private set; }

    /// <summary>Counts, and compares counters, states, clicks, verdicts, bursts, repeat marks and, of all campaigns, ranks.</summary>
    /// <param name="mend">Called for each message whose derived rows are wrong, with what they should be.</param>
    public void Run(Action<MessageState, IReadOnlyList<StoredEvent>, IReadOnlySet<long>, IReadOnlyDictionary<long, LinkTally>>? mend, CancellationToken cancellationToken)
    {
        var clickRows = 0L;
        _states.Bind(1, _campaignId);
        while (_states.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = MessageStateRow.Read(_states);
            Messages++;
            var right = Fold(stored);
            clickRows += _links.Count;
            CompareBursts(stored.MessageId);
            if (!Compare(stored, right))
            {
                mend?.Invoke(right, _events, _repeats, _links);
            }
        }

        _states.Reset();
        CompareOrphans(clickRows);
        CompareBurstCount();
        CounterRecount.Run(_connection, Sums, _campaignId, Differ);
        if (_campaignId == 0)
        {
            // A contact's mail belongs to many campaigns: a recount of one says nothing of people.
            ContactRecount.Run(_connection, Differ, cancellationToken);
        }
    }

    /// <summary>What the log says of bursts, message by message: needs no bursts of others.</summary>
    public IEnumerable<Burst> Bursts()
    {
        _states.Bind(1, _campaignId);
        while (_states.Step())
        {
            var message = MessageStateRow.Read(_states);
            Read(message.MessageId);
            foreach (var burst in LinkBurst.Rows(message, _events, LinkBurst.Find(_events, _burstRows)))
            {
                yield return burst;
            }
        }

        _states.Reset();
    }

    private MessageState Fold(MessageState stored)
    {
        _changes.Clear();
        _repeats.Clear();
        _links.Clear();
        Read(stored.MessageId);
        Events += _events.Count;
        var right = MessageStateRow.Untouched(stored);
        _bursts = MessageVerdicts.Judge(right, _events, _burstRows);
        MessageFold.Whole(right, _events, _changes, _repeats, _links);
        foreach (var change in _changes)
        {
            Sums.Add(CountedMessage.Of(stored), change, 1);
        }

        return right;
    }

    private void Read(long messageId)
    {
        _events.Clear();
        _marked.Clear();
        _verdicts.Clear();
        _log.Bind(1, messageId);
        while (_log.Step())
        {
            var read = LogReader.Read(_log, _catalog);
            _events.Add(read);
            _verdicts[read.Id] = (read.Verdict, read.Reasons);
            if (LogReader.IsRepeat(_log))
            {
                _marked.Add(read.Id);
            }
        }

        _log.Reset();
        _events.Sort(StoredEvent.InTime);
    }

    private bool Compare(MessageState stored, MessageState right)
    {
        var same = true;
        if (!MessageStateRow.Same(stored, right))
        {
            same = false;
            Differ($"state of message {stored.MessageId}", MessageStateRow.Describe(stored), MessageStateRow.Describe(right));
        }

        if (!_marked.SetEquals(_repeats))
        {
            same = false;
            Differ($"repeats of message {stored.MessageId}", $"{_marked.Count} marked", $"{_repeats.Count} marked");
        }

        if (_events.Any(right => _verdicts[right.Id] != (right.Verdict, right.Reasons)))
        {
            same = false;
            Differ($"verdicts of message {stored.MessageId}", "as stored", "others");
        }

        foreach (var (linkId, tally) in _links)
        {
            var found = _clicks.Bind(1, linkId).Bind(2, stored.MessageId).Step()
                ? new LinkTally((int)_clicks.Number(1), _clicks.Number(2), _clicks.Number(3))
                : default;
            _clicks.Reset();
            if (found != tally)
            {
                same = false;
                Differ($"clicks of message {stored.MessageId} on link {linkId}", found.ToString(), tally.ToString());
            }
        }

        return IsFound(right) && same;
    }

    // What has happened must be marked in the message's block, or a reader passes it by.
    private bool IsFound(MessageState right)
    {
        var block = right.MessageId / ActivityBlock.Size;
        if ((_block32.CampaignId, _block32.Block) != (right.CampaignId, block))
        {
            _block32 = (right.CampaignId, block, 0);
        }

        var missing = ActivityProjection.MarksOf(right) & ~_block32.Marks;
        for (; missing != 0; missing &= missing - 1)
        {
            var mark = int.TrailingZeroCount(missing) + 1;
            if (_block.Bind(1, right.CampaignId).Bind(2, mark).Bind(3, block).Scalar() is null)
            {
                Differ($"mark {(ActivityMark)mark} on the block of message {right.MessageId}", "none", "marked");
                return false;
            }

            _block32.Marks |= 1 << (mark - 1);
        }

        return true;
    }

    private void CompareBursts(long messageId)
    {
        _burstCount += _bursts.Count;
        if (!_bursts.TrueForAll(_burstRows.Contains))
        {
            BurstsDiffer = true;
            Differ($"bursts of message {messageId}", "others", $"{_bursts.Count}");
        }
    }

    private void CompareBurstCount()
    {
        var stored = _burstRows.Count(_campaignId);
        if (stored != _burstCount)
        {
            BurstsDiffer = true;
            Differ("rows of bursts", Text(stored), Text(_burstCount));
        }
    }

    // Rows that hang on nothing: events without a message, clicks that were never counted.
    private void CompareOrphans(long clickRows)
    {
        if (_campaignId != 0)
        {
            return;
        }

        var events = Scalar("SELECT count(*) FROM events");
        if (events != Events)
        {
            Differ("events that belong to a message", Text(Events), Text(events));
        }

        var clicks = Scalar("SELECT count(*) FROM link_clicks");
        if (clicks != clickRows)
        {
            Differ("rows of link clicks", Text(clicks), Text(clickRows));
        }
    }

    private long Scalar(string sql) => _connection.Prepare(sql).Scalar() ?? 0;

    private void Differ(string what, string stored, string recounted)
    {
        if (Differences.Count < MaxDifferences)
        {
            Differences.Add(new Difference(what, stored, recounted));
        }
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
