using System.Text;
using CsvHelper;
using ScoreTracking.Api;

namespace ScoreTracking.Reports;

/// <summary>A table of a report section as a CSV file: RFC 4180 in UTF-8, and no cell that a spreadsheet would run as a formula. For the hundreds of rows a section shows; what may be long is an <see cref="IExportFile"/>.</summary>
/// <example><code>CsvTable.File("links.csv", ["url", "clicks"], report.Data.Select(link => new object?[] { link.Url, link.TotalClicks }), forPeople: true)</code></example>
public static class CsvTable
{
    public const string ContentType = "text/csv; charset=utf-8";

    /// <summary>How every CSV file of ours is written. Beside what spreadsheets run, a line feed before it, since some skip it.</summary>
    internal static CsvWriterOptions Options { get; } = new()
    {
        Injection = CsvInjection.Escape,
        InjectionCharacters = "=+-@\t\r\n",
        TrueValue = "true",
        FalseValue = "false",
    };

    /// <summary>A download.</summary>
    /// <param name="fileName">As from <see cref="FileName"/>.</param>
    /// <param name="rows">Text, numbers, booleans and moments (written in UTC) in the order of the columns; null is an empty cell.</param>
    /// <param name="forPeople">Begins with the mark by which spreadsheets tell UTF-8; programs trip over it.</param>
    public static IResult File(string fileName, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, bool forPeople)
    {
        using var gathered = new MemoryStream();
        using (var csv = CsvWriter.Create(gathered, Options with { WriteByteOrderMark = forPeople }, leaveOpen: true))
        {
            csv.WriteRecord([.. columns]);
            foreach (var row in rows)
            {
                foreach (var cell in row)
                {
                    Write(csv, cell);
                }

                csv.EndRecord();
            }
        }

        return TypedResults.File(gathered.ToArray(), ContentType, fileName);
    }

    /// <summary>A name every system can save, whatever the campaign is called: "spring-sale-links.csv".</summary>
    /// <param name="subject">Free text of a user.</param>
    /// <param name="rest">Ours, with its ending: "links.csv".</param>
    public static string FileName(string subject, string rest)
    {
        const int longest = 60;
        var name = new StringBuilder();
        foreach (var character in subject.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                name.Append(character);
            }
            else if (name.Length > 0 && name[^1] != '-' && !char.IsBetween(character, '\u0300', '\u036F'))
            {
                name.Append('-');
            }

            if (name.Length == longest)
            {
                break;
            }
        }

        var safe = name.ToString().Trim('-');
        return safe.Length == 0 ? rest : $"{safe}-{rest}";
    }

    /// <summary>Text that may be anybody's. Full-width forms of the formula signs are signs to some spreadsheets.</summary>
    internal static void WriteText(CsvWriter csv, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= 3 && utf8[0] == 0xEF && (utf8.StartsWith("＝"u8) || utf8.StartsWith("＋"u8) || utf8.StartsWith("－"u8) || utf8.StartsWith("＠"u8)))
        {
            byte[] escaped = [(byte)'\'', .. utf8];
            csv.WriteField(escaped);
            return;
        }

        csv.WriteField(utf8);
    }

    private static void Write(CsvWriter csv, object? cell)
    {
        switch (cell)
        {
            case string text:
                WriteText(csv, Encoding.UTF8.GetBytes(text));
                break;
            case DateTimeOffset time:
                csv.WriteField(ApiSetup.Text(time));
                break;
            default:
                csv.WriteField(cell);
                break;
        }
    }
}
