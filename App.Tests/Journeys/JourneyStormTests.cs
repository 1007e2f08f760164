using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Steps;
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

    private static readonly EventType[] s_waitedFor = [EventType.Opened, EventType.Clicked, EventType.Replied, EventType.Delivered];

    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Whatever_the_order_people_end_where_the_log_says(int seed)
    {
        var random = new Random(seed);
        var walkers = new List<Walker>();
        for (var i = 0; i < Kinds; i++)
        {
            var definition = Define(random, await _app.GivenDraftAsync(CampaignApi.Campaign($"Campaign {seed} {i}")));
            var journey = await _app.GivenJourneyAsync(string.Join(',', JsonNode.Parse(JourneyJson.Write(definition))!["steps"]!.AsArray().Select(step => step!.ToJsonString())));
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
        Assert.Empty(_app.Verify());
    }

    private static long Number(string path) => long.Parse(path[(path.LastIndexOf('_') + 1)..], CultureInfo.InvariantCulture);

    // Steps lead onwards only, so there are no circles; what nobody comes to is left out.
    private static JourneyDefinition Define(Random random, string campaign)
    {
        PublicCampaign(campaign, out var campaignId);
        var count = random.Next(5, 11);
        var steps = new List<JourneyStep> { new SendStep("n0", campaignId, "n1") };
        for (var i = 1; i < count; i++)
        {
            string? Onwards() => random.Next(6) == 0 || i == count - 1 ? null : $"n{random.Next(i + 1, Math.Min(count, i + 4))}";
            var wanted = s_waitedFor[random.Next(s_waitedFor.Length)];
            steps.Add(random.Next(8) switch
            {
                0 => new DelayStep($"n{i}", TimeSpan.FromMinutes(random.Next(0, 700)), Onwards()),
                1 or 2 or 3 => new WaitForStep($"n{i}", wanted, "n0", "", TimeSpan.FromMinutes(random.Next(0, 1500)), Onwards(), Onwards()),
                4 => new ConditionStep($"n{i}", new JourneyTest.OfMessage(wanted, "n0"), Onwards(), Onwards()),
                5 => new SplitStep($"n{i}", [new SplitBranch("a", 1, Onwards()), new SplitBranch("b", 2.5, Onwards())]),
                6 => new UpdateFieldStep($"n{i}", $"at{i}", JsonValue.Create(i), Onwards()),
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

        return JourneyDefinition.Empty with { Steps = [.. steps.Where(step => reached.Contains(step.Id))] };
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

    /// <summary>A person by the plain meaning of the steps.</summary>
    private sealed class Walker(JourneyDefinition definition, long enrollment)
    {
        private DateTimeOffset _stepAt;
        private DateTimeOffset _madeAt;
        private long _message;

        public long Enrollment { get; } = enrollment;
        public List<string> Way { get; } = ["n0:sent"];
        public string Standing { get; private set; } = "n0";
        public EnrollmentStatus Status { get; private set; } = EnrollmentStatus.Active;
        public List<EmailEvent> Events { get; } = [];
        public bool IsOver => Status != EnrollmentStatus.Active;

        public void Begin(long message, DateTimeOffset now)
        {
            (_message, _madeAt, _stepAt) = (message, now, now);
            Go(definition.Find("n0")!.Exits[0].Next, now);
            Walk(now);
        }

        // At different minutes each, so that nothing repeats anything.
        public void Imagine(Random random, DateTimeOffset began)
        {
            var minutes = Enumerable.Range(5, 2_500).ToArray();
            random.Shuffle(minutes);
            var kinds = new List<(EventType, string)>();
            for (var i = random.Next(0, 6); i > 0; i--)
            {
                kinds.Add((s_waitedFor[random.Next(s_waitedFor.Length)], random.Next(4) == 0 ? Some.Scanner : Some.Firefox));
            }

            if (random.Next(2) == 0)
            {
                kinds.Add((EventType.Sent, ""));
            }

            if (random.Next(8) == 0)
            {
                kinds.Add((EventType.Unsubscribed, ""));
            }

            foreach (var ((type, agent), minute) in kinds.Zip(minutes))
            {
                Events.Add(Some.Event(_message, type, began + TimeSpan.FromMinutes(type == EventType.Sent ? minute % 60 : minute) - Some.Noon, userAgent: agent, ip: $"203.0.{_message % 250}.7", key: $"{_message} {minute}"));
            }
        }

        public void Walk(DateTimeOffset now)
        {
            while (!IsOver)
            {
                if (First(EventType.Unsubscribed, now) is not null)
                {
                    Status = EnrollmentStatus.Exited;
                    return;
                }

                if (Outcome(definition.Find(Standing)!, now) is not { } outcome)
                {
                    return;
                }

                Way.Add($"{Standing}:{outcome}");
                Go(definition.Find(Standing)!.Exits.First(exit => exit.Key == outcome).Next, now);
            }
        }

        private void Go(string? next, DateTimeOffset now)
        {
            (Standing, Status, _stepAt) = (next ?? Standing, next is null ? EnrollmentStatus.Completed : EnrollmentStatus.Active, now);
        }

        private string? Outcome(JourneyStep step, DateTimeOffset now)
        {
            switch (step)
            {
                case DelayStep delay:
                    return now >= _stepAt + delay.For ? "next" : null;
                case WaitForStep wait:
                    var due = (First(EventType.Sent, now) ?? _madeAt) + wait.Timeout;
                    return First(wait.Event, now) is { } happened && happened <= due ? "event" : now >= due ? "timeout" : null;
                case ConditionStep { Test: JourneyTest.OfMessage test }:
                    return First(test.Type, now) is not null ? "yes" : "no";
                case SplitStep split:
                    return SplitAction.KeyFor(split, Enrollment);
                default:
                    return "next";
            }
        }

        private DateTimeOffset? First(EventType type, DateTimeOffset now) => Events
            .Where(happened => happened.OccurredAt <= now && happened.UserAgent != Some.Scanner && (happened.Type == type || (type == EventType.Opened && happened.Type == EventType.Clicked)))
            .Select(happened => (DateTimeOffset?)happened.OccurredAt).Min();
    }
}
