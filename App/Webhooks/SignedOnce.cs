using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Webhooks;

/// <summary>For an ESP whose signature covers a token and not the body: whoever saw one signature could send any body with it. Remembers which body each token came with, for longer than its signature is valid.</summary>
internal sealed class SignedOnce(SqliteFile file, TimeProvider time)
{
    /// <summary>Whether the token came with another body before. The same body again is a retry, whose events are known by their keys.</summary>
    /// <exception cref="SqliteException">It cannot be remembered just now, so the request must be asked for again.</exception>
    public bool HasOtherBody(string provider, string token, ReadOnlySpan<byte> body)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{provider}:{token}"));
        var hash = SHA256.HashData(body);
        using var connection = file.Open();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO webhook_tokens (token, body, received_at) VALUES ($token, $body, $at) ON CONFLICT DO NOTHING";
        insert.Parameters.AddWithValue("$token", key);
        insert.Parameters.AddWithValue("$body", hash);
        insert.Parameters.AddWithValue("$at", time.GetUtcNow().ToUnixTimeMilliseconds());
        if (insert.ExecuteNonQuery() == 1)
        {
            return false;
        }

        using var select = connection.CreateCommand();
        select.CommandText = "SELECT body FROM webhook_tokens WHERE token = $token";
        select.Parameters.AddWithValue("$token", key);
        return !Signatures.Same(hash, (byte[])select.ExecuteScalar()!);
    }
}
