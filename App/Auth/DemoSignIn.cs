using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>In the demo, signs in whoever sits at this machine as the first administrator.</summary>
internal sealed class DemoSignIn(RequestDelegate next)
{
    // One session for all of it: a script that keeps no cookies must not leave a row per request.
    private const string SessionId = "demo";

    public async Task InvokeAsync(HttpContext context, IOptions<AuthOptions> options, Sessions sessions, ScoreDb db)
    {
        if (options.Value.AutoSignInOnLoopback
            && context.User.Identity?.IsAuthenticated != true
            && !context.Request.Path.StartsWithSegments("/api")
            && context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null
            && Loopback.IsHere(context)
            && await db.Users.Where(user => user.Role == Roles.Admin).OrderBy(user => user.Id).FirstOrDefaultAsync(context.RequestAborted) is { } administrator)
        {
            context.User = await sessions.StartAsync(context, administrator, SessionId, context.RequestAborted);
        }

        await next(context);
    }
}
