using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ScoreTracking.Segments;

/// <summary>One attribute of a contact, in SQL, as what it is compared as. Null where it is not known, or nothing of that kind.</summary>
internal sealed partial class AttributeSql
{
    // A number is read as text by other figures than it was written with.
    private const string Figures = "0123456789.+-einf";

    private readonly string _type;
    private readonly string _name;
    private readonly SegmentParameters _parameters;

    public AttributeSql(string name, SegmentParameters parameters)
    {
        (_name, _parameters) = (name, parameters);
        if (Plain().IsMatch(name))
        {
            var path = parameters.Add($"$.\"{name}\"");
            Value = $"json_extract(segc.attributes, {path})";
            _type = $"json_type(segc.attributes, {path})";
        }
        else
        {
            // Paths have marks of their own, and JSON escapes; a key is compared as it is.
            var key = parameters.Add(name);
            Value = $"(SELECT value FROM json_each(segc.attributes) WHERE key = {key})";
            _type = $"(SELECT type FROM json_each(segc.attributes) WHERE key = {key})";
        }
    }

    public string Value { get; }

    /// <summary>Numbers as they are written; true and false by these words.</summary>
    public string Text => $"CASE {_type} WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST({Value} AS TEXT) END";

    /// <summary>Compared as a number. Also text: whatever came out of a CSV file is text.</summary>
    /// <param name="compared">With the figure for <c>{0}</c>.</param>
    public string Number(CompositeFormat compared)
    {
        // Taken out of the text first, which is half of what reading the JSON costs; only where that says yes, or cannot say, the JSON is read.
        var key = _parameters.Add($"\"{_name}\":");
        var read = $"CAST(ltrim(substr(segc.attributes, nullif(instr(segc.attributes, {key}), 0) + length({key})), '\"') AS REAL)";
        var exact = $"CASE {_type} WHEN 'integer' THEN 1 WHEN 'real' THEN 1 WHEN 'text' THEN CASE WHEN json_valid({Value}) THEN json_type({Value}) IN ('integer', 'real') END END";
        return $"CASE WHEN {Format(read)} OR {Escaped} THEN ifnull({Format($"CAST({Value} AS REAL)")} AND {exact}, 0) ELSE 0 END";

        string Format(string figure) => string.Format(CultureInfo.InvariantCulture, compared, figure);
    }

    /// <summary>Unix milliseconds of text that begins with an ISO date; without an offset it is UTC.</summary>
    public string Time =>
        $"CASE WHEN {_type} = 'text' AND {Value} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN CAST(round(unixepoch({Value}, 'subsec') * 1000) AS INTEGER) END";

    /// <summary>True for whoever has the attribute, and nearly false for others: what reading JSON would cost them is saved.</summary>
    public string Named => $"({Like($"%{Name}%")} OR {Escaped})";

    /// <summary>True for whoever's attribute holds the text in any case, and mostly false for others.</summary>
    public string MayHold(string text)
    {
        var small = text.ToLowerInvariant();
        if (small.All(Figures.Contains))
        {
            return Named;
        }

        if (small.Any(char.IsAscii))
        {
            return $"({Like($"%{Name}%{SegmentText.Pattern(small)}%")} OR {Escaped})";
        }

        // In a pattern such letters stand for any: the first is looked for in both cases instead.
        var first = small.EnumerateRunes().First().ToString();
        return $"({Holds(first)} OR {Holds(first.ToUpperInvariant())} OR {Escaped})";
    }

    // As in the JSON, which is stored without blanks.
    private string Name => $"{SegmentText.Pattern(_name)}\":";

    // Behind a backslash anything may stand as another character.
    private const string Escaped = @"segc.attributes LIKE '%\%' ESCAPE '!'";

    private string Like(string pattern) => $"segc.attributes LIKE {_parameters.Add(pattern)} ESCAPE '!'";

    private string Holds(string text) => $"instr(segc.attributes, {_parameters.Add(text)}) > 0";

    [GeneratedRegex(@"^[A-Za-z0-9_ .-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
