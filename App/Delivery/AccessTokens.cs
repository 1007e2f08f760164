using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ScoreTracking.Connections;

namespace ScoreTracking.Delivery;

/// <summary>Access tokens for mail servers that want OAuth (XOAUTH2), asked for at the connection's token URL and kept while they last.</summary>
public sealed class AccessTokens(TransportHttp http, TimeProvider time)
{
    private const int MaxAnswer = 64 * 1024;

    // A token is not used in its last minute: signing in takes a while.
    private static readonly TimeSpan s_reserve = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_usual = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<long, Kept> _kept = new();

    /// <exception cref="Mail.SmtpConnectionException">None was given: why, in words.</exception>
    public async ValueTask<string> FindAsync(SendingConnection connection, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue(connection.Id, out var kept) && kept.Revision == connection.Revision && kept.Until > time.GetUtcNow())
        {
            return kept.Token;
        }

        var refresh = connection.Secret("refresh_token");
        var form = new Dictionary<string, string?>
        {
            ["grant_type"] = refresh is null ? "client_credentials" : "refresh_token",
            ["client_id"] = connection.Setting("client_id"),
            ["client_secret"] = connection.Secret("client_secret"),
            ["refresh_token"] = refresh,
            ["scope"] = connection.Setting("scope"),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, connection.Setting("token_url"));
        request.Content = new FormUrlEncodedContent(form.Where(field => field.Value is not null));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(http.Timeout);
        try
        {
            using var answer = await http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var body = await TransportHttp.ReadAsync(answer, MaxAnswer, patience.Token);
            return Keep(connection, (int)answer.StatusCode, body);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Without("The token URL did not answer in time.", false, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Without("The token URL could not be reached.", false, exception);
        }
    }

    /// <summary>Forgets a token a server refused. Tokens end early where a password is changed or somebody revokes them.</summary>
    /// <returns>Whether another try is worth it: there is a newer one already, or the one refused was not new.</returns>
    public bool Forget(SendingConnection connection, string token)
    {
        if (!_kept.TryGetValue(connection.Id, out var kept) || kept.Token != token)
        {
            return true;
        }

        return _kept.TryRemove(KeyValuePair.Create(connection.Id, kept)) && time.GetUtcNow() - kept.Since > s_reserve;
    }

    private string Keep(SendingConnection connection, int status, string body)
    {
        JsonElement said;
        try
        {
            said = JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException exception)
        {
            throw Without($"The token URL answered {status}, and no token.", status is >= 400 and < 500 and not 429, exception);
        }

        if (said.ValueKind != JsonValueKind.Object || status != 200 || !said.TryGetProperty("access_token", out var token) || token.ValueKind != JsonValueKind.String || token.GetString() is not { Length: > 0 } given)
        {
            // "invalid_client", "invalid_grant": the only part of the answer that is for people and holds no secret.
            var error = said.ValueKind == JsonValueKind.Object && said.TryGetProperty("error", out var named) && named.ValueKind == JsonValueKind.String ? $": {Mail.MailLines.OneLine(named.GetString(), 100)}" : "";
            throw Without($"The token URL answered {status}, and no token{error}.", status is >= 400 and < 500 and not 429, null);
        }

        // Some write the number as text.
        var lasts = said.TryGetProperty("expires_in", out var seconds) && int.TryParse(seconds.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? TimeSpan.FromSeconds(count) : s_usual;
        _kept[connection.Id] = new Kept(connection.Revision, given, time.GetUtcNow(), time.GetUtcNow() + lasts - s_reserve);
        return given;
    }

    private static Mail.SmtpConnectionException Without(string why, bool needsOperator, Exception? inner) => new(Mail.SmtpStep.SignIn, why, needsOperator, inner: inner);

    private sealed record Kept(string Revision, string Token, DateTimeOffset Since, DateTimeOffset Until);
}
