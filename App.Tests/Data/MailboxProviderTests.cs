using ScoreTracking.Data;

namespace ScoreTracking.Tests.Data;

public sealed class MailboxProviderTests
{
    [Theory]
    [InlineData("ana@gmail.com", "Gmail")]
    [InlineData("ana@GoogleMail.com", "Gmail")]
    [InlineData("ana@hotmail.co.uk", "Outlook.com")]
    [InlineData("ana@outlook.com.br", "Outlook.com")]
    [InlineData("ana@live.de", "Outlook.com")]
    [InlineData("ana@yahoo.fr", "Yahoo")]
    [InlineData("ana@yahoo.co.jp", "Yahoo Japan")]
    [InlineData("ana@me.com", "iCloud")]
    [InlineData("ana@gmx.net", "GMX")]
    [InlineData("ana@web.de", "WEB.DE")]
    [InlineData("ana@t-online.de", "T-Online")]
    [InlineData("ana@yandex.ru", "Yandex")]
    [InlineData("\"an@a\"@qq.com", "QQ")]
    [InlineData("ana@example.com", "Other")]
    [InlineData("ana@gmail.com.example.net", "Other")]
    [InlineData("ana@yahoo.example.com", "Other")]
    [InlineData("ana@notgmail.com", "Other")]
    [InlineData("ana@live.example", "Other")]
    [InlineData("ana", "Other")]
    [InlineData("", "Other")]
    public void An_address_belongs_to_who_runs_its_domain(string email, string expected) =>
        Assert.Equal(expected, MailboxProvider.Of(email).Name);

    [Fact]
    public void Stored_numbers_find_their_provider_again()
    {
        Assert.All(MailboxProvider.All, (provider, position) => Assert.Equal(position, provider.Number));
        Assert.Same(MailboxProvider.Other, MailboxProvider.Find(9_999));
    }
}
