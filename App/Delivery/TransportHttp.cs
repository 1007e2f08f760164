using System.Net;
using System.Text;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Delivery;

/// <summary>The client ESPs are called with: follows no redirect, keeps no cookie, uses no proxy, and repeats nothing.</summary>
public sealed class TransportHttp : IDisposable
{
    public TransportHttp(IOptions<TransportOptions> options)
    {
        (Timeout, StopTimeout) = (options.Value.HttpTimeout, options.Value.StopTimeout);
        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 64 * 1024,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        Client.DefaultRequestHeaders.UserAgent.ParseAdd("ScoreTracking/1.0");
    }

    public HttpClient Client { get; }

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>What is left of it once cancelled.</summary>
    public TimeSpan StopTimeout { get; }

    /// <summary>The answer's text, as much of it as asked for: what says more than that says nothing.</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage answer, int most, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[most];
        var length = await stream.ReadAtLeastAsync(bytes, most, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    public void Dispose() => Client.Dispose();
}
