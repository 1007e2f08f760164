using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Geo;

/// <summary>Writes a small MaxMind DB file: networks and their records. For the demo and for tests; every value is written out, so a large one would be larger than need be.</summary>
public sealed class MmdbWriter(string databaseType, DateTimeOffset builtAt, int ipVersion = 6, int recordBits = 24)
{
    private const long Empty = -1;

    private readonly List<long[]> _nodes = [[Empty, Empty]];
    private readonly List<object> _records = [];

    /// <summary>Gives all addresses of a network a record, in place of any it had; wider networks are to be added first.</summary>
    /// <param name="record">Nested dictionaries, lists, texts, numbers and booleans.</param>
    public void Add(IPNetwork network, object record)
    {
        var isIpv4 = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        var bytes = network.BaseAddress.GetAddressBytes();
        var skipped = isIpv4 && ipVersion == 6 ? 96 : 0;
        var node = 0;
        for (var bit = 0; bit < skipped + network.PrefixLength - 1; bit++)
        {
            node = Down(node, Side(bytes, bit - skipped));
        }

        // Leaves are kept as numbers below Empty until it is known how many nodes there are.
        _records.Add(record);
        _nodes[node][Side(bytes, network.PrefixLength - 1)] = Empty - _records.Count;
    }

    public byte[] ToArray()
    {
        using var data = new MemoryStream();
        var offsets = new List<long>();
        foreach (var record in _records)
        {
            offsets.Add(data.Position);
            Write(data, record);
        }

        using var file = new MemoryStream();
        foreach (var sides in _nodes)
        {
            var values = sides.Select(side => side >= 0 ? side : side == Empty ? _nodes.Count : _nodes.Count + MmdbReader.Separator + offsets[(int)(Empty - side - 1)]).ToArray();
            WriteNode(file, values[0], values[1]);
        }

        file.Write(new byte[MmdbReader.Separator]);
        data.WriteTo(file);
        file.Write(MmdbReader.MetadataMarker);
        Write(file, new Dictionary<string, object>
        {
            ["binary_format_major_version"] = (ushort)2,
            ["binary_format_minor_version"] = (ushort)0,
            ["build_epoch"] = (ulong)builtAt.ToUnixTimeSeconds(),
            ["database_type"] = databaseType,
            ["description"] = new Dictionary<string, object> { ["en"] = databaseType },
            ["ip_version"] = (ushort)ipVersion,
            ["languages"] = new List<object> { "en" },
            ["node_count"] = (uint)_nodes.Count,
            ["record_size"] = (ushort)recordBits,
        });
        return file.ToArray();
    }

    private static int Side(byte[] bytes, int bit) => bit < 0 ? 0 : (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;

    private int Down(int node, int side)
    {
        var below = _nodes[node][side];
        if (below < 0)
        {
            // What the wider network said goes on holding for both halves.
            _nodes.Add([below, below]);
            _nodes[node][side] = below = _nodes.Count - 1;
        }

        return (int)below;
    }

    private void WriteNode(Stream file, long left, long right)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)left);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)right);
        switch (recordBits)
        {
            case 24:
                file.Write(bytes[1..4]);
                file.Write(bytes[5..8]);
                break;
            case 28:
                file.Write(bytes[1..4]);
                file.WriteByte((byte)((bytes[0] << 4) | bytes[4]));
                file.Write(bytes[5..8]);
                break;
            default:
                file.Write(bytes);
                break;
        }
    }

    private static void Write(Stream stream, object value)
    {
        switch (value)
        {
            case string text:
                var utf8 = Encoding.UTF8.GetBytes(text);
                Control(stream, 2, utf8.Length);
                stream.Write(utf8);
                break;
            case ushort number:
                Number(stream, 5, number);
                break;
            case uint number:
                Number(stream, 6, number);
                break;
            case ulong number:
                Number(stream, 9, number);
                break;
            case bool flag:
                Control(stream, 14, flag ? 1 : 0);
                break;
            case List<object> list:
                Control(stream, 11, list.Count);
                list.ForEach(item => Write(stream, item));
                break;
            case Dictionary<string, object> map:
                Control(stream, 7, map.Count);
                foreach (var (name, member) in map)
                {
                    Write(stream, name);
                    Write(stream, member);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} has no place in a record.", nameof(value));
        }
    }

    private static void Number(Stream stream, int type, ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        var significant = bytes.TrimStart((byte)0);
        Control(stream, type, significant.Length);
        stream.Write(significant);
    }

    private static void Control(Stream stream, int type, int size)
    {
        var short5 = size < 29 ? size : size < 285 ? 29 : 30;
        stream.WriteByte((byte)((type <= 7 ? type << 5 : 0) | short5));
        if (type > 7)
        {
            stream.WriteByte((byte)(type - 7));
        }

        if (short5 == 29)
        {
            stream.WriteByte((byte)(size - 29));
        }
        else if (short5 == 30)
        {
            stream.WriteByte((byte)((size - 285) >> 8));
            stream.WriteByte((byte)(size - 285));
        }
    }
}
