using System.Globalization;
using ScoreTracking.Tests.Ingest;
using ScoreTracking.Tests.Load;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Faults;

/// <summary>An acknowledged event survives a power cut: whatever was written and not synced is gone, and nothing acknowledged with it.</summary>
public sealed class PowerCutTests : IDisposable
{
    private const int Messages = 5_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-powercut-").FullName;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("POWERCUT_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_every_count_is_right()
    {
        var (lost, writes, seed) = await CutAsync(Rounds, blind: false);

        Assert.Empty(lost);
        Assert.True(writes > 0, "No write was in flight at any cut: that proves nothing.");
        CrashTests.AssertSound(seed.Main);
    }

    [Fact]
    public async Task A_disk_that_lies_about_syncing_is_noticed()
    {
        var (lost, _, _) = await CutAsync(1, blind: true);

        Assert.NotEmpty(lost);
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<(IReadOnlyCollection<string> Lost, int Writes, Seed Seed)> CutAsync(int rounds, bool blind)
    {
        var seed = await Seed.MakeAsync(_directory, Messages, campaigns: 2, Cancellation);
        using var power = new PowerCut(_directory);
        var acknowledged = new Acknowledgements();
        var load = new SteadyLoad(seed, acknowledged);
        var random = new Random();
        var writes = 0;
        for (var round = 1; round <= rounds; round++)
        {
            using var server = ServerProcess.Start(_directory, power.Environment(blind));
            await server.ReadyAsync(s_patience, Cancellation);
            var gone = load.UntilGoneAsync(server.Port, round, Cancellation);
            await Task.Delay(random.Next(300, 1_200), Cancellation);
            await Eventually.TrueAsync(() => acknowledged.Count > round * 10);
            server.Kill();
            await gone;
            writes += power.Strike();
        }

        Assert.Empty(load.Unexpected);
        Assert.True(acknowledged.Count > rounds * 10, $"Only {acknowledged.Count} events were acknowledged: that proves nothing.");
        using (var after = ServerProcess.Start(_directory))
        {
            await after.ReadyAsync(s_patience, Cancellation);
            await after.DrainedAsync(Cancellation);
            await after.TerminateAsync(s_patience, Cancellation);
        }

        return ([.. acknowledged.Broken(seed.Main.Path)], writes, seed);
    }
}
