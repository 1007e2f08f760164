namespace ScoreTracking.Mail;

/// <summary>A point of Ed25519's curve in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.</summary>
internal readonly record struct Ed25519Point(Ed25519Field X, Ed25519Field Y, Ed25519Field Z, Ed25519Field T)
{
    private const int Digits = 64; // of a scalar in base 16

    private static readonly Ed25519Field s_d2 = Double(Ed25519Field.FromHex("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"));
    private static readonly Ed25519Point s_neutral = new(Ed25519Field.Zero, Ed25519Field.One, Ed25519Field.One, Ed25519Field.Zero);
    private static readonly Lazy<Prepared[]> s_multiples = new(BaseMultiples);

    /// <summary>The base point times a scalar of 32 bytes, little-endian. Reads the whole table for every digit, so the scalar leaves no trace.</summary>
    public static Ed25519Point BaseTimes(ReadOnlySpan<byte> scalar)
    {
        var multiples = s_multiples.Value;
        var point = s_neutral;
        for (var position = 0; position < Digits; position++)
        {
            var digit = (uint)(scalar[position >> 1] >> ((position & 1) * 4)) & 15;
            var chosen = multiples[position * 16];
            for (uint multiple = 1; multiple < 16; multiple++)
            {
                var mask = 0UL - (((ulong)(multiple ^ digit) - 1) >> 63); // all ones where they are equal
                chosen = chosen.Or(multiples[(position * 16) + (int)multiple], mask);
            }

            point = point.Plus(chosen);
        }

        return point;
    }

    /// <summary>y, with the lowest bit of x on top.</summary>
    public byte[] Encode()
    {
        var inverse = Z.Inverted();
        Span<byte> x = stackalloc byte[32];
        (X * inverse).Encode(x);
        var encoded = new byte[32];
        (Y * inverse).Encode(encoded);
        encoded[31] |= (byte)((x[0] & 1) << 7);
        return encoded;
    }

    // Complete: right for doubling and for the neutral point too, so it is the only operation there is (RFC 8032, 5.1.4).
    private Ed25519Point Plus(in Prepared other)
    {
        var a = (Y - X) * other.YMinusX;
        var b = (Y + X) * other.YPlusX;
        var c = T * other.T2D;
        var d = Z * other.Z2;
        Ed25519Field e = b - a, f = d - c, g = d + c, h = b + a;
        return new Ed25519Point(e * f, g * h, f * g, e * h);
    }

    private Prepared Prepare() => new(Y - X, Y + X, T * s_d2, Double(Z));

    private static Ed25519Field Double(in Ed25519Field value) => value + value;

    // For every digit's position the sixteen points it may stand for: 0 to 15 times 16^position.
    private static Prepared[] BaseMultiples()
    {
        var x = Ed25519Field.FromHex("216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a");
        var y = Ed25519Field.FromHex("6666666666666666666666666666666666666666666666666666666666666658");
        var unit = new Ed25519Point(x, y, Ed25519Field.One, x * y);
        var multiples = new Prepared[Digits * 16];
        for (var position = 0; position < Digits; position++)
        {
            var prepared = unit.Prepare();
            var point = s_neutral;
            for (var multiple = 0; multiple < 16; multiple++)
            {
                multiples[(position * 16) + multiple] = point.Prepare();
                point = point.Plus(prepared);
            }

            unit = point;
        }

        return multiples;
    }

    /// <summary>A point as the second operand of an addition.</summary>
    private readonly record struct Prepared(Ed25519Field YMinusX, Ed25519Field YPlusX, Ed25519Field T2D, Ed25519Field Z2)
    {
        public Prepared Or(in Prepared other, ulong mask) =>
            new(YMinusX.Or(other.YMinusX, mask), YPlusX.Or(other.YPlusX, mask), T2D.Or(other.T2D, mask), Z2.Or(other.Z2, mask));
    }
}
