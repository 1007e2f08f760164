using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Delivery;

namespace ScoreTracking.Tests.Delivery;

/// <summary>What the outbox keeps on disk, and what it does not.</summary>
public sealed class OutboxFileTests : IDisposable
{
    private const long At = 1_790_000_000_000;
    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-outbox-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "outbox.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void All_of_an_attempt_is_read_back()
    {
        var attempt = new Attempt(MessageId: 9_000_000_001, CampaignId: 12, ConnectionId: 3, Number: 104, FirstAt: At - 5, "msg_1@acme.example");
        var refused = new AttemptOutcome(attempt, AttemptEnd.Refused, At, 550, "5.1.1", "No Übermut <ann@example.net>", "esp-7");
        Write(Entry(refused), Entry(Outcome(1, AttemptEnd.Open)));

        Assert.Equal([Outcome(1, AttemptEnd.Open), refused], Read());
    }

    [Fact]
    public void What_was_said_last_of_an_attempt_counts_across_groups_and_starts()
    {
        Write(Entry(Outcome(1, AttemptEnd.Open)), Entry(Outcome(2, AttemptEnd.Open)), Entry(Outcome(3, AttemptEnd.Open)));
        Write(Entry(Outcome(1, AttemptEnd.Accepted)), Entry(Outcome(2, AttemptEnd.Deferred)), Entry(Outcome(3, AttemptEnd.Accepted)));
        Write(Removal(Outcome(3, AttemptEnd.Accepted)), Entry(Outcome(2, AttemptEnd.Open)));

        Assert.Equal([Outcome(1, AttemptEnd.Accepted), Outcome(2, AttemptEnd.Open)], Read());
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_it_says_what_rows_of_their_own_would()
    {
        var random = new Random(11);
        var expected = new SortedDictionary<long, AttemptOutcome>();
        for (var start = 0; start < 8; start++)
        {
            using var file = new OutboxFile(Path, maxGroups: 12);
            Assert.Equal(expected.Values, file.Read());
            for (var group = 0; group < 20; group++)
            {
                var entries = new List<OutboxEntry>();
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    var outcome = Outcome(random.Next(1, 15), (AttemptEnd)random.Next(0, 6));
                    var isRemoval = random.Next(3) > 0;
                    entries.Add(isRemoval ? Removal(outcome) : Entry(outcome));
                    if (isRemoval)
                    {
                        expected.Remove(outcome.Attempt.MessageId);
                    }
                    else
                    {
                        expected[outcome.Attempt.MessageId] = outcome;
                    }
                }

                file.Write(entries);
                Assert.Equal(expected.Count, file.Attempts);
                if (file.IsLong || random.Next(10) == 0)
                {
                    file.Tidy();
                }

                Assert.False(file.IsLong);
            }
        }
    }

    [Fact]
    public void An_attempt_that_does_not_end_keeps_nothing_but_itself()
    {
        using var file = new OutboxFile(Path, maxGroups: 20);
        file.Read();
        file.Write([Entry(Outcome(1, AttemptEnd.Open))]);
        for (var message = 2; !file.IsLong; message++)
        {
            file.Write([Entry(Outcome(message, AttemptEnd.Accepted))]);
            file.Write([Removal(Outcome(message, AttemptEnd.Accepted))]);
        }

        file.Tidy();

        Assert.Equal(1, Groups());
        Assert.Equal([Outcome(1, AttemptEnd.Open)], Read());
    }

    [Fact]
    public void Once_everything_has_ended_nothing_is_left()
    {
        using var file = new OutboxFile(Path);
        file.Read();
        file.Write([Entry(Outcome(1, AttemptEnd.Refused))]);
        Assert.False(file.HasSpent);
        file.Write([Removal(Outcome(1, AttemptEnd.Refused))]);
        Assert.True(file.HasSpent);

        file.Tidy();

        Assert.False(file.HasSpent);
        Assert.Equal(0, Groups());
    }

    [Fact]
    public void Nothing_of_a_forgotten_message_is_left_in_any_file()
    {
        using var file = new OutboxFile(Path);
        file.Read();
        file.Write([Entry(Outcome(1, AttemptEnd.Refused) with { Text = "unknown: <gone@example.net>" }), Entry(Outcome(2, AttemptEnd.Refused) with { Text = "unknown: <stays@example.net>" })]);

        file.Forget(new HashSet<long> { 1 });

        Assert.True(file.Truncate());
        var files = string.Concat(Directory.GetFiles(_directory).Select(name => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(name))));
        Assert.DoesNotContain("gone@example.net", files, StringComparison.Ordinal);
        Assert.Contains("stays@example.net", files, StringComparison.Ordinal);
        Assert.Equal(1, file.Attempts);
    }

    [Fact]
    public void What_an_earlier_release_left_is_taken_over()
    {
        using (var former = new WriteConnection(Path))
        {
            former.Execute("""
                CREATE TABLE outbox (
                    message_id INTEGER NOT NULL, attempt INTEGER NOT NULL, campaign_id INTEGER NOT NULL, connection_id INTEGER NOT NULL,
                    first_at INTEGER NOT NULL, mime_id TEXT NOT NULL, outcome INTEGER NOT NULL, at INTEGER NOT NULL, code INTEGER NOT NULL,
                    status TEXT NOT NULL, text TEXT NOT NULL, esp_message_id TEXT NOT NULL, PRIMARY KEY (message_id, attempt)) WITHOUT ROWID
                """);
            former.Execute($"INSERT INTO outbox VALUES (1, 1, 7, 2, 0, 'msg_1@acme.example', 0, {At}, 0, '', '', ''), (2, 1, 7, 2, 0, 'msg_2@acme.example', 2, {At}, 550, '5.1.1', 'unknown', '')");
        }

        Assert.Equal([Outcome(1, AttemptEnd.Open), Outcome(2, AttemptEnd.Refused)], Read());
        Assert.Equal([Outcome(1, AttemptEnd.Open), Outcome(2, AttemptEnd.Refused)], Read());
    }

    private static AttemptOutcome Outcome(long message, AttemptEnd end)
    {
        var attempt = new Attempt(message, CampaignId: 7, ConnectionId: 2, Number: 1, FirstAt: 0, $"msg_{message}@acme.example");
        return end == AttemptEnd.Refused ? new AttemptOutcome(attempt, end, At, 550, "5.1.1", "unknown") : new AttemptOutcome(attempt, end, At);
    }

    private static OutboxEntry Entry(AttemptOutcome outcome) => new([outcome], Done: null);

    private static OutboxEntry Removal(AttemptOutcome outcome) => new([outcome], Done: null, IsRemoval: true);

    private void Write(params OutboxEntry[] entries)
    {
        using var file = new OutboxFile(Path);
        file.Write(entries);
    }

    private List<AttemptOutcome> Read()
    {
        using var file = new OutboxFile(Path);
        return file.Read();
    }

    private long Groups()
    {
        using var file = new WriteConnection(Path);
        return file.Prepare("SELECT count(*) FROM groups").Scalar()!.Value;
    }
}
