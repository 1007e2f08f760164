using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;
using ScoreTracking.Data;

namespace ScoreTracking.Contacts;

/// <summary>The file cannot be read at all; the message says why.</summary>
internal sealed class ContactCsvException(string message) : Exception(message);

/// <summary>
/// Reads people from CSV: a header line with <c>email</c> and, if wanted, <c>customer_id</c> and <c>tracking_consent</c>;
/// every other column becomes an attribute. A <see cref="ColumnMapping"/> says otherwise. Comma, semicolon or tab; UTF-8, or UTF-16 with a byte order mark; quotes as in
/// RFC 4180. Memory stays flat: a row is read when it is asked for.
/// </summary>
internal sealed class ContactCsv : IDisposable
{
    /// <summary>Longest row, in bytes. An unclosed quote would otherwise read the rest of the file into memory.</summary>
    private const int MaxRow = 256 * 1024;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CsvReader _reader;
    private readonly Queue<(long Line, string Error)> _broken = new();
    private readonly ArrayBufferWriter<byte> _data = new(256);
    private readonly Utf8JsonWriter _json;
    private readonly List<(int Index, string Name)> _attributes = [];
    private readonly ColumnMapping? _mapping;
    private int _email = -1;
    private int _customerId = -1;
    private int _consent = -1;
    private bool _pending;

    /// <summary>Reads the header.</summary>
    /// <param name="mapping">What the columns are, where their names do not say it.</param>
    /// <exception cref="ContactCsvException">It names no people.</exception>
    public ContactCsv(Stream file, ColumnMapping? mapping = null)
    {
        _mapping = mapping;
        _json = new Utf8JsonWriter(_data, s_json);
        _reader = CsvReader.Create(file, Options(record => _broken.Enqueue((record.LineNumber, Describe(record.Reason)))));
        try
        {
            _reader.ReadHeader();
            ReadColumns(_reader.Headers);
        }
        catch (CsvFormatException exception)
        {
            throw new ContactCsvException($"The header cannot be read: {exception.Message}");
        }
    }

    /// <summary>How every file of people is read.</summary>
    internal static CsvReaderOptions Options(Action<CsvMalformedRecord> onMalformed) => new()
    {
        MaxRecordSize = MaxRow,
        TrackLineNumbers = true,
        IncludeValuesInExceptions = false,
        MalformedData = CsvMalformedDataHandling.Skip,
        FieldCountMismatch = CsvFieldCountHandling.Skip,
        OnMalformedRecord = record => onMalformed(record),
    };

    /// <summary>Line of the current row, the header being line 1.</summary>
    public long Line { get; private set; }

    /// <summary>The current row, if it has no <see cref="Error"/>.</summary>
    public ContactRow Row { get; private set; }

    /// <summary>What is wrong with the current row, or "".</summary>
    public string Error { get; private set; } = "";

    /// <summary>What stands in its email column.</summary>
    public string Email { get; private set; } = "";

    /// <summary>Moves to the next row, good or bad; false at the end.</summary>
    /// <exception cref="ContactCsvException">The rest of the file cannot be read.</exception>
    public bool Read()
    {
        // Rows the reader skipped come before the one it stopped at.
        if (!_pending && _broken.Count == 0)
        {
            try
            {
                _pending = _reader.Read();
            }
            catch (CsvFormatException exception)
            {
                throw new ContactCsvException($"Line {exception.LineNumber} cannot be read, nor what follows it: {exception.Message}");
            }
        }

        if (_broken.TryDequeue(out var broken))
        {
            (Line, Error) = broken;
            Email = "";
            return true;
        }

        if (!_pending)
        {
            return false;
        }

        _pending = false;
        Line = _reader.LineNumber;
        Email = _reader.GetString(_email).Trim();
        Error = ReadRow();
        return true;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _json.Dispose();
    }

    private static string Describe(CsvMalformedReason reason) =>
        reason == CsvMalformedReason.FieldCountMismatch ? "has not as many columns as the header" : "has a quotation mark out of place";

    private void ReadColumns(IReadOnlyList<string> headers)
    {
        if (headers.Count == 0)
        {
            throw new ContactCsvException("The file is empty.");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers[i].Trim();
            if (!ContactRow.IsData(name, ""))
            {
                throw new ContactCsvException(name.Length == 0 ? $"Column {i + 1} has no name." : $"The name of column {i + 1} is not valid.");
            }

            if (!seen.Add(name))
            {
                throw new ContactCsvException($"Two columns are named \"{name}\".");
            }

            Take(i, _mapping is null ? name : _mapping.TargetOf(name));
        }

        if (_mapping?.Missing(seen) is { } missing)
        {
            throw new ContactCsvException($"The file has no column \"{missing}\".");
        }

        if (_email < 0)
        {
            throw new ContactCsvException(_mapping is null
                ? "The first line must name the columns, and one of them must be \"email\"."
                : "One of the columns must be \"email\".");
        }

        if (_attributes.Count > ContactRow.MaxDataValues)
        {
            throw new ContactCsvException($"There are more than {ContactRow.MaxDataValues} columns of attributes.");
        }
    }

    /// <param name="target">Null leaves the column out.</param>
    private void Take(int column, string? target)
    {
        switch (target?.ToLowerInvariant())
        {
            case null:
                break;
            case ColumnMapping.Email:
                _email = TakeOnce(_email, column, target);
                break;
            case ColumnMapping.CustomerId:
                _customerId = TakeOnce(_customerId, column, target);
                break;
            case ColumnMapping.Consent:
                _consent = TakeOnce(_consent, column, target);
                break;
            default:
                if (_attributes.Exists(attribute => attribute.Name == target))
                {
                    throw new ContactCsvException($"Two columns are to be \"{target}\".");
                }

                _attributes.Add((column, target!));
                break;
        }
    }

    private static int TakeOnce(int taken, int column, string? target) =>
        taken < 0 ? column : throw new ContactCsvException($"Two columns are to be \"{target}\".");

    private string ReadRow()
    {
        if (Email.Contains(Rune.ReplacementChar.ToString(), StringComparison.Ordinal))
        {
            return "is not UTF-8";
        }

        if (!EmailAddress.TryParse(Email, out var address))
        {
            return "email is not an email address";
        }

        var customerId = _customerId < 0 ? null : NullIfEmpty(_reader.GetString(_customerId).Trim());
        if (!ContactRow.IsCustomerId(customerId))
        {
            return "customer_id is not valid";
        }

        if (!ContactRow.TryConsent(_consent < 0 ? null : NullIfEmpty(_reader.GetString(_consent).Trim().ToLowerInvariant()), out var consent))
        {
            return "tracking_consent must be granted, denied or unknown";
        }

        var error = ReadData(out var data);
        Row = new ContactRow(customerId, address.Value, data, consent) { ConsentMethod = ConsentMethods.Import };
        return error;
    }

    private string ReadData(out string data)
    {
        data = ContactRow.NoData;
        _data.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        var any = false;
        foreach (var (index, name) in _attributes)
        {
            // An empty cell says nothing about the person: what we know stays.
            if (_reader.IsEmpty(index))
            {
                continue;
            }

            var value = _reader.GetString(index);
            if (value.Contains(Rune.ReplacementChar.ToString(), StringComparison.Ordinal))
            {
                return "is not UTF-8";
            }

            if (!ContactRow.IsData(name, value))
            {
                return $"{name} is longer than {ContactRow.MaxDataValue} characters";
            }

            _json.WriteString(name, value);
            any = true;
        }

        _json.WriteEndObject();
        _json.Flush();
        if (any)
        {
            data = Encoding.UTF8.GetString(_data.WrittenSpan);
        }

        return "";
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
