using System.Text.RegularExpressions;
using ScoreTracking.Events;
using ScoreTracking.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

/// <summary>The list of sent mail: its pages, filters, and what of it a viewer may see.</summary>
public sealed class MailListTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Pages_go_forth_and_back_by_key_and_miss_nothing()
    {
        for (var i = 0; i < 7; i++)
        {
            await WriteAsync($"Mail {i}", "ana@example.com");
        }

        var forth = await WalkAsync(new MailListView(null, null, true, null), list => list.Next);

        Assert.Equal(["Mail 6 Mail 5 Mail 4", "Mail 3 Mail 2 Mail 1", "Mail 0"], forth.Select(Subjects));
        Assert.Equal(["Mail 0", "Mail 3 Mail 2 Mail 1", "Mail 6 Mail 5 Mail 4"], (await BackAsync(forth[^1])).Select(Subjects));
        Assert.Null(forth[0].Previous);
    }

    [Fact]
    public async Task A_mail_is_found_by_its_subject_and_a_recipient_s_address_but_never_by_wildcards()
    {
        await WriteAsync("100% off", "ana@example.com", "ben@example.org");
        await WriteAsync("Lunch", "cleo_x@example.com");

        Assert.Equal("100% off", await FoundAsync("0% O"));
        Assert.Equal("100% off", await FoundAsync("BEN@"));
        Assert.Equal("Lunch", await FoundAsync("cleo_"));
        Assert.Equal("", await FoundAsync("_"));
        Assert.Equal("100% off", await FoundAsync("%"));
        Assert.Equal("", await FoundAsync("ben@", withAddresses: false));
    }

    [Fact]
    public async Task A_mail_to_several_shows_the_most_telling_of_its_copies_and_is_found_by_each()
    {
        var copies = await WriteAsync("To three", "ana@example.com", "ben@example.com", "cleo@example.com");
        await _app.StoreAsync(Some.Event(copies[2], EventType.Bounced, bounce: BounceKind.Hard), Some.Event(copies[1], EventType.Opened));

        var row = Assert.Single((await ReadAsync(new MailListView(null, null, true, null))).Rows);

        Assert.Equal(("green", 1), (row.Indicator, row.Opens));
        Assert.Equal(["gray", "green", "red"], row.Copies.Select(copy => copy.Indicator));
        foreach (var (indicator, found) in new[] { ("gray", 1), ("green", 1), ("red", 1), ("blue", 0) })
        {
            Assert.Equal(found, (await ReadAsync(new MailListView(null, indicator, true, null))).Rows.Count);
        }

        await _app.StoreAsync(Some.Event(copies[0], EventType.Bounced, bounce: BounceKind.Hard), Some.Event(copies[1], EventType.Clicked, TimeSpan.FromMinutes(1)));
        Assert.Equal("blue", Assert.Single((await ReadAsync(new MailListView(null, null, true, null))).Rows).Indicator);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_viewer_sees_what_happened_and_no_address()
    {
        var copies = await WriteAsync("The offer", "anastasia@example.com", "benjamin@example.com");
        await _app.StoreAsync(Some.Event(copies[0], EventType.Bounced, bounce: BounceKind.Hard) with { Reason = "550 5.1.1 <anastasia@example.com> unknown" });
        using var made = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(_app.Api, "/api/v1/users", new { email = "vera@example.com", role = "viewer", password = "purple kettle on a roof" }, Token);
        using var viewer = await Visitor.SignedInAsync(_app, "vera@example.com", "purple kettle on a roof");

        foreach (var address in new[] { "/messages", $"/messages/msg_{copies[0]}", "/messages?q=anastasia" })
        {
            var seen = await viewer.Client.GetStringAsync(address, Token);
            Assert.DoesNotMatch(new Regex("anastasia@|benjamin@"), seen);
            Assert.Equal(!address.Contains('?'), seen.Contains("The offer", StringComparison.Ordinal));
        }

        Assert.NotEqual(System.Net.HttpStatusCode.OK, await viewer.StatusAsync("/messages/new"));
    }

    private async Task<List<long>> WriteAsync(string subject, params string[] to)
    {
        var mail = MailApi.Mail(to);
        mail["subject"] = subject;
        return [.. (await _app.GivenMailAsync(mail)).Select(MailApi.Number)];
    }

    private async Task<MailList> ReadAsync(MailListView view)
    {
        await using var db = _app.Database();
        return await MailListQuery.RunAsync(db, view, 3, Token);
    }

    private async Task<string> FoundAsync(string text, bool withAddresses = true) => Subjects(await ReadAsync(new MailListView(text, null, withAddresses, null)));

    private async Task<List<MailList>> WalkAsync(MailListView view, Func<MailList, string?> to)
    {
        var lists = new List<MailList> { await ReadAsync(view) };
        while (to(lists[^1]) is { } cursor)
        {
            lists.Add(await ReadAsync(view with { Cursor = cursor.Length == 0 ? null : cursor }));
        }

        return lists;
    }

    private async Task<List<MailList>> BackAsync(MailList last)
    {
        var lists = new List<MailList> { last };
        while (lists[^1].Previous is { } cursor)
        {
            lists.Add(await ReadAsync(new MailListView(null, null, true, cursor.Length == 0 ? null : cursor)));
        }

        return lists;
    }

    private static string Subjects(MailList list) => string.Join(' ', list.Rows.Select(row => row.Subject));
}
