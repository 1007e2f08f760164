using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ScoreTracking.Tests.Support;

/// <summary>A request as it arrived.</summary>
public sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>An HTTP interface on a free loopback port: keeps what it gets and answers as a test says.</summary>
public sealed class ScriptedHttpServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private ScriptedHttpServer(WebApplication server) => _server = server;

    /// <summary>Answers a request that was read to its end; 200 without a word until told otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = With(200, "");

    public string Url => _server.Urls.First();

    public ConcurrentQueue<ReceivedRequest> Received { get; } = new();

    public static Func<HttpContext, Task> With(int status, string body, params (string Name, string Value)[] headers) => context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return context.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> HangUp => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public static Func<HttpContext, Task> SayNothing => context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public static async Task<ScriptedHttpServer> OpenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var scripted = new ScriptedHttpServer(builder.Build());
        scripted._server.Run(scripted.TakeAsync);
        await scripted._server.StartAsync();
        return scripted;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Received.Enqueue(new ReceivedRequest(context.Request.Method, context.Request.Path, headers, body.ToArray()));
        await Answer(context);
    }
}
