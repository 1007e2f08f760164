using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Journeys;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Random journeys and random things that happen, in any order, twice, late, with restarts in between: people end where a plain model says.</summary>
public sealed class JourneyStormTests : IAsyncDisposable
{
    private const int Kinds = 5;
    private const int People = 8;
    private const int Ticks = 9;

    // So many that everybody comes through all steps that wait.
    private const int LastTicks = 11;

    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task Whatever_the_order_people_end_where_the_log_says(int seed)
    {
        var random = new Random(seed);
        var walkers = new List<Walker>();
        var list = Number((string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/lists", JsonNode.Parse("""{"name":"Storm"}"""), HttpStatusCode.Created))["id"]!);
        for (var i = 0; i < Kinds; i++)
        {
            var definition = Define(random, await _app.GivenDraftAsync(CampaignApi.Campaign($"Campaign {seed} {i}")), list);
            var json = JsonNode.Parse(JourneyJson.Write(definition))!;
            var journey = await _app.GivenJourneyAsync(string.Join(',', json["steps"]!.AsArray().Select(step => step!.ToJsonString())), $"\"exit\":{json["exit"]!.ToJsonString()}");
            for (var person = 0; person < People; person++)
            {
                walkers.Add(new Walker(definition, Number(await _app.EnrollAsync(journey, await _app.GivenPersonAsync($"s{seed}j{i}p{person}")))));
            }
        }

        var began = await SentAsync(walkers);
        foreach (var walker in walkers)
        {
            walker.Imagine(random, began);
        }

        // Far from what the monotonic clock says: the server's own runner stands still, and this test moves people.
        var round = NewRound();
        try
        {
            var told = began;
            for (var tick = 1; tick <= Ticks + LastTicks; tick++)
            {
                var now = tick > Ticks ? began + TimeSpan.FromDays(30 * (tick - Ticks)) : began + TimeSpan.FromMinutes((tick * 240) + random.Next(200));
                _app.Clock.Set(now);
                await TellAsync(walkers, random, told, now);
                if (random.Next(3) == 0)
                {
                    round.Dispose();
                    round = NewRound();
                }

                if (random.Next(3) == 0)
                {
                    await _app.SqlAsync("UPDATE enrollments SET due_at = 1 WHERE status = 1");
                    await _app.SqlAsync("INSERT INTO journey_arrivals (journey_id, contact_id) SELECT journey_id, contact_id FROM enrollments");
                }

                while (round.HasWork())
                {
                    round.Run(_app.Services.GetRequiredService<JourneyFollower>().Position, random.Next(1, 20));
                }

                walkers.ForEach(walker => walker.Walk(now));
                told = now;
                await AgreeAsync(walkers);
            }
        }
        finally
        {
            round.Dispose();
        }

        Assert.All(walkers, walker => Assert.True(walker.IsOver));
        Assert.Equal(Kinds * People, await _app.CountAsync("SELECT count(*) FROM messages"));
        Assert.Equal(walkers.Count(walker => walker.IsOnList), await _app.CountAsync("SELECT count(*) FROM list_members"));
        Assert.Empty(_app.Verify());
    }

    private static long Number(string path) => long.Parse(path[(path.LastIndexOf('_') + 1)..], CultureInfo.InvariantCulture);

    // Steps lead onwards only, so there are no circles; what nobody comes to is left out.
    private static JourneyDefinition Define(Random random, string campaign, long list)
    {
        PublicCampaign(campaign, out var campaignId);
        var count = random.Next(5, 11);
        var steps = new List<JourneyStep> { new SendStep("n0", campaignId, "n1") };
        for (var i = 1; i < count; i++)
        {
            string? Onwards() => random.Next(6) == 0 || i == count - 1 ? null : $"n{random.Next(i + 1, Math.Min(count, i + 4))}";
            var wanted = Walker.WaitedFor[random.Next(Walker.WaitedFor.Length)];
            steps.Add(random.Next(12) switch
            {
                0 => new DelayStep($"n{i}", TimeSpan.FromMinutes(random.Next(0, 700)), Onwards()),
                1 or 2 or 3 => new WaitForStep($"n{i}", wanted, "n0", "", TimeSpan.FromMinutes(random.Next(0, 1500)), Onwards(), Onwards()),
                4 => new ConditionStep($"n{i}", new JourneyTest.OfMessage(wanted, "n0"), Onwards(), Onwards()),
                5 => new SplitStep($"n{i}", [new SplitBranch("a", 1, Onwards()), new SplitBranch("b", 2.5, Onwards())]),
                6 => new UpdateFieldStep($"n{i}", $"at{i}", JsonValue.Create(i), Onwards()),
                7 => new AddToListStep($"n{i}", list, Onwards()),
                8 => new RemoveFromListStep($"n{i}", list, Onwards()),
                9 => new ConditionStep($"n{i}", new JourneyTest.OfRule(new ListRule(list, In: random.Next(2) == 0)), Onwards(), Onwards()),
                10 => new ConditionStep($"n{i}", new JourneyTest.OfRule(new FieldRule($"attributes.at{random.Next(1, i + 1)}", FieldOperator.Set)), Onwards(), Onwards()),
                _ => new DelayStep($"n{i}", TimeSpan.Zero, Onwards()),
            });
        }

        var reached = new HashSet<string> { "n0" };
        foreach (var step in steps)
        {
            if (reached.Contains(step.Id))
            {
                reached.UnionWith(step.Exits.Select(exit => exit.Next).OfType<string>());
            }
        }

        var goal = random.Next(2) == 0 ? null : new JourneyGoal.OfEvent(Walker.WaitedFor[random.Next(Walker.WaitedFor.Length)], random.Next(2) == 0 ? 0 : campaignId, "");
        return JourneyDefinition.Empty with { Steps = [.. steps.Where(step => reached.Contains(step.Id))], Exit = new JourneyExits(Unsubscribed: true, goal) };
    }

    private static void PublicCampaign(string id, out long number) => Assert.True(PublicId.TryCampaign(id, out number));

    private JourneyRound NewRound() =>
        new(_app.Services.GetRequiredService<SqliteFile>(), [.. _app.Services.GetServices<IStepAction>()], _app.Clock, NullLogger.Instance);

    // Everybody's mail is made, all in one moment of the clock.
    private async Task<DateTimeOffset> SentAsync(List<Walker> walkers)
    {
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM enrollment_steps WHERE step = 'n0'") == walkers.Count);
        var began = _app.Clock.GetUtcNow();
        await using var db = _app.Database();
        foreach (var step in await db.EnrollmentSteps.Where(step => step.Step == "n0").ToListAsync(TestContext.Current.CancellationToken))
        {
            walkers.Single(walker => walker.Enrollment == step.EnrollmentId).Begin(step.MessageId, began);
        }

        return began;
    }

    private async Task TellAsync(List<Walker> walkers, Random random, DateTimeOffset after, DateTimeOffset until)
    {
        var reported = walkers.SelectMany(walker => walker.Events).Where(happened => happened.OccurredAt > after && happened.OccurredAt <= until).ToList();
        reported.AddRange(reported.Where(_ => random.Next(4) == 0).ToList());
        var shuffled = reported.ToArray();
        random.Shuffle(shuffled);
        foreach (var some in shuffled.Chunk(50))
        {
            await _app.StoreAsync(some);
        }

        await _app.StoredAsync();
        var last = _app.Services.GetRequiredService<Inbox>().Last;
        await Eventually.TrueAsync(() => _app.Services.GetRequiredService<JourneyFollower>().Position >= last);
    }

    private async Task AgreeAsync(List<Walker> walkers)
    {
        await using var db = _app.Database();
        var stored = await db.Enrollments.ToDictionaryAsync(enrollment => enrollment.Id, TestContext.Current.CancellationToken);
        var ways = (await db.EnrollmentSteps.OrderBy(step => step.Sequence).ToListAsync(TestContext.Current.CancellationToken)).ToLookup(step => step.EnrollmentId, step => $"{step.Step}:{step.Outcome}");
        foreach (var walker in walkers)
        {
            var enrollment = stored[walker.Enrollment];

            Assert.Equal($"{walker.Enrollment}: {string.Join(' ', walker.Way)} @{walker.Standing} {walker.Status}", $"{enrollment.Id}: {string.Join(' ', ways[enrollment.Id])} @{enrollment.Step} {enrollment.Status}");
        }
    }
}
