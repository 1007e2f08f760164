using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsvHelper;

namespace ScoreTracking.Reports;

/// <summary>A column of an exported file.</summary>
/// <param name="IsTime">In CSV it is followed by a second one, <c>…_local</c>, in the organization's zone.</param>
internal readonly record struct ExportColumn(string Name, bool IsTime = false);

/// <summary>Rows being written, of one form or the other; columns in their order, every column of every row. What is written gathers in memory until it is taken.</summary>
internal interface IExportFile : IDisposable
{
    void Text(ReadOnlySpan<byte> utf8);

    /// <summary>Text that may be absent, told apart from empty where the form can.</summary>
    void Absent();

    void Number(long value);

    void Flag(bool value);

    /// <param name="at">Unix milliseconds, 0 for never.</param>
    void Time(long at);

    /// <param name="items">Words without spaces.</param>
    void Words(IReadOnlyList<string> items);

    /// <summary>A JSON value as it is.</summary>
    void Json(ReadOnlySpan<byte> utf8);

    void EndRow();

    /// <summary>Hands over what was written since the last call.</summary>
    Task CopyToAsync(Stream output, CancellationToken cancellationToken);
}

/// <summary>CSV by RFC 4180, in UTF-8; a cell that a spreadsheet would run as a formula begins with an apostrophe.</summary>
internal sealed class CsvExportFile : IExportFile
{
    private readonly MemoryStream _gathered = new();
    private readonly IsoTime _time;
    private readonly CsvWriter _csv;
    private readonly byte[] _cell = new byte[IsoTime.MaxLength];

    /// <param name="forPeople">Begins with the mark by which spreadsheets tell UTF-8; programs trip over it.</param>
    public CsvExportFile(IReadOnlyList<ExportColumn> columns, TimeZoneInfo zone, bool forPeople)
    {
        _time = new IsoTime(zone);
        _csv = CsvWriter.Create(_gathered, CsvTable.Options with { WriteByteOrderMark = forPeople }, leaveOpen: true);
        foreach (var column in columns)
        {
            _csv.WriteField(column.Name);
            if (column.IsTime)
            {
                _csv.WriteField(column.Name + "_local");
            }
        }

        _csv.EndRecord();
    }

    public void Text(ReadOnlySpan<byte> utf8) => CsvTable.WriteText(_csv, utf8);

    public void Absent() => _csv.WriteField(ReadOnlySpan<byte>.Empty);

    public void Number(long value) => _csv.WriteField(value, default);

    public void Flag(bool value) => _csv.WriteField(value);

    public void Time(long at)
    {
        if (at == 0)
        {
            Absent();
            Absent();
            return;
        }

        _csv.WriteField(_cell.AsSpan(0, IsoTime.WriteUtc(at, _cell)));
        _csv.WriteField(_cell.AsSpan(0, _time.WriteLocal(at, _cell)));
    }

    public void Words(IReadOnlyList<string> items) => _csv.WriteField(string.Join(' ', items));

    public void Json(ReadOnlySpan<byte> utf8) => CsvTable.WriteText(_csv, utf8);

    public void EndRow() => _csv.EndRecord();

    public async Task CopyToAsync(Stream output, CancellationToken cancellationToken)
    {
        _csv.Flush();
        await output.WriteAsync(_gathered.GetBuffer().AsMemory(0, (int)_gathered.Length), cancellationToken);
        _gathered.SetLength(0);
    }

    public void Dispose() => _csv.Dispose();
}

/// <summary>One JSON object to a line: every value as it is stored, nothing added or lost.</summary>
internal sealed class NdjsonExportFile(IReadOnlyList<ExportColumn> columns) : IExportFile
{
    private readonly ArrayBufferWriter<byte> _gathered = new(64 * 1024);
    private readonly JsonEncodedText[] _names = [.. columns.Select(column => JsonEncodedText.Encode(column.Name))];
    private readonly byte[] _time = new byte[IsoTime.MaxLength];
    private Utf8JsonWriter? _json;
    private int _column;

    public void Text(ReadOnlySpan<byte> utf8) => Row().WriteString(Name(), utf8);

    public void Absent() => Row().WriteNull(Name());

    public void Number(long value) => Row().WriteNumber(Name(), value);

    public void Flag(bool value) => Row().WriteBoolean(Name(), value);

    public void Time(long at)
    {
        if (at == 0)
        {
            Absent();
            return;
        }

        Row().WriteString(Name(), _time.AsSpan(0, IsoTime.WriteUtc(at, _time)));
    }

    public void Words(IReadOnlyList<string> items)
    {
        Row().WriteStartArray(Name());
        foreach (var item in items)
        {
            Row().WriteStringValue(item);
        }

        Row().WriteEndArray();
    }

    public void Json(ReadOnlySpan<byte> utf8)
    {
        Row().WritePropertyName(Name());
        Row().WriteRawValue(utf8);
    }

    public void EndRow()
    {
        Row().WriteEndObject();
        Row().Flush();
        Row().Reset();
        _gathered.Write("\n"u8);
        _column = 0;
    }

    public async Task CopyToAsync(Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(_gathered.WrittenMemory, cancellationToken);
        _gathered.ResetWrittenCount();
    }

    public void Dispose() => _json?.Dispose();

    private Utf8JsonWriter Row()
    {
        // Not for a page: addresses keep their plus signs.
        _json ??= new Utf8JsonWriter(_gathered, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        if (_column == 0 && _json.CurrentDepth == 0)
        {
            _json.WriteStartObject();
        }

        return _json;
    }

    private JsonEncodedText Name() => _names[_column++];
}
