using System.Text.RegularExpressions;

namespace ScoreTracking.Segments;

/// <summary>One attribute of a contact, in SQL, as what it is compared as. Null where it is not known, or nothing of that kind.</summary>
internal sealed partial class AttributeSql
{
    private readonly string _type;

    public AttributeSql(string name, SegmentParameters parameters)
    {
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

    /// <summary>Also text that is a number: whatever came out of a CSV file is text.</summary>
    public string Number =>
        $"CASE {_type} WHEN 'integer' THEN {Value} WHEN 'real' THEN {Value} "
        + $"WHEN 'text' THEN CASE WHEN json_valid({Value}) THEN CASE WHEN json_type({Value}) IN ('integer', 'real') THEN CAST({Value} AS REAL) END END END";

    /// <summary>Unix milliseconds of text that begins with an ISO date; without an offset it is UTC.</summary>
    public string Time =>
        $"CASE WHEN {_type} = 'text' AND {Value} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN CAST(round(unixepoch({Value}, 'subsec') * 1000) AS INTEGER) END";

    [GeneratedRegex(@"^[A-Za-z0-9_ .-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
