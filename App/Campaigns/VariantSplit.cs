using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Campaigns;

/// <summary>Who gets which variant: recipients are put in an order nobody can influence and dealt out by weight. The same recipients always end in the same variants.</summary>
public static class VariantSplit
{
    /// <summary>Where a recipient stands in the order of a campaign.</summary>
    /// <param name="seed">The campaign's.</param>
    /// <param name="recipient">Customer id, or else the address: its case does not matter.</param>
    public static ulong Order(byte[] seed, string? customerId, string email)
    {
        // Marked, so that a customer id that looks like an address is not that address.
        var recipient = customerId is null ? "e" + email.ToLowerInvariant() : "c" + customerId;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes(recipient), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    /// <summary>
    /// The variant the next recipient is dealt to. After any number of calls from zero, every variant has its share rounded
    /// up or down: the quota method of Balinski and Young. Dealing to the largest deficit alone can drift further with unequal weights.
    /// </summary>
    /// <param name="weights">1 in sum.</param>
    /// <param name="dealt">How many each variant has.</param>
    public static int Next(ReadOnlySpan<double> weights, ReadOnlySpan<long> dealt)
    {
        var next = 1L;
        foreach (var count in dealt)
        {
            next += count;
        }

        // Sums of floating-point weights are off by far less than this.
        const double rounding = 1e-9;
        var chosen = -1;
        var best = double.NegativeInfinity;
        for (var i = 0; i < weights.Length; i++)
        {
            var claim = weights[i] / (dealt[i] + 1);
            if (dealt[i] + rounding < weights[i] * next && claim > best)
            {
                chosen = i;
                best = claim;
            }
        }

        return chosen >= 0 ? chosen : LargestDeficit(weights, dealt, next);
    }

    /// <summary>The variant a recipient of an adaptive test is dealt to: each with the chance its weight says, whoever came before. The same recipient under the same weights always gets the same.</summary>
    /// <param name="weights">1 in sum.</param>
    /// <param name="order">The recipient's.</param>
    public static int Drawn(ReadOnlySpan<double> weights, ulong order)
    {
        // The low half: the high one already says who belongs to the sample.
        var at = (uint)order / 4_294_967_296.0;
        for (var i = 0; i < weights.Length - 1; i++)
        {
            at -= weights[i];
            if (at < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }

    // Only where counts did not come from dealing: recipients were removed.
    private static int LargestDeficit(ReadOnlySpan<double> weights, ReadOnlySpan<long> dealt, long next)
    {
        var chosen = 0;
        for (var i = 1; i < weights.Length; i++)
        {
            if ((weights[i] * next) - dealt[i] > (weights[chosen] * next) - dealt[chosen])
            {
                chosen = i;
            }
        }

        return chosen;
    }
}
