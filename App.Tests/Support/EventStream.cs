using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ScoreTracking.Tests.Support;

/// <summary>One event of a stream.</summary>
public sealed record StreamEvent(string Name, string Id, JsonElement Data);

/// <summary>A listener to server-sent events, as a browser or a program reads them.</summary>
public sealed class EventStream : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;

    private EventStream(HttpClient client, HttpResponseMessage answer, Stream body) =>
        (_client, _answer, _lines) = (client, answer, new StreamReader(body));

    public HttpResponseHeaders Headers => _answer.Headers;

    public string? ContentType => _answer.Content.Headers.ContentType?.ToString();

    public static async Task<EventStream> OpenAsync(TestApp app, string path, string? lastEventId = null, string key = TestApp.ApiKey)
    {
        var client = app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new EventStream(client, answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event with this name; others are passed by, comments are not events.</summary>
    /// <exception cref="EndOfStreamException">The server ended the stream first.</exception>
    public async Task<StreamEvent> NextAsync(string? name = null)
    {
        var (found, id, data) = ("", "", "");
        while (await LineAsync() is { } line)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            switch (colon < 0 ? line : line[..colon])
            {
                case "event":
                    found = line[(colon + 2)..];
                    break;
                case "id":
                    id = line[(colon + 2)..];
                    break;
                case "data":
                    data = line[(colon + 2)..];
                    break;
                case "" when line.Length == 0:
                    if (data.Length > 0 && (name is null || name == found))
                    {
                        using var json = JsonDocument.Parse(data);
                        return new StreamEvent(found, id, json.RootElement.Clone());
                    }

                    (found, id, data) = ("", "", "");
                    break;
                default:
                    break;
            }
        }

        throw new EndOfStreamException("The server ended the stream.");
    }

    /// <summary>The next line as sent; null at the stream's end.</summary>
    public async Task<string?> LineAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await _lines.ReadLineAsync(patience.Token);
    }

    public void Dispose()
    {
        _lines.Dispose();
        _answer.Dispose();
        _client.Dispose();
    }
}
