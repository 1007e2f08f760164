using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScoreTracking.Webhooks;

/// <summary>Fetches the certificates SNS signs with, from addresses an adapter has checked. Follows no redirect, reads at most 64 KB in five seconds, and keeps what it has checked.</summary>
internal sealed class SnsCertificates(TimeProvider time) : IDisposable
{
    private const int MaxLength = 64 * 1024;
    private const int MaxKept = 100;

    private readonly ConcurrentDictionary<Uri, string> _kept = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxLength,
    };

    /// <returns>The PEM, or null for a certificate nobody should trust.</returns>
    /// <exception cref="HttpRequestException">It could not be fetched: temporary trouble.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    public async Task<string?> FindAsync(Uri address, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(address, out var kept))
        {
            return kept;
        }

        using var answer = await _client.GetAsync(address, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var pem = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!IsTrusted(pem))
        {
            return null;
        }

        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }

        return _kept[address] = pem;
    }

    /// <summary>Confirms a subscription at an address built from our own topic. Fire and forget: SNS asks again.</summary>
    /// <exception cref="HttpRequestException">SNS could not be reached.</exception>
    public async Task ConfirmAsync(Uri address, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync(address, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();

    private bool IsTrusted(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            using var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
            return chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
