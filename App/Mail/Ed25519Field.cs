using System.Buffers.Binary;

namespace ScoreTracking.Mail;

/// <summary>A number modulo 2^255 − 19 in five limbs of 51 bits. Limbs may stand a little above 2^51 between operations.</summary>
internal readonly record struct Ed25519Field(ulong L0, ulong L1, ulong L2, ulong L3, ulong L4)
{
    private const ulong Mask = (1UL << 51) - 1;

    public static readonly Ed25519Field Zero;
    public static readonly Ed25519Field One = new(1, 0, 0, 0, 0);

    /// <param name="hex">Big-endian, 64 digits.</param>
    public static Ed25519Field FromHex(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Array.Reverse(bytes);
        return new Ed25519Field(
            Bits(0, 0) & Mask,
            Bits(6, 3) & Mask,
            Bits(12, 6) & Mask,
            Bits(19, 1) & Mask,
            Bits(24, 12) & Mask);

        ulong Bits(int at, int shift) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)) >> shift;
    }

    public static Ed25519Field operator +(in Ed25519Field a, in Ed25519Field b) =>
        new Ed25519Field(a.L0 + b.L0, a.L1 + b.L1, a.L2 + b.L2, a.L3 + b.L3, a.L4 + b.L4).Carried();

    // Four times the modulus is added first, so that no limb goes below zero.
    public static Ed25519Field operator -(in Ed25519Field a, in Ed25519Field b) => new Ed25519Field(
        a.L0 + 0x1FFFFFFFFFFFB4 - b.L0,
        a.L1 + 0x1FFFFFFFFFFFFC - b.L1,
        a.L2 + 0x1FFFFFFFFFFFFC - b.L2,
        a.L3 + 0x1FFFFFFFFFFFFC - b.L3,
        a.L4 + 0x1FFFFFFFFFFFFC - b.L4).Carried();

    // What overflows 2^255 comes back times 19.
    public static Ed25519Field operator *(in Ed25519Field a, in Ed25519Field b)
    {
        ulong b1 = 19 * b.L1, b2 = 19 * b.L2, b3 = 19 * b.L3, b4 = 19 * b.L4;
        var r0 = new Sum().Add(a.L0, b.L0).Add(a.L1, b4).Add(a.L2, b3).Add(a.L3, b2).Add(a.L4, b1);
        var r1 = new Sum().Add(a.L0, b.L1).Add(a.L1, b.L0).Add(a.L2, b4).Add(a.L3, b3).Add(a.L4, b2).Add(r0.Carry);
        var r2 = new Sum().Add(a.L0, b.L2).Add(a.L1, b.L1).Add(a.L2, b.L0).Add(a.L3, b4).Add(a.L4, b3).Add(r1.Carry);
        var r3 = new Sum().Add(a.L0, b.L3).Add(a.L1, b.L2).Add(a.L2, b.L1).Add(a.L3, b.L0).Add(a.L4, b4).Add(r2.Carry);
        var r4 = new Sum().Add(a.L0, b.L4).Add(a.L1, b.L3).Add(a.L2, b.L2).Add(a.L3, b.L1).Add(a.L4, b.L0).Add(r3.Carry);
        var l0 = (r0.Low & Mask) + (19 * r4.Carry);
        return new Ed25519Field(l0 & Mask, (r1.Low & Mask) + (l0 >> 51), r2.Low & Mask, r3.Low & Mask, r4.Low & Mask);
    }

    /// <summary>One of two without a branch: <paramref name="mask"/> is all ones for <paramref name="other"/>, zero for this.</summary>
    public Ed25519Field Or(in Ed25519Field other, ulong mask) => new(
        L0 ^ (mask & (L0 ^ other.L0)),
        L1 ^ (mask & (L1 ^ other.L1)),
        L2 ^ (mask & (L2 ^ other.L2)),
        L3 ^ (mask & (L3 ^ other.L3)),
        L4 ^ (mask & (L4 ^ other.L4)));

    /// <summary>To the power of p − 2 = 2^255 − 21, whose bits are all ones but the third and the fifth.</summary>
    public Ed25519Field Inverted()
    {
        var power = One;
        for (var bit = 254; bit >= 0; bit--)
        {
            power *= power;
            if (bit is not (2 or 4))
            {
                power *= this;
            }
        }

        return power;
    }

    /// <summary>The one representative below the modulus, little-endian.</summary>
    public void Encode(Span<byte> bytes)
    {
        var (l0, l1, l2, l3, l4) = Carried().Carried();

        // Whether adding 19 passes 2^255 says whether the modulus still has to be taken off.
        var over = (l0 + 19) >> 51;
        over = (l1 + over) >> 51;
        over = (l2 + over) >> 51;
        over = (l3 + over) >> 51;
        over = (l4 + over) >> 51;
        l0 += 19 * over;
        l1 += l0 >> 51;
        l2 += l1 >> 51;
        l3 += l2 >> 51;
        l4 += l3 >> 51;
        l0 &= Mask;
        l1 &= Mask;
        l2 &= Mask;
        l3 &= Mask;
        l4 &= Mask;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, l0 | (l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (l1 >> 13) | (l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (l2 >> 26) | (l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (l3 >> 39) | (l4 << 12));
    }

    private Ed25519Field Carried()
    {
        var l1 = L1 + (L0 >> 51);
        var l2 = L2 + (l1 >> 51);
        var l3 = L3 + (l2 >> 51);
        var l4 = L4 + (l3 >> 51);
        return new Ed25519Field((L0 & Mask) + (19 * (l4 >> 51)), l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }

    /// <summary>128 bits of a sum of products.</summary>
    private readonly record struct Sum(ulong High, ulong Low)
    {
        /// <summary>What is above the lowest 51 bits; fits, because products stay below 2^113.</summary>
        public ulong Carry => (High << 13) | (Low >> 51);

        public Sum Add(ulong left, ulong right)
        {
            var high = Math.BigMul(left, right, out var low);
            var sum = Low + low;
            return new Sum(High + high + (sum < low ? 1UL : 0UL), sum);
        }

        public Sum Add(ulong value)
        {
            var sum = Low + value;
            return new Sum(High + (sum < value ? 1UL : 0UL), sum);
        }
    }
}
