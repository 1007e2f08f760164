using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Segments;

/// <summary>Whom rules come to, against the same computed plainly from the log: after storms of shuffled, repeated, late and corrected events.</summary>
public sealed class SegmentMembersTests
{
    private const int Contacts = 40;
    private const int Events = 700;

    private static readonly DateTimeOffset s_now = Some.Noon + TimeSpan.FromDays(91);

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Every_rule_comes_to_whom_the_log_says(int seed)
    {
        await using var app = new TestApp();
        app.Clock.Set(Some.Noon);
        var random = new Random(seed);
        var (campaign, list) = await StormAsync(app, random);

        Assert.Empty(app.Verify());
        app.Clock.Set(s_now);
        var naive = await NaiveSegments.ReadAsync(app, s_now);
        var rules = SampleRules.All.Select(json => Read(json.Replace("\"c\"", $"\"cmp_{campaign}\"", StringComparison.Ordinal).Replace("\"l\"", $"\"lst_{list}\"", StringComparison.Ordinal))).ToList();
        rules.AddRange(Enumerable.Range(0, 120).Select(_ => Grow(rules, random, 4)));
        var told = 0;
        foreach (var rule in rules)
        {
            var expected = naive.Members(rule);
            Assert.True(expected.SequenceEqual(await MembersAsync(app, rule)), $"{SegmentRuleJson.Write(rule)}: {string.Join(' ', expected)} by the log, {string.Join(' ', await MembersAsync(app, rule))} by SQL");
            told += expected.Length is > 0 and < Contacts ? 1 : 0;
        }

        // A table in which nearly nobody or everybody belonged would say nothing.
        Assert.True(told > rules.Count / 2, $"{told} of {rules.Count}");
    }

    [Fact]
    public async Task Whoever_is_erased_in_the_middle_of_it_belongs_to_nothing_and_takes_nobody_with_them()
    {
        await using var app = new TestApp();
        app.Clock.Set(Some.Noon);
        var random = new Random(5);
        await StormAsync(app, random);
        await using var db = app.Database();
        var mailed = await db.Messages.GroupBy(message => message.ContactId).Where(theirs => theirs.Count() > 1).Select(theirs => theirs.Key).OrderBy(id => id).Take(6).ToListAsync();
        var gone = mailed.Take(3).ToList();
        var links = await db.Links.Select(link => link.Id).ToListAsync();
        var storm = (await db.Messages.Where(message => mailed.Contains(message.ContactId)).Select(message => message.Id).ToListAsync()).SelectMany(message => Enumerable.Range(0, 12).Select(i => Some.Event(
            message, (i % 4) switch { 0 => EventType.Opened, 1 => EventType.Clicked, 2 => EventType.Sent, _ => EventType.Replied }, TimeSpan.FromHours(random.Next(2_000)), key: $"after:{message}:{i}",
            linkId: i % 4 == 1 ? links[random.Next(links.Count)] : 0, userAgent: Some.Firefox))).OrderBy(_ => random.Next()).ToList();

        await app.StoreAsync([.. storm.Take(storm.Count / 2)]);
        foreach (var contact in gone)
        {
            using var erased = await app.Api.DeleteAsync($"/api/v1/contacts/ctc_{contact}?erase=true", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        }

        await app.StoreAsync([.. storm.Skip(storm.Count / 2)]);

        Assert.Empty(app.Verify());
        app.Clock.Set(s_now);
        var naive = await NaiveSegments.ReadAsync(app, s_now);
        foreach (var rule in SampleRules.All.Where(json => !json.Contains("\"l\"", StringComparison.Ordinal) && !json.Contains("\"c\"", StringComparison.Ordinal)).Select(Read))
        {
            var members = await MembersAsync(app, rule);
            Assert.Equal(naive.Members(rule), members);
            Assert.Empty(members.Intersect(gone));
        }
    }

    [Fact]
    public async Task An_older_database_is_filled_at_its_start_and_what_was_altered_is_found_and_mended()
    {
        var app = new TestApp();
        app.Clock.Set(Some.Noon);
        await StormAsync(app, new Random(4));
        await using (var db = app.Database())
        {
            await db.Database.ExecuteSqlRawAsync("DELETE FROM built_dimensions WHERE name = 'contact activity'");
            await db.Database.ExecuteSqlRawAsync("UPDATE contact_state SET opened_at = 0, opens = 0, clicked_at = 0, sends = 7");
        }

        Assert.NotEmpty(app.Verify());
        await app.StopKeepingDataAsync();
        await using var again = new TestApp(dataDirectory: app.DataDirectory);

        Assert.Empty(again.Verify());
    }

    private static SegmentRule Read(string json)
    {
        var faults = new List<RuleFault>();
        using var document = JsonDocument.Parse(json);
        var rule = SegmentRuleJson.Read(document.RootElement, "rule", faults);
        Assert.True(rule is not null, $"{json}: {string.Join(", ", faults)}");
        Assert.Equal(SegmentRuleJson.Write(rule), SegmentRuleJson.Write(SegmentRuleJson.Stored(SegmentRuleJson.Write(rule))));
        return rule;
    }

    private static SegmentRule Grow(List<SegmentRule> conditions, Random random, int depth) => depth == 0 || random.Next(3) == 0
        ? conditions[random.Next(SampleRules.All.Length - 3)]
        : random.Next(3) switch
        {
            0 => new NoneOf(Grow(conditions, random, depth - 1)),
            1 => new AllOf([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Grow(conditions, random, depth - 1))]),
            _ => new AnyOf([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Grow(conditions, random, depth - 1))]),
        };

    // Counted, paged, streamed and asked one by one: all must say the same.
    private static async Task<List<long>> MembersAsync(TestApp app, SegmentRule rule)
    {
        var queries = app.Services.GetRequiredService<SegmentQueries>();
        var token = TestContext.Current.CancellationToken;
        var streamed = await queries.MembersAsync(rule, token).ToListAsync(token);
        var paged = new List<long>();
        for (long? after = 0; after is { } from;)
        {
            var page = await queries.PageAsync(rule, from, 7, token);
            paged.AddRange(page.Contacts);
            after = page.Next;
        }

        Assert.Equal(streamed, paged);
        Assert.Equal(streamed.Count, await queries.CountAsync(rule, null, token));
        using var connection = new WriteConnection(app.Services.GetRequiredService<SqliteFile>().Path, "query_only=1");
        var membership = new SegmentMembership(connection);
        for (var contact = 1; contact <= Contacts; contact++)
        {
            Assert.Equal(streamed.Contains(contact), membership.Has(rule, contact, app.Clock.GetUtcNow()));
        }

        return streamed;
    }

    private static async Task<(long Campaign, long List)> StormAsync(TestApp app, Random random)
    {
        var contacts = await GivenPeopleAsync(app, random);
        var messages = new List<(long Message, long[] Links)>();
        var campaigns = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            var campaign = await app.GivenCampaignAsync();
            campaigns.Add(campaign);
            long[] links = [await app.GivenLinkAsync(campaign, "https://example.com/a", 1), await app.GivenLinkAsync(campaign, "https://example.com/b?Q=1", 2), 0];
            foreach (var contact in contacts.Where(_ => random.Next(4) > 0))
            {
                messages.Add((await app.GivenMessageAsync(campaign, contactId: contact), links));
            }
        }

        string[] agents = [Some.Firefox, Some.Firefox, Some.Firefox, Some.ApplePrivacy, Some.Scanner, "GoogleImageProxy"];
        var storm = Enumerable.Range(0, Events).Select(i =>
        {
            var (message, links) = messages[random.Next(messages.Count)];
            var type = random.Next(16) switch
            {
                0 => EventType.Replied, 1 => EventType.Bounced, 2 or 3 => EventType.Delivered, 4 or 5 => EventType.Sent, 6 when random.Next(5) == 0 => EventType.Complained,
                7 when random.Next(4) == 0 => EventType.Unsubscribed, 8 or 9 or 10 => EventType.Clicked, _ => EventType.Opened,
            };
            var after = TimeSpan.FromHours(random.Next(0, 60) * 36) + TimeSpan.FromMilliseconds(random.Next(0, 20) * 700);
            return Some.Event(
                message, type, after, key: $"storm:{i}", linkId: type == EventType.Clicked ? links[random.Next(links.Length)] : 0,
                userAgent: agents[random.Next(agents.Length)], bounce: type == EventType.Bounced ? (BounceKind)random.Next(1, 4) : BounceKind.None);
        }).ToList();
        var shuffled = storm.SelectMany(e => Enumerable.Repeat(e, random.Next(1, 3))).OrderBy(_ => random.Next()).ToList();
        for (var from = 0; from < shuffled.Count;)
        {
            var size = random.Next(1, 200);
            await app.StoreAsync([.. shuffled.Skip(from).Take(size)]);
            from += size;
        }

        await using var db = app.Database();
        var reclassification = app.Services.GetRequiredService<Reclassification>();
        foreach (var hit in await db.Events.Where(e => (e.Type == EventType.Opened || e.Type == EventType.Clicked) && e.Id % 7 == 0).ToListAsync())
        {
            await reclassification.GiveAsync(hit.Id, random.Next(2) == 0 ? Verdict.Human : Verdict.Scanner, CancellationToken.None);
        }

        var list = new ContactList { Name = "Newsletter", CreatedAt = Some.Noon };
        db.Add(list);
        await db.SaveChangesAsync();
        db.AddRange(contacts.Where(_ => random.Next(3) == 0).Select(contact => new ListMember { ListId = list.Id, ContactId = contact, AddedAt = Some.Noon }));
        await db.Contacts.Where(contact => contact.Id == contacts[5] || contact.Id == contacts[11]).ExecuteUpdateAsync(set => set.SetProperty(contact => contact.DeletedAt, 1));
        await db.SaveChangesAsync();
        return (campaigns[1], list.Id);
    }

    private static async Task<List<long>> GivenPeopleAsync(TestApp app, Random random)
    {
        object?[] cities = ["Köln", "KÖLN", "pisa", "Москва", "Zürich", null, null];
        object?[] ages = [30, "30", 31.5, "33", 19, "old", null, 30.0];
        object?[] vips = [true, false, "true", null, 1];
        object?[] births = ["1990-05-17", "1990-05-17T23:59:59Z", "1985-01-01T00:00:00+02:00", "1991-02-03", "soon", null];
        await using var db = app.Database();
        var contacts = new List<Contact>();
        for (var i = 0; i < Contacts; i++)
        {
            var attributes = new JsonObject();
            Add("city", cities);
            Add("age", ages);
            Add("vip", vips);
            Add("born", births);
            Add("größe", ["x\"ä\\_%!😀", "X", 7e5, 0.5, null]);
            Add("""o'b"$.x[0]; DROP TABLE contacts""", ["'; DELETE FROM contacts; --", null]);
            contacts.Add(new Contact
            {
                CustomerId = random.Next(3) == 0 ? null : $"{(char)('a' + random.Next(3))}{i}",
                Email = $"person{i}@example.{(random.Next(2) == 0 ? "org" : "com")}",
                Attributes = attributes.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
                TrackingConsent = (TrackingConsent)random.Next(2),
                CreatedAt = Some.Noon + TimeSpan.FromHours(random.Next(150)),
            });

            void Add(string name, object?[] values)
            {
                if (values[random.Next(values.Length)] is { } value)
                {
                    attributes[name] = JsonSerializer.SerializeToNode(value);
                }
            }
        }

        db.AddRange(contacts);
        await db.SaveChangesAsync();
        return contacts.ConvertAll(contact => contact.Id);
    }
}
