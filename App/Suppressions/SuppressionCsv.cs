using System.Text;
using CsvHelper;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>The file cannot be read at all; the message says why.</summary>
internal sealed class SuppressionCsvException(string message) : Exception(message);

/// <summary>
/// Reads addresses from CSV: a header line with <c>email</c> and, if wanted, <c>note</c> or <c>reason</c>, whose words become
/// the note; other columns are passed by. A file without a header is one address a line. Memory stays flat.
/// </summary>
internal sealed class SuppressionCsv : IDisposable
{
    // An unclosed quote would otherwise read the rest of the file into memory.
    private const int MaxRow = 64 * 1024;

    private readonly CsvReader _reader;
    private readonly Queue<(long Line, string Error)> _broken = new();
    private readonly int _email;
    private readonly int _note;
    private bool _pending;
    private string? _first;

    /// <summary>Reads the header.</summary>
    /// <exception cref="SuppressionCsvException">It names no addresses.</exception>
    public SuppressionCsv(Stream file)
    {
        _reader = CsvReader.Create(file, new CsvReaderOptions
        {
            MaxRecordSize = MaxRow,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
            MalformedData = CsvMalformedDataHandling.Skip,
            FieldCountMismatch = CsvFieldCountHandling.Skip,
            OnMalformedRecord = record => _broken.Enqueue((record.LineNumber, Describe(record.Reason))),
        });
        try
        {
            _reader.ReadHeader();
        }
        catch (CsvFormatException exception)
        {
            throw new SuppressionCsvException($"The header cannot be read: {exception.Message}");
        }

        (_email, _note, _first) = Columns([.. _reader.Headers.Select(header => header.Trim())]);
    }

    /// <summary>Line of the current row, the header being line 1.</summary>
    public long Line { get; private set; }

    /// <summary>What stands in its email column; where there is no <see cref="Error"/>, as it is stored.</summary>
    public string Email { get; private set; } = "";

    public string Note { get; private set; } = "";

    /// <summary>What is wrong with the current row, or "".</summary>
    public string Error { get; private set; } = "";

    /// <summary>Moves to the next row, good or bad; false at the end.</summary>
    /// <exception cref="SuppressionCsvException">The rest of the file cannot be read.</exception>
    public bool Read()
    {
        if (_first is { } first)
        {
            _first = null;
            (Line, Email, Note) = (1, first, "");
            return Check();
        }

        // Rows the reader skipped come before the one it stopped at.
        if (!_pending && _broken.Count == 0)
        {
            try
            {
                _pending = _reader.Read();
            }
            catch (CsvFormatException exception)
            {
                throw new SuppressionCsvException($"Line {exception.LineNumber} cannot be read, nor what follows it: {exception.Message}");
            }
        }

        if (_broken.TryDequeue(out var broken))
        {
            (Line, Error, Email, Note) = (broken.Line, broken.Error, "", "");
            return true;
        }

        if (!_pending)
        {
            return false;
        }

        _pending = false;
        (Line, Email, Note) = (_reader.LineNumber, _reader.GetString(_email).Trim(), _note < 0 ? "" : _reader.GetString(_note).Trim());
        return Check();
    }

    public void Dispose() => _reader.Dispose();

    private static string Describe(CsvMalformedReason reason) =>
        reason == CsvMalformedReason.FieldCountMismatch ? "has not as many columns as the header" : "has a quotation mark out of place";

    private static (int Email, int Note, string? First) Columns(List<string> names)
    {
        if (names.Count == 0)
        {
            throw new SuppressionCsvException("The file is empty.");
        }

        int Find(string name) => names.FindIndex(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));

        if (Find("email") is >= 0 and var email)
        {
            return (email, Find("note") is >= 0 and var note ? note : Find("reason"), null);
        }

        return names is [var only] && EmailAddress.TryParse(only, out _)
            ? (0, -1, only)
            : throw new SuppressionCsvException("The first line must name the columns, and one of them must be \"email\".");
    }

    private bool Check()
    {
        Error = "";
        if ((Email + Note).Contains(Rune.ReplacementChar.ToString(), StringComparison.Ordinal))
        {
            Error = "is not UTF-8";
        }
        else if (!EmailAddress.TryParse(Email, out var address))
        {
            Error = "email is not an email address";
        }
        else if (SuppressionList.NoteError(Note) is { } wrong)
        {
            Error = $"note {wrong}";
        }
        else
        {
            Email = address.Value;
        }

        return true;
    }
}
