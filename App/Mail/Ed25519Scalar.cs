using System.Buffers.Binary;

namespace ScoreTracking.Mail;

/// <summary>Whole numbers modulo the order of Ed25519's base point, little-endian. Every call does the same steps whatever the numbers are.</summary>
internal static class Ed25519Scalar
{
    // 2^252 + 27742317777372353535851937790883648493
    private static ReadOnlySpan<ulong> Order => [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000];

    /// <summary>64 bytes modulo the order, as 32.</summary>
    public static void Reduce(ReadOnlySpan<byte> number, Span<byte> remainder)
    {
        Span<ulong> limbs = stackalloc ulong[8];
        Read(number, limbs);
        Divide(limbs, remainder);
    }

    /// <summary>a · b + c modulo the order; each is 32 bytes.</summary>
    public static void MultiplyAdd(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        Span<ulong> left = stackalloc ulong[4];
        Span<ulong> right = stackalloc ulong[4];
        Span<ulong> sum = stackalloc ulong[8];
        Read(a, left);
        Read(b, right);
        sum.Clear();
        Read(c, sum[..4]);
        for (var i = 0; i < 4; i++)
        {
            ulong carry = 0;
            for (var j = 0; j < 4; j++)
            {
                var high = Math.BigMul(left[i], right[j], out var low);
                low += carry;
                high += low < carry ? 1UL : 0UL;
                sum[i + j] += low;
                carry = high + (sum[i + j] < low ? 1UL : 0UL);
            }

            for (var at = i + 4; at < 8; at++)
            {
                sum[at] += carry;
                carry = sum[at] < carry ? 1UL : 0UL;
            }
        }

        Divide(sum, result);
    }

    // Long division bit by bit: 512 rounds of a shift and a subtraction that is done or undone by a mask.
    private static void Divide(ReadOnlySpan<ulong> number, Span<byte> remainder)
    {
        ulong r0 = 0, r1 = 0, r2 = 0, r3 = 0;
        var order = Order;
        for (var bit = 511; bit >= 0; bit--)
        {
            r3 = (r3 << 1) | (r2 >> 63);
            r2 = (r2 << 1) | (r1 >> 63);
            r1 = (r1 << 1) | (r0 >> 63);
            r0 = (r0 << 1) | ((number[bit >> 6] >> (bit & 63)) & 1);

            ulong borrow = 0;
            var s0 = Subtract(r0, order[0], ref borrow);
            var s1 = Subtract(r1, order[1], ref borrow);
            var s2 = Subtract(r2, order[2], ref borrow);
            var s3 = Subtract(r3, order[3], ref borrow);
            var keep = 0UL - borrow; // all ones where the remainder was smaller than the order
            r0 = (r0 & keep) | (s0 & ~keep);
            r1 = (r1 & keep) | (s1 & ~keep);
            r2 = (r2 & keep) | (s2 & ~keep);
            r3 = (r3 & keep) | (s3 & ~keep);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(remainder, r0);
        BinaryPrimitives.WriteUInt64LittleEndian(remainder[8..], r1);
        BinaryPrimitives.WriteUInt64LittleEndian(remainder[16..], r2);
        BinaryPrimitives.WriteUInt64LittleEndian(remainder[24..], r3);
    }

    private static ulong Subtract(ulong left, ulong right, ref ulong borrow)
    {
        var difference = left - right - borrow;
        borrow = ((~left & right) | ((~left | right) & difference)) >> 63;
        return difference;
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<ulong> limbs)
    {
        for (var index = 0; index < limbs.Length; index++)
        {
            limbs[index] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * 8)..]);
        }
    }
}
