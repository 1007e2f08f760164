using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Geo;

/// <summary>
/// Reads a MaxMind DB file, format version 2: a binary tree over the bits of an address whose leaves point to records.
/// Held in memory whole, so that nobody changes it under our feet; for any number of threads.
/// </summary>
public sealed class MmdbReader
{
    /// <summary>Between the tree and the data.</summary>
    internal const int Separator = 16;

    private const int MetadataWithin = 128 * 1024;

    // A record is a few maps deep; deeper is a file made to exhaust the stack.
    private const int MaxDepth = 16;

    private readonly byte[] _file;
    private readonly long _nodes;
    private readonly int _recordBits;
    private readonly int _data;
    private readonly int _addressBits;
    private readonly long _ipv4Start;

    /// <param name="file">The whole file; not copied.</param>
    /// <exception cref="InvalidDataException">It is no such file, or a broken one.</exception>
    public MmdbReader(byte[] file)
    {
        _file = file;
        var tail = Math.Max(0, file.Length - MetadataWithin);
        var marker = file.AsSpan(tail).LastIndexOf(MetadataMarker);
        if (marker < 0)
        {
            throw new InvalidDataException("Not a MaxMind DB file: it has no metadata.");
        }

        var position = tail + marker + MetadataMarker.Length;
        var start = position;
        Metadata = Value(ref position, start, 0) as Dictionary<string, object> ?? throw new InvalidDataException("The metadata of the file is no map.");
        _nodes = (long)Math.Min(Number("node_count"), int.MaxValue);
        _recordBits = (int)Math.Min(Number("record_size"), 64);
        _addressBits = Number("ip_version") == 4 ? 32 : 128;
        var tree = _nodes * _recordBits / 4;
        if (Number("binary_format_major_version") != 2 || _recordBits is not (24 or 28 or 32) || tree + Separator > tail + marker)
        {
            throw new InvalidDataException("The file is of another format, or cut short.");
        }

        _data = (int)tree + Separator;
        DatabaseType = Metadata.GetValueOrDefault("database_type") as string ?? "";
        BuiltAt = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(Number("build_epoch"), 253_402_300_799));

        // IPv4 addresses lie below 96 zero bits.
        for (var bit = 0; _addressBits == 128 && bit < 96 && _ipv4Start < _nodes; bit++)
        {
            _ipv4Start = Child(_ipv4Start, 0);
        }
    }

    /// <summary>What the metadata follows: three bytes and "MaxMind.com".</summary>
    internal static ReadOnlySpan<byte> MetadataMarker => [0xAB, 0xCD, 0xEF, 0x4D, 0x61, 0x78, 0x4D, 0x69, 0x6E, 0x64, 0x2E, 0x63, 0x6F, 0x6D];

    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>As its maker calls it: "GeoLite2-City".</summary>
    public string DatabaseType { get; }

    public DateTimeOffset BuiltAt { get; }

    /// <summary>Where the record of an address lies, the same for all addresses that share it; 0 when the file has none.</summary>
    public int Find(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isIpv4 = address.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> bytes = stackalloc byte[16];
        if ((!isIpv4 && _addressBits == 32) || !address.TryWriteBytes(bytes, out var length))
        {
            return 0;
        }

        var node = isIpv4 ? _ipv4Start : 0;
        for (var bit = 0; bit < length * 8 && node < _nodes; bit++)
        {
            node = Child(node, (bytes[bit >> 3] >> (7 - (bit & 7))) & 1);
        }

        var record = node - _nodes - Separator + _data;
        return node > _nodes && record >= _data && record < _file.Length ? (int)record : 0;
    }

    /// <summary>A record: maps, lists, texts and numbers nested as they are stored.</summary>
    /// <exception cref="InvalidDataException">The file is broken there.</exception>
    public object Read(int record) => Value(ref record, _data, 0);

    private long Child(long node, int side)
    {
        var at = (int)(node * _recordBits / 4);
        return _recordBits switch
        {
            24 => Big(at + (side * 3), 3),
            // The middle byte holds the upper four bits of both.
            28 => side == 0
                ? ((uint)(_file[at + 3] & 0xF0) << 20) | Big(at, 3)
                : ((uint)(_file[at + 3] & 0x0F) << 24) | Big(at + 4, 3),
            _ => Big(at + (side * 4), 4),
        };
    }

    private object Value(ref int at, int pointersFrom, int depth)
    {
        var control = Byte(at++);
        var type = control >> 5;
        if (type == 1)
        {
            // A pointer: the value lies elsewhere, and reading goes on behind the pointer.
            var bytes = ((control >> 3) & 3) + 1;
            var target = bytes == 4 ? Number(ref at, 4) : ((ulong)(control & 7) << (8 * bytes)) | Number(ref at, bytes);
            target += bytes switch { 2 => 2_048, 3 => 526_336, _ => 0UL };
            var elsewhere = target < (ulong)_file.Length ? pointersFrom + (int)target : throw Broken();
            return Value(ref elsewhere, pointersFrom, Deeper(depth));
        }

        type = type == 0 ? Byte(at++) + 7 : type;
        var size = control & 31;
        size = size switch
        {
            29 => 29 + (int)Number(ref at, 1),
            30 => 285 + (int)Number(ref at, 2),
            31 => 65_821 + (int)Number(ref at, 3),
            _ => size,
        };
        return type switch
        {
            2 => Encoding.UTF8.GetString(Bytes(ref at, size)),
            3 => BinaryPrimitives.ReadDoubleBigEndian(Bytes(ref at, size == 8 ? 8 : throw Broken())),
            4 or 10 => Bytes(ref at, size).ToArray(),
            5 or 6 or 9 => Number(ref at, size <= 8 ? size : throw Broken()),
            7 => Map(ref at, size, pointersFrom, Deeper(depth)),
            8 => (long)(int)Number(ref at, size <= 4 ? size : throw Broken()),
            11 => List(ref at, size, pointersFrom, Deeper(depth)),
            14 => size != 0,
            15 => (double)BinaryPrimitives.ReadSingleBigEndian(Bytes(ref at, size == 4 ? 4 : throw Broken())),
            _ => throw Broken(),
        };
    }

    private Dictionary<string, object> Map(ref int at, int size, int pointersFrom, int depth)
    {
        var map = new Dictionary<string, object>();
        for (var i = 0; i < size; i++)
        {
            var name = Value(ref at, pointersFrom, depth) as string ?? throw Broken();
            map[name] = Value(ref at, pointersFrom, depth);
        }

        return map;
    }

    private List<object> List(ref int at, int size, int pointersFrom, int depth)
    {
        var list = new List<object>();
        for (var i = 0; i < size; i++)
        {
            list.Add(Value(ref at, pointersFrom, depth));
        }

        return list;
    }

    private ulong Number(string name) => Metadata.GetValueOrDefault(name) as ulong? ?? throw new InvalidDataException($"The metadata of the file has no {name}.");

    private ulong Number(ref int at, int size)
    {
        ulong number = 0;
        foreach (var part in Bytes(ref at, size))
        {
            number = (number << 8) | part;
        }

        return number;
    }

    private long Big(int at, int size)
    {
        var number = 0L;
        foreach (var part in _file.AsSpan(at, size))
        {
            number = (number << 8) | part;
        }

        return number;
    }

    private byte Byte(int at) => (uint)at < (uint)_file.Length ? _file[at] : throw Broken();

    private ReadOnlySpan<byte> Bytes(ref int at, int size)
    {
        var bytes = at <= _file.Length - size ? _file.AsSpan(at, size) : throw Broken();
        at += size;
        return bytes;
    }

    private static int Deeper(int depth) => depth < MaxDepth ? depth + 1 : throw Broken();

    private static InvalidDataException Broken() => new("The file is broken.");
}
