using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Auth;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.House;

/// <summary>Every address of the server and who may call it.</summary>
public sealed partial class RouteTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Who_may_call_what_is_written_down()
    {
        var lines = Endpoints()
            .Where(endpoint => !IsFile(endpoint))
            .Select(endpoint => $"{Pattern(endpoint),-60} {Methods(endpoint),-12} {Who(endpoint)}")
            .Distinct()
            .Order(StringComparer.Ordinal);

        Golden.Matches("House/routes.txt", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void Below_api_every_address_asks_for_a_scope_or_is_open_on_purpose()
    {
        var open = Endpoints()
            .Where(endpoint => Pattern(endpoint).StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => !Who(endpoint).StartsWith("scope:", StringComparison.Ordinal))
            .Select(Pattern)
            .Where(pattern => !pattern.StartsWith("/api/track/", StringComparison.Ordinal));

        Assert.Empty(open);
    }

    [Fact]
    public async Task No_address_answers_a_caller_who_may_not_call_it()
    {
        var answers = new List<string>();
        using var anonymous = _app.Anonymous();
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null))
        {
            foreach (var method in Methods(endpoint).Split(' '))
            {
                var path = Concrete(endpoint);
                var isApi = path.StartsWith("/api/", StringComparison.Ordinal);
                var who = Who(endpoint);

                await ExpectAsync(anonymous, method, path, isApi ? [HttpStatusCode.Unauthorized] : [HttpStatusCode.Redirect, HttpStatusCode.Unauthorized], "a stranger", answers);

                // The live hub is the one address that takes keys and sessions.
                var takesKeys = isApi || who == Policies.LiveReports;
                using var other = await KeyWithoutAsync(who == Policies.LiveReports ? Scopes.ReportsRead : who.StartsWith("scope:", StringComparison.Ordinal) ? who["scope:".Length..] : null);
                await ExpectAsync(other, method, path, takesKeys ? [HttpStatusCode.Forbidden] : [HttpStatusCode.Redirect, HttpStatusCode.Unauthorized], "a key without the scope", answers);
            }
        }

        Assert.Empty(answers);
    }

    // A key with every scope but one (and but admin, which implies all).
    private readonly Dictionary<string, string> _keys = [];

    private async Task<HttpClient> KeyWithoutAsync(string? scope)
    {
        scope ??= Scopes.Admin;
        if (!_keys.TryGetValue(scope, out var key))
        {
            using var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = $"Without {scope}", scopes = Scopes.All.Except([.. scope.Split(" or "), Scopes.Admin]) }, Token);
            _keys[scope] = key = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetProperty("key").GetString()!;
        }

        var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task ExpectAsync(HttpClient client, string method, string path, HttpStatusCode[] expected, string caller, List<string> answers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method is "any" ? "GET" : method), path);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        if (!expected.Contains(answer.StatusCode))
        {
            answers.Add($"{method} {path} answered {(int)answer.StatusCode} to {caller}");
        }
    }

    private IEnumerable<RouteEndpoint> Endpoints() => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    // Scripts, styles and pictures, whose names carry their content's hash: open to all, and only to be read.
    private static bool IsFile(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
        && Methods(endpoint) == "GET HEAD"
        && FileName().IsMatch(Pattern(endpoint));

    private static string Pattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static string Methods(RouteEndpoint endpoint) =>
        string.Join(' ', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Order() ?? Enumerable.Repeat("any", 1)) is { Length: > 0 } methods ? methods : "any";

    private static string Who(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return "anyone";
        }

        var policies = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy ?? "signed in").Distinct().Order(StringComparer.Ordinal).ToList();
        return policies.Count == 0 ? "signed in, by fallback" : string.Join(" and ", policies);
    }

    private static string Concrete(RouteEndpoint endpoint) => Parameter().Replace(Pattern(endpoint), "1");

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.(js|css|svg|png|ico|woff2?|map|gz|br|json|ttf|eot|html|txt)$")]
    private static partial Regex FileName();
}
