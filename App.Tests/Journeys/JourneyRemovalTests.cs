using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Deleting a journey very many people went through.</summary>
public sealed class JourneyRemovalTests : IAsyncDisposable
{
    private const int People = (2 * JourneyRemoval.MaxWays) + 50;

    private TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task It_is_out_of_sight_at_once_and_its_rows_follow()
    {
        var (id, other) = (await ArchivedAsync(), await ArchivedAsync());

        using (var deleted = await _app.RawAsync(HttpMethod.Delete, $"{JourneyApi.Path}/{id}", null))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        Assert.Equal([other], (await _app.GetAsync(JourneyApi.Path)).AsArray().Select(journey => (string)journey!["id"]!));
        await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{id}", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{id}/enrollments", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{id}/numbers", null, 404);
        await _app.RefusedAsync(HttpMethod.Delete, $"{JourneyApi.Path}/{id}", null, 404);
        await _app.RefusedAsync(HttpMethod.Post, $"{JourneyApi.Path}/{id}/actions/publish", null, 404);
        Assert.Empty(_app.Verify());
        await Eventually.TrueAsync(async () => await LeftAsync(id) == 0);
        Assert.Equal((People * 5L) + 6, await LeftAsync(other));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task No_transaction_deletes_more_than_a_piece_and_figures_agree_between_any_two()
    {
        var id = await ArchivedAsync();
        var removal = _app.Services.GetRequiredService<JourneyRemoval>();
        await RemovedAsync(id);

        var pieces = 0;
        for (var before = await LeftAsync(id); removal.DeletePiece(); pieces++)
        {
            var after = await LeftAsync(id);
            Assert.InRange(before - after, 1, JourneyRemoval.MaxWays * 4);
            Assert.Empty(_app.Verify());
            before = after;
        }

        Assert.InRange(pieces, People / JourneyRemoval.MaxWays, 10);
        Assert.Equal(0, await LeftAsync(id));
    }

    [Fact]
    public async Task A_restart_goes_on_with_it()
    {
        var id = await ArchivedAsync();
        await RemovedAsync(id);
        Assert.True(_app.Services.GetRequiredService<JourneyRemoval>().DeletePiece());
        var directory = _app.DataDirectory;
        await _app.StopKeepingDataAsync();

        _app = new TestApp(JourneyApi.AtOnce, directory);

        await Eventually.TrueAsync(async () => await LeftAsync(id) == 0);
        Assert.Equal(0, await _app.CountAsync("SELECT count(*) FROM enrollment_steps"));
    }

    [Fact]
    public async Task A_draft_is_deleted_too_and_a_published_one_is_not()
    {
        var (draft, published) = (
            await _app.GivenJourneyAsync("""{"id":"n1","type":"exit"}""", published: false), await _app.GivenJourneyAsync("""{"id":"n1","type":"exit"}"""));

        using (var deleted = await _app.RawAsync(HttpMethod.Delete, $"{JourneyApi.Path}/{draft}", null))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        await _app.RefusedAsync(HttpMethod.Delete, $"{JourneyApi.Path}/{published}", null, 409);
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM journeys") == 1);
    }

    // As deleting leaves it, without anybody being told.
    private Task RemovedAsync(string id) => _app.SqlAsync($"UPDATE journeys SET status = 'removed' WHERE id = {id[4..]}");

    // Everybody went through two steps and is watched for the segment; two more are about to arrive.
    private async Task<string> ArchivedAsync()
    {
        var id = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"PT0S","next":"n2"},{"id":"n2","type":"exit"}""");
        await _app.PostAsync($"{JourneyApi.Path}/{id}/actions/archive");
        await _app.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {People})
            INSERT INTO enrollments (journey_id, version, contact_id, trigger_key, status, step, step_at, sequence, due_at, waits_for, entered_at, ended_at)
            SELECT {id[4..]}, 1, i, i || '.1', 2, 'n2', 1, 2, 0, 0, 1, 1 FROM n;
            INSERT INTO enrollment_steps (enrollment_id, sequence, step, at, outcome)
            SELECT e.id, s.value, 'n' || (s.value + 1), 1, CASE s.value WHEN 0 THEN 'next' ELSE 'exit' END FROM enrollments e, json_each('[0,1]') s WHERE e.journey_id = {id[4..]};
            INSERT INTO step_calls (enrollment_id, sequence, host, url, created_at, next_at) SELECT id, 9, 'x.example', 'https://x.example/', 1, 0 FROM enrollments WHERE journey_id = {id[4..]};
            INSERT INTO segment_watch (journey_id, contact_id) SELECT journey_id, contact_id FROM enrollments WHERE journey_id = {id[4..]};
            INSERT INTO journey_counts (journey_id, version, step, outcome, people)
            SELECT {id[4..]}, 1, value ->> 0, value ->> 1, {People} FROM json_each('[["","entered"],["","completed"],["n1","next"],["n2","exit"]]');
            """));
        Assert.Empty(_app.Verify());
        return id;
    }

    // Rows that are of a journey, wherever they lie: the journey, its version and its counts with them.
    private Task<long> LeftAsync(string id) => _app.CountAsync($"""
        SELECT (SELECT count(*) FROM journeys WHERE id = {id[4..]}) + (SELECT count(*) FROM journey_versions WHERE journey_id = {id[4..]})
            + (SELECT count(*) FROM journey_counts WHERE journey_id = {id[4..]})
            + (SELECT count(*) FROM segment_watch WHERE journey_id = {id[4..]}) + (SELECT count(*) FROM enrollments WHERE journey_id = {id[4..]})
            + (SELECT count(*) FROM enrollment_steps s JOIN enrollments e ON e.id = s.enrollment_id WHERE e.journey_id = {id[4..]})
            + (SELECT count(*) FROM step_calls s JOIN enrollments e ON e.id = s.enrollment_id WHERE e.journey_id = {id[4..]})
        """);
}
