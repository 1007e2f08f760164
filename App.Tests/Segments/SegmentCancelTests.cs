using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Support;
using SQLitePCL;

namespace ScoreTracking.Tests.Segments;

/// <summary>Counts that nobody waits for any more end, and stand in nobody's way.</summary>
public sealed class SegmentCancelTests : IAsyncLifetime
{
    private const int People = 20_000;

    // A count up to here would take years: only a cancelled one ends.
    private const long FarAway = 1L << 50;

    private const string Known = """{"field":"email","op":"set"}""";

    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = _app.Database();
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO contacts (id, email, attributes, tracking_consent, consent_at, created_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {People})
            SELECT i, 'p' || i || '@example.com', JSON_OBJECT('city', 'Pisa'), 0, 0, 1 FROM n
            """);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_count_is_cancelled_between_two_ranges_and_the_next_one_counts_all()
    {
        await GoFarAwayAsync();
        using var cancelling = new CancellationTokenSource();
        var looked = new List<SegmentProgress>();
        var queries = _app.Services.GetRequiredService<SegmentQueries>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queries.CountAsync(SegmentRuleJson.Stored(Known), new Steps(step =>
        {
            looked.Add(step);
            cancelling.Cancel();
        }), cancelling.Token));

        Assert.All(looked, step => Assert.True(step.Looked < step.Total));
        await ComeBackAsync();
        Assert.Equal(People, await queries.CountAsync(SegmentRuleJson.Stored(Known), null, Token));
    }

    [Fact]
    public async Task A_cancelled_count_leaves_its_turn_to_the_next()
    {
        await GoFarAwayAsync();
        using var cancelling = new CancellationTokenSource();
        var counts = _app.Services.GetRequiredService<SegmentCounts>();
        var counting = counts.CountAsync(Known, cancelling.Token);
        var waiting = counts.CountAsync("""{"field":"attributes.city","op":"eq","value":"pisa"}""", cancelling.Token);

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await ComeBackAsync();
        Assert.Equal(People, (await counts.CountAsync(Known, Token)).People);
    }

    [Fact]
    public async Task A_statement_is_ended_where_it_is_and_its_connection_goes_on()
    {
        var rule = SegmentRuleJson.Stored(new JsonObject
        {
            ["op"] = "or",
            ["rules"] = new JsonArray([.. Enumerable.Range(0, SegmentRule.MaxConditions).Select(i => JsonNode.Parse($$"""{"field":"attributes.city","op":"contains","value":"sa{{i}}"}"""))]),
        }.ToJsonString());
        using var reader = SegmentReader.Asking(_app.Services.GetRequiredService<SqliteFile>().Path, rule, _app.Clock.GetUtcNow());

        // Once in a while the statement is through before its cancelling, or not begun.
        await Eventually.TrueAsync(async () => await CancelAsync() is { InnerException: SqliteException { SqliteErrorCode: raw.SQLITE_INTERRUPT } });

        Assert.Equal(0, reader.Count(0, 10, Token));

        async Task<Exception?> CancelAsync()
        {
            using var cancelling = new CancellationTokenSource();
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var counting = Task.Run(
                () =>
                {
                    begun.SetResult();
                    return reader.Count(0, People, cancelling.Token);
                },
                Token);
            await begun.Task;
            await cancelling.CancelAsync();
            return await Record.ExceptionAsync(() => counting);
        }
    }

    [Fact]
    public async Task Whoever_hangs_up_on_a_preview_stops_it_and_the_next_is_answered()
    {
        await GoFarAwayAsync();
        using var hangingUp = new CancellationTokenSource();
        var previews = Enumerable.Range(0, Environment.ProcessorCount * 4).Select(_ => PreviewAsync(hangingUp.Token)).ToList();

        await hangingUp.CancelAsync();

        foreach (var preview in previews)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preview);
        }

        await ComeBackAsync();
        using var answered = await PreviewAsync(Token);
        Assert.Contains($"\"count\":{People.ToString(CultureInfo.InvariantCulture)}", await answered.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PreviewAsync(CancellationToken cancellationToken) =>
        _app.Api.PostAsync("/api/v1/segments/preview", new StringContent($$"""{"rule":{{Known}}}""", System.Text.Encoding.UTF8, "application/json"), cancellationToken);

    private async Task GoFarAwayAsync()
    {
        await using var db = _app.Database();
        await db.Database.ExecuteSqlAsync($"INSERT INTO contacts (id, email, attributes, tracking_consent, consent_at, created_at) VALUES ({FarAway}, 'far@example.com', JSON_OBJECT(), 0, 0, 1)");
    }

    private async Task ComeBackAsync()
    {
        await using var db = _app.Database();
        await db.Database.ExecuteSqlAsync($"DELETE FROM contacts WHERE id = {FarAway}");
    }

    private sealed class Steps(Action<SegmentProgress> report) : IProgress<SegmentProgress>
    {
        public void Report(SegmentProgress value) => report(value);
    }
}
