using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports.Shares;

/// <summary>
/// Stands before everything below /s/. An address that names no link, or one that expired or was revoked, gets one
/// constant page, whatever the reason; a page that is shown is not kept, indexed or passed on, and leaves without
/// anything that looks like an address of a mailbox, should a section ever forget.
/// </summary>
internal sealed partial class ShareGate(RequestDelegate next, ShareUnlock unlock, ShareViews views)
{
    public const string Path = "/s";

    /// <summary>Behind a link's address: the mail below its click map.</summary>
    public const string Mail = "/mail";

    /// <summary>The header of a page that reads itself again: that is no view.</summary>
    private const string RefreshHeader = "X-Refresh";

    private static readonly byte[] s_notFound = Encoding.UTF8.GetBytes("""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>This link does not lead anywhere</title>
        <style>
        :root { color-scheme: light dark; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 17px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
        main { max-width: 26rem; padding: 2rem 1.5rem; text-align: center; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
        </style>
        </head>
        <body><main><h1>This link does not lead anywhere</h1><p>It may be incomplete, or no longer valid. Ask whoever sent it for a new one.</p></main></body>
        </html>
        """);

    public static string Address(string publicBase, string token) => $"{publicBase}{Path}/{token}";

    public async Task InvokeAsync(HttpContext context, ShareLinks links)
    {
        if (!context.Request.Path.StartsWithSegments(Path, out var rest))
        {
            await next(context);
            return;
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "no-cache, no-store"; // In the words antiforgery would use, or it would warn.
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers.XContentTypeOptions = "nosniff";
        var path = rest.Value is { Length: > 1 } below ? below[1..] : "";
        var isMail = path.EndsWith(Mail, StringComparison.Ordinal);
        if (await links.FindAsync(isMail ? path[..^Mail.Length] : path, context.RequestAborted) is not { } share || (isMail && !unlock.IsUnlocked(context, share)))
        {
            await WriteNotFoundAsync(context);
            return;
        }

        context.Features.Set(share);
        if (HttpMethods.IsGet(context.Request.Method) && !isMail && !context.Request.Headers.ContainsKey(RefreshHeader))
        {
            // Whoever only looks gets no cookie: a form's token, which the framework makes for every page, is of no use here.
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode == StatusCodes.Status200OK)
                {
                    context.Response.Headers.Remove("Set-Cookie");
                }

                return Task.CompletedTask;
            });
            context.Response.OnCompleted(() =>
            {
                if (context.Response.StatusCode == StatusCodes.Status200OK)
                {
                    views.Note(share.Id);
                }

                return Task.CompletedTask;
            });
        }

        await WithoutAddressesAsync(context);
    }

    private async Task WithoutAddressesAsync(HttpContext context)
    {
        var output = context.Response.Body;
        using var page = new MemoryStream();
        context.Response.Body = page;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = output;
        }

        var isPage = context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true;
        var written = page.GetBuffer().AsMemory(0, (int)page.Length);
        await output.WriteAsync(isPage ? Encoding.UTF8.GetBytes(WithoutAddresses(Encoding.UTF8.GetString(written.Span))) : written, context.RequestAborted);
    }

    /// <summary>The same text with every mailbox address taken out, also where HTML writes a part of it in another way.</summary>
    internal static string WithoutAddresses(string html) => Mailbox().Replace(html, "(address)");

    private static Task WriteNotFoundAsync(HttpContext context)
    {
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        context.Response.ContentLength = s_notFound.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(s_notFound, context.RequestAborted).AsTask();
    }

    // Entities count as letters of the local part; "@" may be written as one too.
    [GeneratedRegex(@"(?:[\w.!#$%*^`{|}~-]|&(?:\#x?[0-9a-f]{1,6}|amp|apos);){1,64}(?:@|&\#(?:64|x40);|%40)(?:[\w-]{1,63}\.){1,8}[\p{L}]{2,24}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 2_000)]
    private static partial Regex Mailbox();
}

/// <summary>What a browser shows to be let past a link's password again: a cookie for this link and this password alone, good for half a day.</summary>
internal sealed class ShareUnlock(IDataProtectionProvider protection, SessionCookieManager cookies, TimeProvider clock)
{
    private const string Cookie = "st-share";
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(12);

    private readonly IDataProtector _protector = protection.CreateProtector("Reports.Share");

    public bool IsUnlocked(HttpContext context, Share share)
    {
        if (!share.HasPassword)
        {
            return true;
        }

        try
        {
            return context.Request.Cookies[Cookie] is { Length: > 0 and < 2_000 } cookie
                && _protector.Unprotect(cookie).Split('\n', 2) is [var until, var of]
                && long.TryParse(until, out var milliseconds)
                && milliseconds > clock.GetUtcNow().ToUnixTimeMilliseconds()
                && of == Text(share);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false; // Somebody's own invention, or from before the keys were lost.
        }
    }

    public void Unlock(HttpContext context, Share share)
    {
        var until = clock.GetUtcNow() + s_lifetime;
        context.Response.Cookies.Append(Cookie, _protector.Protect($"{until.ToUnixTimeMilliseconds()}\n{Text(share)}"), new CookieOptions
        {
            HttpOnly = true,
            IsEssential = true,
            MaxAge = s_lifetime,
            Path = context.Request.Path,
            SameSite = SameSiteMode.Lax,
            Secure = cookies.IsSecure(context),
        });
    }

    // The hash, salted anew with every change, stands for the password; neither leaves protected text.
    private static string Text(Share share) => $"{share.Id}\n{share.PasswordHash}";
}
