using System.Net;
using System.Text.RegularExpressions;

namespace ScoreTracking.Tests.Support;

/// <summary>Someone with a browser: keeps cookies, fills in forms with the hidden fields they came with, follows no redirect by itself.</summary>
public sealed partial class Visitor(TestApp app) : IDisposable
{
    public HttpClient Client { get; } = app.Anonymous(keepsCookies: true);

    /// <summary>A visitor who signed in as the administrator TestApp starts with.</summary>
    public static async Task<Visitor> SignedInAsync(TestApp app, string email = TestApp.AdminEmail, string password = TestApp.AdminPassword)
    {
        var visitor = new Visitor(app);
        using var answer = await visitor.SignInAsync(email, password);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return visitor;
    }

    public Task<HttpResponseMessage> SignInAsync(string email, string password, string? returnUrl = null) =>
        SubmitAsync(returnUrl is null ? "/login" : "/login?returnUrl=" + Uri.EscapeDataString(returnUrl), new() { ["email"] = email, ["password"] = password });

    /// <summary>Opens a page and submits its form with these fields.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, Dictionary<string, string> fields)
    {
        using var form = await Client.GetAsync(page);
        Assert.Equal(HttpStatusCode.OK, form.StatusCode);
        var html = await form.Content.ReadAsStringAsync();
        var all = Hidden().Matches(html).ToDictionary(input => Attribute(input.Value, "name"), input => Attribute(input.Value, "value"));
        foreach (var (name, value) in fields)
        {
            all[name] = value;
        }

        return await Client.PostAsync(page, new FormUrlEncodedContent(all));
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await Client.GetAsync(path);
        return answer.StatusCode;
    }

    public void Dispose() => Client.Dispose();

    private static string Attribute(string input, string name) =>
        WebUtility.HtmlDecode(Regex.Match(input, $"\\b{name}=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex Hidden();
}
