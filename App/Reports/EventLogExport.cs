using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>The activity log as a file, newest arrival first as on screen; what arrives meanwhile is not in it.</summary>
internal sealed class EventLogExport : ExportReader
{
    private static readonly byte[][] s_types = [[], .. EventTypes.All.Select(type => Utf8(type.Name()))];
    private static readonly byte[][] s_verdicts = [.. Enum.GetValues<Verdict>().Select(verdict => Utf8(verdict.Name()))];
    private static readonly byte[][] s_bounces = [.. Enum.GetValues<BounceKind>().Select(kind => Utf8(kind.Name()))];

    private static readonly ExportColumn[] s_columns =
    [
        new("id"), new("event_type"), new("occurred_at", true), new("received_at", true), new("message_id"), new("campaign_id"), new("customer_id"),
        new("customer_email"), new("verdict"), new("reasons"), new("counted"), new("link_id"), new("url"), new("link_label"), new("bounce_type"),
        new("reason"), new("country"), new("region"), new("city"), new("client"), new("device"), new("browser"), new("os"), new("user_agent"), new("esp_message_id"), new("event_id"), new("metadata"),
    ];

    private readonly EventFilter _filter;
    private readonly Statement _rows;
    private readonly Statement _end;
    private readonly EventDetail _detail = new();
    private readonly Dictionary<VerdictReasons, string[]> _reasons = [];

    /// <param name="connection">For reading only; belongs to the caller.</param>
    public EventLogExport(WriteConnection connection, EventFilter filter)
    {
        _filter = filter;
        _rows = connection.Prepare(EventLogQuery.Statement(LoggedEvent.Columns, LoggedEvent.Joins, filter, upwards: false));
        _end = connection.Prepare(EventLogQuery.EndStatement(filter, upwards: false));
    }

    public override IReadOnlyList<ExportColumn> Columns => s_columns;

    protected override Statement Rows => _rows;

    protected override Statement End => _end;

    protected override Statement Bind(Statement statement, long? place)
    {
        foreach (var (name, value) in EventLogQuery.Parameters(_filter, place, upwards: false, ChunkRows))
        {
            statement.Bind(name, value);
        }

        return statement;
    }

    protected override void Write(Statement row, IExportFile file)
    {
        var type = (EventType)row.Number(1);
        _detail.Read(row.Blob(16));
        file.Id("evt_"u8, row.Number(0));
        file.Text(s_types[(int)type]);
        file.Time(row.Number(6));
        file.Time(row.Number(7));
        file.Id("msg_"u8, row.Number(2));
        file.Id("cmp_"u8, row.Number(3));
        TextOrAbsent(row.Blob(4), file);
        file.Text(row.Blob(5));
        TextOrAbsent(s_verdicts[(int)row.Number(10)], file);
        file.Words(Reasons((VerdictReasons)row.Number(11)));
        file.Flag(row.Number(12) == 0);
        if (row.Number(9) is var link and not 0)
        {
            file.Id("lnk_"u8, link);
        }
        else
        {
            file.Absent();
        }

        TextOrAbsent(row.Blob(15) is { Length: > 0 } url ? url : _detail.Url, file);
        TextOrAbsent(row.Blob(17), file);
        TextOrAbsent(type == EventType.Bounced ? s_bounces[(int)row.Number(13)] : [], file);
        TextOrAbsent(_detail.Reason, file);
        for (var column = 18; column <= 24; column++)
        {
            TextOrAbsent(row.Blob(column), file);
        }

        TextOrAbsent(row.Blob(14), file);
        TextOrAbsent(row.Blob(8), file);
        TextOrAbsent(_detail.SourceKey, file);
        if (_detail.Metadata is { Length: > 0 } metadata)
        {
            file.Json(metadata);
        }
        else
        {
            file.Absent();
        }

        file.EndRow();
    }

    private static void TextOrAbsent(ReadOnlySpan<byte> text, IExportFile file)
    {
        if (text.IsEmpty)
        {
            file.Absent();
        }
        else
        {
            file.Text(text);
        }
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private string[] Reasons(VerdictReasons reasons)
    {
        if (!_reasons.TryGetValue(reasons, out var names))
        {
            _reasons[reasons] = names = [.. reasons.Names()];
        }

        return names;
    }
}
