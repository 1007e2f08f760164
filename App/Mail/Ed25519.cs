using System.Security.Cryptography;

namespace ScoreTracking.Mail;

/// <summary>
/// Ed25519 signatures (RFC 8032), which the base library does not have. Signing only; no branch and no memory address depends on the
/// key. About 100 µs for a signature.
/// </summary>
internal static class Ed25519
{
    public const int KeyLength = 32;
    public const int SignatureLength = 64;

    /// <summary>The public key of a private one.</summary>
    /// <param name="privateKey">The 32 random bytes RFC 8032 calls private key, also known as seed.</param>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        Span<byte> secrets = stackalloc byte[64];
        Secrets(privateKey, secrets);
        return Ed25519Point.BaseTimes(secrets[..32]).Encode();
    }

    public static byte[] Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message)
    {
        Span<byte> secrets = stackalloc byte[64];
        Secrets(privateKey, secrets);
        Span<byte> hash = stackalloc byte[64];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);

        sha.AppendData(secrets[32..]);
        sha.AppendData(message);
        sha.GetHashAndReset(hash);
        Span<byte> nonce = stackalloc byte[32];
        Ed25519Scalar.Reduce(hash, nonce);

        var signature = new byte[SignatureLength];
        Ed25519Point.BaseTimes(nonce).Encode().CopyTo(signature, 0);
        sha.AppendData(signature.AsSpan(0, 32));
        sha.AppendData(publicKey);
        sha.AppendData(message);
        sha.GetHashAndReset(hash);
        Span<byte> challenge = stackalloc byte[32];
        Ed25519Scalar.Reduce(hash, challenge);
        Ed25519Scalar.MultiplyAdd(challenge, secrets[..32], nonce, signature.AsSpan(32));
        CryptographicOperations.ZeroMemory(secrets);
        CryptographicOperations.ZeroMemory(nonce);
        return signature;
    }

    // The scalar in the first half, what nonces are made from in the second.
    private static void Secrets(ReadOnlySpan<byte> privateKey, Span<byte> secrets)
    {
        SHA512.HashData(privateKey, secrets);
        secrets[0] &= 248;
        secrets[31] = (byte)((secrets[31] & 127) | 64);
    }
}
