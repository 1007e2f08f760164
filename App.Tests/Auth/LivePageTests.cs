using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class LivePageTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("UPDATE users SET role = 'viewer'")]
    [InlineData("UPDATE users SET security_stamp = 'changed'")]
    [InlineData("DELETE FROM user_tokens")]
    [InlineData("DELETE FROM users")]
    public async Task An_open_page_loses_its_viewer_within_five_seconds_whatever_ended_the_session(string sql)
    {
        await using var circuit = _app.Services.CreateAsyncScope();
        var provider = circuit.ServiceProvider.GetRequiredService<AuthenticationStateProvider>();
        var viewer = await GivenSessionAsync(circuit.ServiceProvider);
        var ended = new TaskCompletionSource<ClaimsPrincipal>(TaskCreationOptions.RunContinuationsAsynchronously);
        ((IHostEnvironmentAuthenticationStateProvider)provider).SetAuthenticationState(Task.FromResult(new AuthenticationState(viewer)));
        provider.AuthenticationStateChanged += async state => ended.TrySetResult((await state).User);
        Assert.True((await provider.GetAuthenticationStateAsync()).User.Identity!.IsAuthenticated);

        await using (var connection = _app.Services.GetRequiredService<SqliteFile>().Open())
        {
            await using var command = connection.CreateCommand();
            #pragma warning disable CA2100 // The statements above.
            command.CommandText = sql;
#pragma warning restore CA2100
            Assert.True(await command.ExecuteNonQueryAsync(Token) > 0);
        }

        var after = await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.NotEqual(true, after.Identity?.IsAuthenticated);
    }

    private static async Task<ClaimsPrincipal> GivenSessionAsync(IServiceProvider services)
    {
        var user = await services.GetRequiredService<ScoreDb>().Users.SingleAsync(Token);
        return await services.GetRequiredService<Sessions>().StartAsync(new DefaultHttpContext { RequestServices = services }, user, sessionId: null, Token);
    }
}
