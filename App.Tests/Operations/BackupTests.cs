using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Operations;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Operations;

/// <summary>A backup taken while the server goes on, and what comes of it.</summary>
public sealed class BackupTests : IAsyncDisposable
{
    private readonly TestApp _app = new();
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("scoretracking-test-").FullName;
    private readonly StringWriter _said = new();

    private string BackupFile => Path.Combine(_elsewhere, "backup.tar.gz");

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public async Task A_restored_copy_has_every_event_stored_before_and_goes_on_from_there()
    {
        var campaign = await _app.GivenCampaignAsync();
        var before = await _app.GivenMessageAsync(campaign);
        var after = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(before, EventType.Delivered), Some.Event(before, EventType.Opened));
        Assert.Equal(0, await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None));
        await _app.StoreAsync(Some.Event(after, EventType.Delivered));

        var restored = Path.Combine(_elsewhere, "restored");
        Assert.Equal(0, await RestoreAsync(restored));

        await using var app = new TestApp(dataDirectory: restored);
        Assert.Equal((1, 1), await app.CountAsync(campaign, EventType.Delivered));
        await app.StoreAsync(Some.Event(after, EventType.Delivered));
        Assert.Equal((2, 2), await app.CountAsync(campaign, EventType.Delivered));
        Assert.Empty(app.Verify());
        foreach (var key in Directory.GetFiles(Path.Combine(_app.DataDirectory, "keys")))
        {
            Assert.Equal(await File.ReadAllBytesAsync(key), await File.ReadAllBytesAsync(Path.Combine(restored, "keys", Path.GetFileName(key))));
        }
    }

    [Fact]
    public async Task Backups_taken_while_events_pour_in_are_each_whole()
    {
        var campaign = await _app.GivenCampaignAsync();
        using var end = new CancellationTokenSource();
        var pouring = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var message = await _app.GivenMessageAsync(campaign);
                await _app.StoreAsync(Some.Event(message, EventType.Delivered), Some.Event(message, EventType.Opened));
            }
        });

        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(0, await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None));
            Assert.True(0 == await RestoreAsync(Path.Combine(_elsewhere, $"round{round}")), _said.ToString());
        }

        await end.CancelAsync();
        await pouring;
    }

    [Fact]
    public async Task Only_its_owner_may_read_a_backup_and_nothing_else_is_left_behind()
    {
        await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None);

        Assert.Equal([BackupFile], Directory.GetFileSystemEntries(_elsewhere));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(BackupFile));
        Assert.Contains("keep it so", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restoring_over_a_server_that_runs_is_refused()
    {
        await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None);

        Assert.Equal(2, await RestoreAsync(_app.DataDirectory));
        Assert.Contains("Stop it first", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_there_before_a_restore_is_set_aside()
    {
        await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None);
        var there = Directory.CreateDirectory(Path.Combine(_elsewhere, "there")).FullName;
        await File.WriteAllTextAsync(Path.Combine(there, "scoretracking.db"), "what was here");

        Assert.Equal(0, await RestoreAsync(there));

        var aside = Assert.Single(Directory.GetDirectories(there, "before-restore-*"));
        Assert.Equal("what was here", await File.ReadAllTextAsync(Path.Combine(aside, "scoretracking.db")));
        Assert.Empty(Directory.GetDirectories(there, "restoring-*"));
    }

    [Theory]
    [InlineData("cut", "cannot be read to its end")]
    [InlineData("text", "Nothing was changed")]
    [InlineData("stranger", "which no backup of ScoreTracking does")]
    [InlineData("incomplete", "part of it is missing")]
    public async Task What_is_no_backup_changes_nothing(string kind, string words)
    {
        await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None);
        await SpoilAsync(kind);
        var there = Directory.CreateDirectory(Path.Combine(_elsewhere, "there")).FullName;
        await File.WriteAllTextAsync(Path.Combine(there, "scoretracking.db"), "what was here");

        Assert.Equal(1, await RestoreAsync(there));

        Assert.Contains(words, _said.ToString(), StringComparison.Ordinal);
        Assert.Equal("what was here", await File.ReadAllTextAsync(Path.Combine(there, "scoretracking.db")));
        Assert.Empty(Directory.GetDirectories(there));
    }

    [Fact]
    public async Task A_backup_whose_counters_differ_from_its_log_is_not_written()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(message, EventType.Delivered));
        await using (var db = _app.Database())
        {
            await db.Counters.Where(counter => counter.CampaignId == campaign).ExecuteUpdateAsync(set => set.SetProperty(counter => counter.Total, 7));
        }

        Assert.Equal(1, await BackupCommand.RunAsync(Options(_app.DataDirectory), BackupFile, _said, CancellationToken.None));

        Assert.False(File.Exists(BackupFile));
        Assert.Contains("No backup was written", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_server_on_the_same_data_is_refused()
    {
        var refused = Assert.ThrowsAny<Exception>(() => new ServerLock(Microsoft.Extensions.Options.Options.Create(Options(_app.DataDirectory))));

        Assert.Contains("Another server is using", refused.Message, StringComparison.Ordinal);
    }

    private static StorageOptions Options(string directory) => new() { DataDirectory = directory };

    private Task<int> RestoreAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        return RestoreCommand.RunAsync(Options(directory), BackupFile, _app.Clock, _said, CancellationToken.None);
    }

    private async Task SpoilAsync(string kind)
    {
        switch (kind)
        {
            case "cut":
                await using (var file = File.OpenWrite(BackupFile))
                {
                    file.SetLength(file.Length / 2);
                }

                return;
            case "text":
                await File.WriteAllTextAsync(BackupFile, "not an archive at all");
                return;
            default:
                var folder = Directory.CreateDirectory(Path.Combine(_elsewhere, kind)).FullName;
                Directory.CreateDirectory(Path.Combine(folder, "keys"));
                await File.WriteAllTextAsync(Path.Combine(folder, "keys", "tracking.json"), "{}");
                if (kind == "stranger")
                {
                    await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), "{}");
                }

                await BackupArchive.PackAsync(folder, BackupFile, CancellationToken.None);
                return;
        }
    }
}
