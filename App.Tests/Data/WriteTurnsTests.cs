using System.Collections.Concurrent;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Tests.Contacts;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Data;

/// <summary>Writers of one process take turns.</summary>
public sealed class WriteTurnsTests : IAsyncDisposable
{
    // Far ahead, so that no key is old enough to be swept.
    private const long Day = 99_999;

    // The database as the server opens it, without a server that writes by itself.
    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-turns-").FullName;
    private readonly ServiceProvider _services;
    private int _ids;

    public WriteTurnsTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("DataDirectory", _directory)]).Build());
        services.AddData();
        _services = services.BuildServiceProvider();
        _services.MigrateData("UTC");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SqliteFile Main => _services.GetRequiredService<SqliteFile>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("statement")]
    [InlineData("transaction")]
    [InlineData("prepared")]
    [InlineData("entity")]
    [InlineData("entities")]
    [InlineData("update")]
    public async Task One_who_takes_the_lock_again_and_again_lets_others_write_after_a_few_of_its_transactions(string way)
    {
        using var greedy = new Greedy(Main);
        for (var i = 0; i < 10; i++)
        {
            var before = greedy.Transactions;

            await WriteAsync(way);

            // One or two; more only where a thread is put to sleep in the very moment it is its turn.
            Assert.InRange(greedy.Transactions - before, 0, 20);
        }
    }

    [Fact]
    public async Task All_who_write_at_once_write()
    {
        string[] ways = ["statement", "transaction", "prepared", "entity", "entities", "update"];
        using (new Greedy(Main))
        using (new Greedy(Main))
        {
            await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Task.Run(() => WriteAsync(ways[i % ways.Length]), Token)));
        }

        Assert.Equal(0, Main.Turns.Waiting);
        Assert.Equal(6 * 20, await CountAsync()); // "entities" writes two, "update" none.
    }

    [Fact]
    public async Task Who_is_cancelled_in_line_leaves_it()
    {
        using var holder = new WriteConnection(Main);
        holder.Begin();
        // Two, because the first in line steps out of it for a moment each time it tries.
        var others = Task.WhenAll(Task.Run(() => WriteAsync("statement"), Token), Task.Run(() => WriteAsync("prepared"), Token));
        await Eventually.TrueAsync(() => Main.Turns.Waiting == 2);
        using var cancelled = new CancellationTokenSource();
        await using var db = Database();
        var third = Task.Run(() => db.Database.BeginTransactionAsync(cancelled.Token), Token);
        await Eventually.TrueAsync(() => Main.Turns.Waiting == 3);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.InRange(Main.Turns.Waiting, 0, 2);
        holder.Commit();
        await others;
        Assert.Equal(0, Main.Turns.Waiting);
    }

    [Fact]
    public async Task Who_wrote_nothing_or_was_taken_back_keeps_nobody_waiting()
    {
        await using (var db = Database())
        await using (await db.Database.BeginTransactionAsync(Token))
        {
            db.Add(new EventKey { Key = [1], Day = Day });
            await db.SaveChangesAsync(Token);
        }

        await WriteAsync("entities");

        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Whose_patience_ends_is_told_to_come_again_and_nothing_of_it_is_stored()
    {
        await using var app = new TestApp();
        using (var another = new WriteConnection(app.Services.GetRequiredService<SqliteFile>().Path))
        {
            another.Begin();

            using var refused = await app.Api.PutAsync(new Uri($"{ContactApi.Path}/42", UriKind.Relative), new StringContent("""{"email":"ana@example.com"}""", null, "application/json"), Token);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            Assert.NotNull(refused.Headers.RetryAfter);
            another.Rollback();
        }

        await app.AddAsync("42", "ana@example.com");
    }

    private ScoreDb Database() => _services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContext();

    // Each in a way this program writes somewhere.
    private async Task WriteAsync(string way)
    {
        var key = Interlocked.Increment(ref _ids);
        switch (way)
        {
            case "statement":
                using (var connection = Main.Open())
                {
                    Insert(connection, null, key);
                }

                break;
            case "transaction":
                using (var connection = Main.Open())
                using (var transaction = connection.BeginTransaction())
                {
                    Insert(connection, transaction, key);
                    transaction.Commit();
                }

                break;
            case "prepared":
                using (var connection = new WriteConnection(Main, "wal_autocheckpoint=0"))
                {
                    connection.Begin();
                    connection.Prepare("INSERT INTO event_keys (key, day) VALUES (?1, 99999)").Bind(1, BitConverter.GetBytes(key)).Run();
                    connection.Commit();
                }

                break;
            case "entity":
                await using (var db = Database())
                {
                    db.Add(new EventKey { Key = BitConverter.GetBytes(key), Day = Day });
                    await db.SaveChangesAsync(Token);
                }

                break;
            case "entities":
                await using (var db = Database())
                {
                    db.Add(new EventKey { Key = BitConverter.GetBytes(key), Day = Day });
                    db.Add(new EventKey { Key = BitConverter.GetBytes(-key), Day = Day });
                    await db.SaveChangesAsync(Token);
                }

                break;
            case "update":
                await using (var db = Database())
                {
                    await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(o => o.Name, $"Name {key}"), Token);
                }

                break;
        }
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction? transaction, int key)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO event_keys (key, day) VALUES ($key, 99999)";
        command.Parameters.AddWithValue("$key", BitConverter.GetBytes(key));
        command.ExecuteNonQuery();
    }

    private async Task<int> CountAsync()
    {
        await using var db = Database();
        return await db.EventKeys.CountAsync(Token);
    }

    // As the event writer in a storm, with no moment between two batches.
    private sealed class Greedy : IDisposable
    {
        private readonly Thread _thread;
        private readonly ConcurrentQueue<Exception> _failed = new();
        private int _transactions;
        private volatile bool _enough;

        public Greedy(SqliteFile file)
        {
            _thread = new Thread(() => Run(file));
            _thread.Start();
            SpinWait.SpinUntil(() => Transactions > 0 || !_failed.IsEmpty, TimeSpan.FromSeconds(60));
        }

        public int Transactions => Volatile.Read(ref _transactions);

        public void Dispose()
        {
            _enough = true;
            _thread.Join();
            Assert.Empty(_failed);
        }

        private void Run(SqliteFile file)
        {
            try
            {
                using var connection = new WriteConnection(file, "wal_autocheckpoint=0", "synchronous=NORMAL");
                var write = connection.Prepare("UPDATE organization SET name = name");
                var work = connection.Prepare("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n");
                while (!_enough)
                {
                    connection.Begin();
                    Interlocked.Increment(ref _transactions);
                    write.Run();
                    work.Scalar();
                    connection.Commit();
                }
            }
            catch (SqliteException exception)
            {
                _failed.Enqueue(exception);
            }
        }
    }
}
