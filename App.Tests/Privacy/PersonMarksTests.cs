using ScoreTracking.Ingest;
using ScoreTracking.Privacy;

namespace ScoreTracking.Tests.Privacy;

public sealed class PersonMarksTests
{
    private static readonly PersonMarks s_ana = new(new PersonTraces(3, ["ana+news@example.com", "ana@bücher.example", "ana@xn--bcher-kva.example"], "42", [17], []));

    [Theory]
    [InlineData("ana+news@example.com")]
    [InlineData("<Ana+News@Example.COM>")]
    [InlineData("To: ana+news@example.com, bob@example.com")]
    [InlineData("It is ana+news@example.com.")]
    [InlineData("mailto:ana+news@example.com?subject=x")]
    [InlineData("""{"recipient":"ana+news@example.com"}""")]
    [InlineData("{\"recipient\":\"ana\\u002Bnews@example.com\"}")]
    [InlineData("""{"reason":"550 \u003Cana+news@example.com\u003E"}""")]
    [InlineData("""{"reason":"first line\nana+news@example.com"}""")]
    [InlineData("https://x.example/?e=ana%2Bnews%40example.com&y=1")]
    [InlineData("https://x.example/?e=%20ana%2Bnews@example.com")]
    [InlineData("https://x.example/u/ana+news%40example.com")]
    [InlineData("ana@bücher.example")]
    [InlineData("ANA@XN--BCHER-KVA.example")]
    public void An_address_is_found_however_it_is_written(string text) => Assert.True(s_ana.HasAddress(text));

    [Theory]
    [InlineData("joana+news@example.com")]
    [InlineData("jo.ana+news@example.com")]
    [InlineData("ana+news@example.com.br")]
    [InlineData("ana+news@example.company")]
    [InlineData("ana+news@example.com-mail.example")]
    [InlineData("ana@example.com")]
    [InlineData("")]
    public void Somebody_elses_is_not(string text) => Assert.False(s_ana.HasAddress(text));

    [Theory]
    [InlineData("""{"message_id":"msg_17"}""", true)]
    [InlineData("""{"message_id":"msg_170"}""", false)]
    [InlineData("""{"customer_id":"42"}""", true)]
    [InlineData("""{"st_customer_id":"42"}""", true)]
    [InlineData("""{"customer_id":"421"}""", false)]
    [InlineData("""{"amount":"42"}""", false)]
    [InlineData("""{"id":"ctc_3"}""", true)]
    [InlineData("""{"id":"ctc_31"}""", false)]
    public void Json_about_a_person_is_known_by_their_ids(string json, bool theirs) => Assert.Equal(theirs, s_ana.IsIn(json));

    [Fact]
    public void What_is_left_of_a_text_holds_no_address() =>
        Assert.Equal("https://x.example/?e=&f=&g=joana+news@example.com", s_ana.Without("https://x.example/?e=ana%2Bnews%40example.com&f=Ana+News@example.com&g=joana+news@example.com"));
}
