using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace ScoreTracking.Tests.Support;

/// <summary>A client of the live hub over a bare WebSocket, speaking SignalR's JSON protocol: records that end with the byte 0x1E.</summary>
public sealed class HubConnection : IAsyncDisposable
{
    private const byte End = 0x1E;
    private const int Invocation = 1;
    private const int Completion = 3;
    private const int Close = 7;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket;
    private readonly Channel<JsonElement> _summaries = Channel.CreateUnbounded<JsonElement>();
    private readonly Channel<JsonElement> _completions = Channel.CreateUnbounded<JsonElement>();
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    private HubConnection(ClientWebSocket socket)
    {
        _socket = socket;
        _ = ListenAsync();
    }

    /// <summary>Completes, with what the server said, once the connection is over.</summary>
    public Task<string> Closed => _closed.Task.WaitAsync(s_patience);

    /// <exception cref="WebSocketException">The server does not let us in; its status is part of the message.</exception>
    public static async Task<HubConnection> OpenAsync(TestApp app, Action<ClientWebSocketOptions>? options = null, string query = "")
    {
        var socket = new ClientWebSocket();
        options?.Invoke(socket.Options);
        var address = new UriBuilder(app.Api.BaseAddress!) { Scheme = "ws", Path = "/hubs/live", Query = query };
        await socket.ConnectAsync(address.Uri, CancellationToken.None).WaitAsync(s_patience);
        await SendAsync(socket, """{"protocol":"json","version":1}""");
        return new HubConnection(socket);
    }

    public static Task<HubConnection> OpenWithKeyAsync(TestApp app, string key = TestApp.ApiKey) =>
        OpenAsync(app, options => options.SetRequestHeader("Authorization", $"Bearer {key}"));

    /// <summary>Calls a method and waits for its end.</summary>
    /// <returns>Its error, or null.</returns>
    public async Task<string?> CallAsync(string method, params object?[] arguments)
    {
        var id = $"{++_calls}";
        await SendAsync(_socket, JsonSerializer.Serialize(new { type = Invocation, invocationId = id, target = method, arguments }));
        var completion = await ReadAsync(_completions);
        Assert.Equal(id, completion.GetProperty("invocationId").GetString());
        return completion.TryGetProperty("error", out var error) ? error.GetString() : null;
    }

    /// <summary>The next summary sent.</summary>
    public Task<JsonElement> SummaryAsync() => ReadAsync(_summaries);

    public bool HasSummary => _summaries.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _closed.Task.WaitAsync(s_patience);
        _socket.Dispose();
    }

    private static Task SendAsync(ClientWebSocket socket, string record) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(record + (char)End), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<JsonElement> ReadAsync(Channel<JsonElement> channel)
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await channel.Reader.ReadAsync(patience.Token);
    }

    private async Task ListenAsync()
    {
        var said = "";
        try
        {
            var buffer = new byte[64 * 1024];
            var record = new List<byte>();
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                foreach (var one in buffer.AsSpan(0, received.Count))
                {
                    if (one != End)
                    {
                        record.Add(one);
                        continue;
                    }

                    said = Take(Encoding.UTF8.GetString([.. record])) ?? said;
                    record.Clear();
                }
            }
        }
        catch (Exception exception)
        {
            said = said.Length > 0 ? said : exception.Message;
        }

        _summaries.Writer.TryComplete();
        _completions.Writer.TryComplete();
        _closed.TrySetResult(said);
    }

    private string? Take(string text)
    {
        using var json = JsonDocument.Parse(text);
        var record = json.RootElement.Clone();
        switch (record.TryGetProperty("type", out var type) ? type.GetInt32() : 0)
        {
            case Invocation when record.GetProperty("target").GetString() == "Summary":
                _summaries.Writer.TryWrite(record.GetProperty("arguments")[0]);
                break;
            case Completion:
                _completions.Writer.TryWrite(record);
                break;
            case Close:
                return record.TryGetProperty("error", out var error) ? error.GetString() : "";
            default:
                // The handshake's answer and pings.
                break;
        }

        return null;
    }
}
