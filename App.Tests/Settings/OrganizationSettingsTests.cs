using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Settings;

public sealed class OrganizationSettingsTests
{
    [Theory]
    [InlineData("UTC"), InlineData("Europe/Berlin"), InlineData("America/Argentina/Buenos_Aires"), InlineData("Etc/GMT+1"), InlineData("US/Eastern"), InlineData("W-SU")]
    public void Iana_zones_are_known(string id)
    {
        Assert.True(TimeZones.TryFind(id, out var zone));
        Assert.Equal(id, zone.Id);
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("Mars/Olympus"), InlineData("Eastern Standard Time"), InlineData("UTC-11"), InlineData("europe/berlin")]
    [InlineData("+02:00"), InlineData("../../etc/passwd"), InlineData("/etc/localtime"), InlineData("localtime"), InlineData("posixrules"), InlineData("right/Europe/Berlin")]
    [InlineData("Europe"), InlineData("Europe/Berlin\n"), InlineData("Europe/../Europe/Berlin")]
    public void Anything_else_is_no_zone(string? id) => Assert.False(TimeZones.TryFind(id, out _));

    [Fact]
    public async Task The_first_start_takes_the_configured_zone_and_later_starts_keep_what_was_chosen()
    {
        await using var app = new TestApp(new() { ["TimeZone"] = "Asia/Tokyo" });
        var settings = app.Services.GetRequiredService<OrganizationSettings>();
        Assert.Equal("Asia/Tokyo", settings.Current.Zone.Id);
        await settings.ChangeAsync("Acme", TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"), TestContext.Current.CancellationToken);

        app.Services.MigrateData("Asia/Tokyo");
        var restarted = ActivatorUtilities.CreateInstance<OrganizationSettings>(app.Services);

        Assert.Equal(("Acme", "Europe/Paris"), (restarted.Current.Name, restarted.Current.Zone.Id));
    }

    [Fact]
    public async Task A_change_is_announced_after_it_can_be_read()
    {
        await using var app = new TestApp();
        var settings = app.Services.GetRequiredService<OrganizationSettings>();
        var seen = new List<string>();
        using var watching = app.Services.GetRequiredService<LiveUpdates>().Subscribe(LiveTopic.Settings, () => seen.Add(settings.Current.Name));

        await settings.ChangeAsync("Acme", null, TestContext.Current.CancellationToken);
        await settings.ChangeAsync(null, TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"), TestContext.Current.CancellationToken);

        Assert.Equal(["Acme", "Acme"], seen);
        Assert.Equal("Asia/Tokyo", settings.Current.Zone.Id);
    }

    [Fact]
    public async Task What_the_first_run_page_stores_holds_at_once()
    {
        await using var app = new TestApp(new() { ["Setup:AdminEmail"] = "", ["Setup:AdminPassword"] = "", ["Setup:ApiKey"] = "" });
        var settings = app.Services.GetRequiredService<OrganizationSettings>();
        Assert.Equal("UTC", settings.Current.Zone.Id);

        await using (var db = app.Database())
        {
            await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(o => o.TimeZone, "Asia/Tokyo"), TestContext.Current.CancellationToken);
        }

        Assert.Equal("Asia/Tokyo", settings.Current.Zone.Id);
    }

    [Fact]
    public async Task A_stored_zone_this_machine_does_not_know_reads_as_utc()
    {
        await using var app = new TestApp();
        await using (var db = app.Database())
        {
            await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(o => o.TimeZone, "Mars/Olympus"), TestContext.Current.CancellationToken);
        }

        Assert.Equal(TimeZoneInfo.Utc, app.Services.GetRequiredService<OrganizationSettings>().Current.Zone);
    }

    [Fact]
    public void A_configured_zone_that_does_not_exist_stops_the_start()
    {
        var refused = Assert.Throws<OptionsValidationException>(() => new TestApp(new() { ["TimeZone"] = "Mars/Olympus" }));

        Assert.Contains("Mars/Olympus", refused.Message, StringComparison.Ordinal);
    }
}
