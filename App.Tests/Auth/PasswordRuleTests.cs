using ScoreTracking.Auth;

namespace ScoreTracking.Tests.Auth;

public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("Password1234")]
    [InlineData("P@ssw0rd2026!")]
    [InlineData("passwordpassword")]
    [InlineData("123456789012")]
    [InlineData("qwertyuiop123")]
    [InlineData("1q2w3e4r5t6y")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("abcdefghijklm")]
    [InlineData("aaaaaaaaaaaaaa")]
    [InlineData("abababababab")]
    [InlineData("111122223333")]
    [InlineData("Welcome2026!!")]
    [InlineData("ScoreTracking1")]
    [InlineData("iloveyou12345")]
    [InlineData("!!!LetMeIn!!!")]
    [InlineData("adminadmin123")]
    public void What_is_guessed_first_is_refused(string password) =>
        Assert.Equal("is among the first anyone would guess", PasswordRules.Error(password, "ana@example.com"));

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("purple kettle on a roof")]
    [InlineData("zzyzx road, exit 239")]
    [InlineData("8f3kq0v7m2xd")]
    [InlineData("пароль длинный и свой")]
    [InlineData("password for the cellar door")]
    [InlineData("749201836550")]
    public void Length_is_enough_and_no_composition_is_asked_for(string password) =>
        Assert.Null(PasswordRules.Error(password, "ana@example.com"));

    [Theory]
    [InlineData(null, "at least 12")]
    [InlineData("elevenchars", "at least 12")]
    [InlineData("ana.maria@example.com", "email address")]
    [InlineData("Ana.Maria@Example.com!1", "email address")]
    public void Too_short_or_ones_own_address_is_refused(string? password, string words) =>
        Assert.Contains(words, PasswordRules.Error(password, "ana.maria@example.com"), StringComparison.Ordinal);

    [Fact]
    public void The_longest_password_has_128_characters()
    {
        var longest = string.Concat(Enumerable.Range(0, 32).Select(i => $"{i * 7 % 10}k{(char)('a' + (i % 26))}w"));

        Assert.Null(PasswordRules.Error(longest, null));
        Assert.NotNull(PasswordRules.Error(longest + "x", null));
    }
}
