using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>
/// Lets at most two passwords be hashed at once. One takes some 100 ms of a core (PBKDF2-SHA512, 210,000 iterations),
/// and a flood of sign-ins must not take the processor from the events coming in.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    public const int Iterations = 210_000;

    private static readonly User Nobody = new();
    private static readonly string NobodysHash = UnmatchableHash();

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = 2,
        QueueLimit = 20,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a turn. Not acquired means too many wait already: answer 429.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => _limiter.AcquireAsync(1, cancellationToken);

    /// <summary>Checks a password; takes as long for nobody as for somebody, so that the time does not tell who has an account. Only within a turn.</summary>
    public static async Task<bool> IsRightAsync(UserManager<User> users, User? user, string password)
    {
        // Longer ones cannot be anyone's, and hashing them would be work at a stranger's command.
        if (password.Length > PasswordRules.MaxLength)
        {
            return false;
        }

        if (user?.PasswordHash is null)
        {
            users.PasswordHasher.VerifyHashedPassword(Nobody, NobodysHash, password);
            return false;
        }

        return await users.CheckPasswordAsync(user, password);
    }

    public void Dispose() => _limiter.Dispose();

    // Identity's format 3: marker, PRF (2 = HMAC-SHA512), iterations, salt length, salt, subkey; numbers big-endian.
    private static string UnmatchableHash()
    {
        var hash = new byte[13 + 16 + 32];
        RandomNumberGenerator.Fill(hash.AsSpan(13));
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), 2);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), Iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), 16);
        return Convert.ToBase64String(hash);
    }
}
