using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

/// <summary>One contact over the API: added, changed, read, and what is refused.</summary>
public sealed class ContactTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task A_contact_is_added_by_customer_id_and_read_by_that_or_its_own_id()
    {
        var added = await App.PutAsync(
            "added-1", new JsonObject { ["email"] = "Ana@Example.com", ["data"] = new JsonObject { ["first_name"] = "Ana", ["age"] = 41, ["vip"] = true }, ["tracking_consent"] = "granted" },
            HttpStatusCode.Created);
        var byOwn = await App.GetAsync($"{ContactApi.Path}/{added["id"]}");
        var byCustomer = await App.GetAsync($"{ContactApi.Path}/added-1");

        Assert.StartsWith("ctc_", (string)added["id"]!, StringComparison.Ordinal);
        Assert.Equal(added.ToJsonString(), byOwn.ToJsonString());
        Assert.Equal(added.ToJsonString(), byCustomer.ToJsonString());
        Assert.Equal("""{"first_name":"Ana","age":41,"vip":true}""", added["data"]!.ToJsonString());
        Assert.Equal(("added-1", "Ana@example.com", 0.0, 0, "granted"), ((string)added["customer_id"]!, (string)added["email"]!, (double)added["engagement_score"]!, (int)added["soft_streak"]!, (string)added["tracking_consent"]!));
        Assert.Equal("api", (string)added["consent"]!["method"]!);
        Assert.Null(added["suppression"]);
    }

    [Fact]
    public async Task Putting_again_merges_attributes_removes_those_that_are_null_and_keeps_what_is_not_named()
    {
        await App.AddAsync("merge-1", "merge@example.com", new JsonObject { ["first_name"] = "Ana", ["city"] = "Pisa" });

        var changed = await App.PutAsync("merge-1", new JsonObject { ["data"] = new JsonObject { ["city"] = null, ["plan"] = "gold" } });

        Assert.Equal("""{"first_name":"Ana","plan":"gold"}""", changed["data"]!.ToJsonString());
        Assert.Equal("merge@example.com", (string)changed["email"]!);
    }

    [Fact]
    public async Task The_same_customer_id_with_another_address_is_the_same_person_at_a_new_address()
    {
        var before = await App.AddAsync("moved-1", "before@example.com");

        var after = await App.PutAsync("moved-1", new JsonObject { ["email"] = "after@example.com" });

        Assert.Equal((string)before["id"]!, (string)after["id"]!);
        Assert.Equal("after@example.com", (string)after["email"]!);
        Assert.Empty((await App.ListAsync("q=before@example.com"))["data"]!.AsArray());
    }

    [Fact]
    public async Task The_same_address_with_another_customer_id_is_another_person_and_suppressed_together()
    {
        var first = await App.AddAsync("shared-1", "family@example.com");
        var second = await App.AddAsync("shared-2", "FAMILY@example.com");
        await App.SuppressAsync("family@example.com");

        Assert.NotEqual((string)first["id"]!, (string)second["id"]!);
        foreach (var id in new[] { "shared-1", "shared-2" })
        {
            Assert.Equal("unsubscribed", (string)(await App.GetAsync($"{ContactApi.Path}/{id}"))["suppression"]!["reason"]!);
        }
    }

    [Fact]
    public async Task An_address_known_without_a_customer_id_becomes_the_contact_who_brings_one()
    {
        var campaign = await App.GivenDraftAsync();
        await App.PostAsync($"/api/v1/campaigns/{campaign}/recipients", CampaignApi.Recipients([new JsonObject { ["email"] = "nameless@example.com", ["data"] = new JsonObject { ["city"] = "Pisa" } }]));

        var adopted = await App.PutAsync("named-1", new JsonObject { ["email"] = "nameless@example.com" });

        Assert.Equal("""{"city":"Pisa"}""", adopted["data"]!.ToJsonString());
        Assert.Single((await App.ListAsync("q=nameless@example.com"))["data"]!.AsArray());
    }

    [Theory]
    [InlineData("o'neil+tag@sub.example.com", "o'neil+tag@sub.example.com")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com")]
    [InlineData("\"two words\"@example.com", "\"two words\"@example.com")]
    [InlineData("\u00fc\u00f1\u00ed@example.com", "\u00fc\u00f1\u00ed@example.com")]
    [InlineData("ana@m\u00fcnchen.example", "ana@xn--mnchen-3ya.example")]
    [InlineData("\u7528\u6237@\u4f8b\u5b50.\u6d4b\u8bd5", "\u7528\u6237@xn--fsqu00a.xn--0zwm56d")]
    [InlineData("a@B.EXAMPLE", "a@b.example")]
    public async Task Addresses_however_odd_are_taken_if_mail_can_go_there_and_found_again(string given, string stored)
    {
        var id = $"odd-{Guid.NewGuid():N}";

        var added = await App.AddAsync(id, given);
        var found = await App.ListAsync($"q={Uri.EscapeDataString(given)}");

        Assert.Equal(stored, (string)added["email"]!);
        Assert.Contains(id, found["data"]!.AsArray().Select(row => (string?)row!["customer_id"]));
    }

    [Theory, InlineData("a/b"), InlineData("a%2Fb"), InlineData("a b"), InlineData("\u00e4\u6f22\ud83d\ude00"), InlineData("a?b#c&d=e"), InlineData("..%"), InlineData("<script>alert(1)</script>"), InlineData("'; DROP TABLE contacts; --")]
    public async Task Customer_ids_are_the_callers_own_and_may_hold_anything_a_line_can(string id)
    {
        var added = await App.AddAsync(id, $"{Guid.NewGuid():N}@example.com");
        var read = await App.GetAsync($"{ContactApi.Path}/{Uri.EscapeDataString(id)}");
        var answered = await App.SendAsync(HttpMethod.Put, $"{ContactApi.Path}/{Uri.EscapeDataString(id)}/consent", new JsonObject { ["tracking_consent"] = "denied" }, HttpStatusCode.OK);

        Assert.Equal(id, (string)added["customer_id"]!);
        Assert.Equal((string)added["id"]!, (string)read["id"]!);
        Assert.Equal((string)added["id"]!, (string)answered["id"]!);
    }

    [Theory]
    [InlineData("new", """{}""", 422, "email")]
    [InlineData("new", """{"email":"nobody"}""", 422, "email")]
    [InlineData("new", """{"email":"a@b@c.com"}""", 422, "email")]
    [InlineData("new", """{"email":"a@localhost"}""", 422, "email")]
    [InlineData("new", """{"email":"Ana <a@example.com>"}""", 422, "email")]
    [InlineData("new", """{"email":"a@example.com","tracking_consent":"yes"}""", 422, "tracking_consent")]
    [InlineData("new", """{"email":"a@example.com","data":[1]}""", 422, "data")]
    [InlineData("new", """{"email":"a@example.com","data":{"a":{"b":1}}}""", 422, "data")]
    [InlineData("new", """{"email":"a@example.com","data":{"a":"\ud800"}}""", 422, "data")]
    [InlineData("new", """{"email":"a@example.com","score":99}""", 400, "score")]
    [InlineData("new", """{"email":7}""", 400, "email")]
    [InlineData("new", """{"email":""", 400, null)]
    [InlineData("%20", """{"email":"a@example.com"}""", 422, "customer_id")]
    [InlineData("a%07", """{"email":"a@example.com"}""", 422, "customer_id")]
    [InlineData("ctc_1", """{"email":"a@example.com"}""", 422, "customer_id")]
    public async Task What_cannot_be_put_is_said_with_its_field(string id, string body, int status, string? field)
    {
        var problem = await App.RefusedAsync(HttpMethod.Put, $"{ContactApi.Path}/{id}", body, status);

        Assert.True(field is null || problem["errors"]![field] is not null, problem.ToJsonString());
    }

    [Fact]
    public async Task Nobody_is_there_under_an_unknown_id()
    {
        foreach (var id in new[] { "ctc_999999", "ctc_0", "ctc_01", "ctc_-1", "ctc_99999999999999999999", "nobody", "%2F", "cmp_1" })
        {
            await App.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}/{id}", null, 404);
            await App.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}/{id}/timeline", null, 404);
            await App.RefusedAsync(HttpMethod.Put, $"{ContactApi.Path}/{id}/consent", """{"tracking_consent":"granted"}""", 404);
        }
    }

    [Fact]
    public async Task An_answer_about_tracking_is_kept_with_its_time_its_way_and_its_words()
    {
        await App.AddAsync("answer-1", "answer@example.com");
        var at = App.Clock.GetUtcNow().AddDays(-1);

        var answered = await App.SendAsync(HttpMethod.Put, $"{ContactApi.Path}/answer-1/consent", new JsonObject { ["tracking_consent"] = "granted", ["method"] = "signup_form", ["wording"] = "Yes, measure what I read.", ["at"] = at.ToString("O") }, HttpStatusCode.OK);
        var withdrawn = await App.SendAsync(HttpMethod.Put, $"{ContactApi.Path}/answer-1/consent", new JsonObject { ["tracking_consent"] = "denied" }, HttpStatusCode.OK);

        Assert.Equal(("granted", "signup_form", "Yes, measure what I read."), ((string)answered["tracking_consent"]!, (string)answered["consent"]!["method"]!, (string)answered["consent"]!["wording"]!));
        Assert.Equal(at, (DateTimeOffset)answered["consent"]!["at"]!, TimeSpan.FromMilliseconds(1));
        Assert.Equal(("denied", "api", ""), ((string)withdrawn["tracking_consent"]!, (string)withdrawn["consent"]!["method"]!, (string)withdrawn["consent"]!["wording"]!));
        await using var db = App.Database();
        Assert.Equal(TrackingConsent.Denied, db.Contacts.Single(contact => contact.CustomerId == "answer-1").TrackingConsent);
    }

    [Theory]
    [InlineData("""{}""", 422, "tracking_consent")]
    [InlineData("""{"tracking_consent":"maybe"}""", 422, "tracking_consent")]
    [InlineData("""{"tracking_consent":"granted","method":"a\nb"}""", 422, "method")]
    [InlineData("""{"tracking_consent":"granted","wording":"\u0000"}""", 422, "wording")]
    [InlineData("""{"tracking_consent":"granted","at":"2126-01-01T00:00:00Z"}""", 422, "at")]
    [InlineData("""{"tracking_consent":"granted","at":"yesterday"}""", 400, "at")]
    [InlineData("""{"tracking_consent":"granted","ip":"10.0.0.1"}""", 400, "ip")]
    public async Task An_answer_nobody_could_have_given_is_refused(string body, int status, string field)
    {
        await App.PutAsync("refused-1", new JsonObject { ["email"] = "refused@example.com" }, (await App.Api.GetAsync($"{ContactApi.Path}/refused-1")).IsSuccessStatusCode ? HttpStatusCode.OK : HttpStatusCode.Created);

        var problem = await App.RefusedAsync(HttpMethod.Put, $"{ContactApi.Path}/refused-1/consent", body, status);

        Assert.NotNull(problem["errors"]![field]);
    }
}
