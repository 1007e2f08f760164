using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Hooks;

/// <summary>Somebody's endpoint: keeps what it gets and answers as it is told.</summary>
internal sealed class HookSink : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<WebhookRequest> _received = new();

    private HookSink(WebApplication server) => _server = server;

    /// <summary>Answers a request; 204 until told otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = With(204);

    public string Url => _server.Urls.First();

    public IReadOnlyList<WebhookRequest> Received => [.. _received];

    public static Func<HttpContext, Task> With(int status, string? location = null) => context =>
    {
        context.Response.StatusCode = status;
        if (location is not null)
        {
            context.Response.Headers.Location = location;
        }

        return Task.CompletedTask;
    };

    public static async Task<HookSink> OpenAsync(string host = "127.0.0.1")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{host}:0");
        var sink = new HookSink(builder.Build());
        sink._server.Run(sink.TakeAsync);
        await sink._server.StartAsync();
        return sink;
    }

    /// <summary>Waits for this many requests in all.</summary>
    public async Task<IReadOnlyList<WebhookRequest>> UntilAsync(int count)
    {
        await Eventually.TrueAsync(() => _received.Count >= count);
        return Received;
    }

    public static JsonNode Body(WebhookRequest request) => JsonNode.Parse(request.Body.Span)!;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        _received.Enqueue(new WebhookRequest(context.Request.Method, headers, body.ToArray()));
        await Answer(context);
    }
}
