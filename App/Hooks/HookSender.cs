using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Hooks;

/// <summary>What came of one request.</summary>
/// <param name="Status">HTTP status; 0 where there was no answer.</param>
/// <param name="Error">What went wrong, in words of ours; "" where it arrived.</param>
/// <param name="RetryAfter">How long the endpoint asked to be left alone; null where it did not.</param>
public sealed record HookOutcome(int Status, string Error, TimeSpan Took, TimeSpan? RetryAfter)
{
    public bool Arrived => Error.Length == 0;

    /// <summary>Nothing was sent, nor ever will be: what it told of is no longer so.</summary>
    public bool IsVoid { get; private init; }

    internal static HookOutcome Void(string because) => new(0, because, TimeSpan.Zero, null) { IsVoid = true };
}

/// <summary>Posts signed requests to endpoints. Connects only to addresses <see cref="PublicAddresses"/> allows, checked where the connection is made, so that no name can point elsewhere in between; follows no redirect, keeps no cookie, uses no proxy, and is done within <see cref="HookOptions.Timeout"/>.</summary>
public sealed class HookSender : IDisposable
{
    private readonly PublicAddresses _addresses;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _client;

    public HookSender(PublicAddresses addresses, TimeProvider time, IOptions<HookOptions> options)
    {
        (_addresses, _time, _timeout) = (addresses, time, options.Value.Timeout);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            MaxConnectionsPerServer = options.Value.Parallel,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 64 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("ScoreTracking/1.0");
    }

    /// <param name="id">The same at every attempt, so that the endpoint knows a repeat.</param>
    public Task<HookOutcome> SendAsync(KnownHook hook, string id, byte[] body, CancellationToken cancellationToken) => SendAsync(hook.Url, hook.Secrets, id, body, cancellationToken);

    /// <inheritdoc cref="SendAsync(KnownHook, string, byte[], CancellationToken)"/>
    public async Task<HookOutcome> SendAsync(Uri url, HookSecrets secrets, string id, byte[] body, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var now = _time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", HookSignature.Of(secrets, id, now, body));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_timeout);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var status = (int)answer.StatusCode;
            return new HookOutcome(status, Words(status), Stopwatch.GetElapsedTime(started), RetryAfter(answer, now));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(string.Create(CultureInfo.InvariantCulture, $"No answer within {_timeout.TotalSeconds:0.#} s"));
        }
        catch (HttpRequestException exception)
        {
            return Failed(Words(exception));
        }

        HookOutcome Failed(string words) => new(0, words, Stopwatch.GetElapsedTime(started), RetryAfter: null);
    }

    public void Dispose() => _client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = found.Where(_addresses.Allow).ToArray();
        if (allowed.Length == 0)
        {
            throw new PrivateAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage answer, DateTimeOffset now) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };

    private static string Words(int status) => status switch
    {
        >= 200 and < 300 => "",
        >= 300 and < 400 => $"Answered {status}: redirects are not followed",
        _ => $"Answered {status}",
    };

    // Never the exception's own words: they may name addresses of this network.
    private static string Words(HttpRequestException exception) => exception switch
    {
        { InnerException: PrivateAddressException } => "Its name leads to no address on the public internet",
        { HttpRequestError: HttpRequestError.NameResolutionError } or { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } => "Its name could not be looked up",
        { InnerException: AuthenticationException } or { HttpRequestError: HttpRequestError.SecureConnectionError } => "No secure connection: its certificate is not trusted or does not fit",
        { HttpRequestError: HttpRequestError.ConnectionError } => "No connection",
        _ => "Its answer could not be read",
    };

    private sealed class PrivateAddressException() : IOException("Not an address on the public internet.");
}
