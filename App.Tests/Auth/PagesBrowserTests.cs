using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class PagesBrowserTests
{
    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_before_the_product_fit_every_screen(string look)
    {
        await using var fresh = new TestApp(new() { ["Setup:AdminEmail"] = "", ["Setup:AdminPassword"] = "" });
        await using var settled = new TestApp();

        await ShowAsync(fresh, look, "/setup", "setup");
        await ShowAsync(settled, look, "/login", "login");
        await ShowAsync(settled, look, "/account/password", "password");
    }

    [Fact]
    public async Task Signing_in_with_a_keyboard_leads_to_the_page_wanted_and_a_wrong_password_says_so()
    {
        await using var app = new TestApp();
        await using var visit = await Browser.VisitAsync(app, Look.Light);
        await visit.Page.GotoAsync("/login?returnUrl=%2Faccount%2Fpassword");

        await visit.Page.Keyboard.TypeAsync(TestApp.AdminEmail);
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.TypeAsync("not the password");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForSelectorAsync("[role=alert]");
        await visit.PhotographAsync("login-refused");
        await visit.Page.Keyboard.TypeAsync(TestApp.AdminPassword);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForURLAsync("**/account/password");

        Assert.Equal("Change your password", await visit.Page.TextContentAsync("h1"));
    }

    private static async Task ShowAsync(TestApp app, string look, string address, string name)
    {
        await using var visit = await Browser.VisitAsync(app, Look.All.Single(one => one.Name == look));

        await visit.Page.GotoAsync(address);
        await visit.PhotographAsync(name);

        Assert.EndsWith(address, visit.Page.Url, StringComparison.Ordinal);
        Assert.Empty(visit.Errors);
        Assert.False(await visit.IsWiderThanScreenAsync());
    }
}
