using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class AcceptLanguageTests
{
    [Theory]
    [InlineData("de", "de"), InlineData("fr", "fr"), InlineData("es", "es"), InlineData("it", "it")]
    [InlineData("pt", "pt"), InlineData("nl", "nl"), InlineData("pl", "pl"), InlineData("en", "en")]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de")]
    [InlineData("pt-BR", "pt")]
    [InlineData("PL-pl", "pl")]
    [InlineData("sv-SE, sv;q=0.9, nl;q=0.5, en;q=0.4", "nl")]
    [InlineData("en;q=0.5, fr;q=0.7", "fr")]
    [InlineData("fr;q=0, it;q=0.1", "it")]
    [InlineData("es ; q=0.9", "es")]
    public void The_reader_is_answered_in_the_language_they_like_best(string header, string language) =>
        Assert.Equal(language, AcceptLanguage.Choose(header).Language);

    [Theory]
    [InlineData(null), InlineData(""), InlineData("*"), InlineData("ja"), InlineData("zh-Hans-CN;q=0.9"), InlineData(",,;;,q=,"), InlineData("de;q=9"), InlineData("de;q=-1")]
    [InlineData("de;q=1e3"), InlineData("d\u00e9"), InlineData("deutsch"), InlineData("<script>"), InlineData("de;q=NaN")]
    public void Whoever_asks_for_nothing_we_speak_gets_English(string? header) => Assert.Equal("en", AcceptLanguage.Choose(header).Language);

    [Fact]
    public void A_header_without_end_is_not_read_to_its_end() =>
        Assert.Equal("en", AcceptLanguage.Choose(string.Join(',', Enumerable.Repeat("xx", 5_000)) + ",de").Language);

    [Fact]
    public void Every_language_says_everything()
    {
        foreach (var text in typeof(UnsubscribeTexts).GetProperties().Where(property => property.PropertyType == typeof(string)))
        {
            var said = UnsubscribeTexts.All.Select(texts => (string)text.GetValue(texts)!).ToList();

            Assert.All(said, words => Assert.False(string.IsNullOrWhiteSpace(words)));

            // A sentence nobody translated would stand twice.
            if (text.Name is not nameof(UnsubscribeTexts.Tracking))
            {
                Assert.Equal(UnsubscribeTexts.All.Count, said.Distinct().Count());
            }
        }
    }
}
