using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Ingest;

namespace ScoreTracking.Privacy;

/// <summary>Finds a person in texts: their addresses as they stand in plain text, JSON and URLs, never as a part of somebody else's address; their customer id and our ids where JSON names them.</summary>
internal sealed class PersonMarks
{
    // What an address may go on with to either side: "ana@example.com" is not in "joana@example.com" nor in "ana@example.com.br".
    private const string InAddress = "!#$%&'*+-/=?^_`{|}~";

    private readonly string[] _addresses;
    private readonly SearchValues<string> _members;

    public PersonMarks(PersonTraces traces)
    {
        _addresses = [.. traces.Addresses.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(spelling => spelling.Length)];
        List<string> members = [.. traces.Messages.Select(id => $"\"{PublicId.Message(id)}\""), $"\"{PublicId.Contact(traces.ContactId)}\""];
        if (traces.CustomerId is { } customerId)
        {
            members.Add($"customer_id\":{JsonSerializer.Serialize(customerId)}");
            members.Add($"customer_id\":\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(customerId)}\"");
        }

        _members = SearchValues.Create([.. members], StringComparison.Ordinal);
    }

    /// <summary>Whether a text holds one of the addresses.</summary>
    public bool HasAddress(string text) => Find(text, 0).Length > 0;

    /// <summary>Whether a JSON text is about the person.</summary>
    public bool IsIn(string json) => HasAddress(json) || json.AsSpan().ContainsAny(_members);

    /// <summary>The text without the addresses.</summary>
    public string Without(string text) => With(text, "");

    /// <summary>The text with something else in the place of the addresses.</summary>
    public string With(string text, string instead)
    {
        for (var found = Find(text, 0); found.Length > 0; found = Find(text, found.At + instead.Length))
        {
            text = text.Remove(found.At, found.Length).Insert(found.At, instead);
        }

        return text;
    }

    private (int At, int Length) Find(string text, int from)
    {
        foreach (var address in _addresses)
        {
            for (var at = text.IndexOf(address, from, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(address, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                if (Begins(text, at) && Ends(text, at + address.Length))
                {
                    return (at, address.Length);
                }
            }
        }

        return default;
    }

    private static IEnumerable<string> Spellings(string address) =>
    [
        address,
        JsonEncodedText.Encode(address).ToString(),
        JsonEncodedText.Encode(address, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
        Uri.EscapeDataString(address),
        Uri.EscapeDataString(address).Replace("%40", "@", StringComparison.Ordinal),
        address.Replace("@", "%40", StringComparison.Ordinal),
        .. Unicode(address),
    ];

    // The domain as people write it.
    private static IEnumerable<string> Unicode(string address)
    {
        var at = address.LastIndexOf('@') + 1;
        if (!address.AsSpan(at).Contains("xn--", StringComparison.Ordinal))
        {
            return [];
        }

        var written = address[..at] + new IdnMapping().GetUnicode(address[at..]);
        return [written, JsonEncodedText.Encode(written).ToString(), Uri.EscapeDataString(written)];
    }

    private static bool Begins(string text, int at)
    {
        if (at == 0)
        {
            return true;
        }

        var before = text[at - 1];
        return !(char.IsLetterOrDigit(before) || before == '.' || InAddress.Contains(before, StringComparison.Ordinal)) || IsDelimiter(before, text, at) || IsEscape(text, at);
    }

    // Of what an address may hold, these stand before one in URLs, far more often than in one.
    private static bool IsDelimiter(char before, string text, int at) => before switch
    {
        '=' or '?' or '&' or '/' or '\'' or '#' => true,
        '+' => at >= 2 && !char.IsLetterOrDigit(text[at - 2]),
        _ => false,
    };

    // A line break, bracket or space written as \n, \u003c or %20 ends in what looks like the address going on.
    private static bool IsEscape(string text, int at) =>
        (at >= 2 && text[at - 2] == '\\' && "nrtbf".Contains(text[at - 1], StringComparison.Ordinal))
        || (at >= 6 && text[at - 6] == '\\' && text[at - 5] == 'u' && IsHex(text.AsSpan(at - 4, 4)))
        || (at >= 3 && text[at - 3] == '%' && IsHex(text.AsSpan(at - 2, 2)));

    private static bool Ends(string text, int at)
    {
        if (at >= text.Length)
        {
            return true;
        }

        var after = text[at];
        return after == '.' ? at + 1 >= text.Length || !char.IsLetterOrDigit(text[at + 1]) : !(char.IsLetterOrDigit(after) || after == '-');
    }

    private static bool IsHex(ReadOnlySpan<char> digits)
    {
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit))
            {
                return false;
            }
        }

        return true;
    }
}
