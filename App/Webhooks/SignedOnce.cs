using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Webhooks;

/// <summary>An ESP whose signature covers a token and not the body: whoever saw one signature could send any body with it.</summary>
public interface ISignedOnce
{
    /// <summary>The token of a genuine request, or null without one.</summary>
    string? ReplayToken(WebhookRequest request);
}

internal enum SignedOnceAnswer
{
    New,

    /// <summary>The same token with the same body: a retry.</summary>
    Repeated,
    OtherBody,
}

/// <summary>Remembers which body each token came with, for longer than its signature is valid.</summary>
internal sealed class SignedOnce(SqliteFile file, TimeProvider time)
{
    /// <exception cref="SqliteException">It cannot be remembered just now, so the request must be asked for again.</exception>
    public SignedOnceAnswer Check(IEspWebhook adapter, WebhookRequest request)
    {
        if ((adapter as ISignedOnce)?.ReplayToken(request) is not { } token)
        {
            return SignedOnceAnswer.New;
        }

        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{adapter.Provider}:{token}"));
        var body = SHA256.HashData(request.Body.Span);
        using var connection = file.Open();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO webhook_tokens (token, body, received_at) VALUES ($token, $body, $at) ON CONFLICT DO NOTHING";
        insert.Parameters.AddWithValue("$token", key);
        insert.Parameters.AddWithValue("$body", body);
        insert.Parameters.AddWithValue("$at", time.GetUtcNow().ToUnixTimeMilliseconds());
        if (insert.ExecuteNonQuery() == 1)
        {
            return SignedOnceAnswer.New;
        }

        using var select = connection.CreateCommand();
        select.CommandText = "SELECT body FROM webhook_tokens WHERE token = $token";
        select.Parameters.AddWithValue("$token", key);
        return Signatures.Same(body, (byte[])select.ExecuteScalar()!) ? SignedOnceAnswer.Repeated : SignedOnceAnswer.OtherBody;
    }
}
