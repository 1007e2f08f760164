using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>Recipients as a file: the columns of <see cref="RecipientRow"/>, in the order they were added, or by address with a filter on it.</summary>
internal sealed class RecipientsExport : ExportReader
{
    // Rows that fit may be far apart: a chunk looks at more of them than a page does.
    private const int VisitsPerChunk = 5;

    private static readonly byte[][] s_statuses = [.. Enum.GetValues<MessageStatus>().Select(status => Utf8(status.Name()))];
    private static readonly byte[][] s_bounces = [.. Enum.GetValues<BounceKind>().Select(kind => Utf8(kind.Name()))];
    private static readonly Dictionary<string, byte[]> s_indicators = new[] { "gray", "green", "blue", "red" }.ToDictionary(name => name, Utf8);

    private static readonly ExportColumn[] s_columns =
    [
        new("email"), new("customer_id"), new("status"), new("indicator"), new("variant"), new("processed_at", true), new("sent_at", true),
        new("delivered_at", true), new("deferred_at", true), new("dropped_at", true), new("bounced_at", true), new("bounce"), new("opened_at", true),
        new("confirmed_at", true), new("open_inferred"), new("clicked_at", true), new("complained_at", true), new("unsubscribed_at", true),
        new("replied_at", true), new("opens"), new("confirmed_opens"), new("clicks"), new("last_event_at", true), new("message_id"),
    ];

    private readonly WriteConnection _connection;
    private readonly long _campaignId;
    private readonly RecipientFilter _filter;
    private readonly Statement _address;
    private RecipientWalk _walk;
    private Statement _rows;
    private Statement _end;

    /// <param name="connection">For reading only; belongs to the caller.</param>
    /// <param name="filter">Its order does not matter.</param>
    public RecipientsExport(WriteConnection connection, long campaignId, RecipientFilter filter)
    {
        _connection = connection;
        _campaignId = campaignId;
        _filter = filter with { Order = filter.Text is null ? RecipientOrder.Added : RecipientOrder.Address, Descending = false };
        _address = connection.Prepare(RecipientsQuery.AddressOf);
        (_walk, _rows, _end) = Prepare(RecipientWalk.For(_filter, statusCount: null, clickers: 0));
    }

    public override IReadOnlyList<ExportColumn> Columns => s_columns;

    protected override Statement Rows => _rows;

    protected override Statement End => _end;

    protected override Statement Bind(Statement statement, long? place)
    {
        string? address = null;
        if (place is { } id && _filter.Order == RecipientOrder.Address)
        {
            if (_address.Bind("$id", id).Bind("$campaign", _campaignId).Step())
            {
                address = _address.Text(0);
            }

            _address.Reset();
        }

        foreach (var (name, value) in RecipientsQuery.Parameters(_campaignId, _filter, place, address, backwards: false, ChunkRows, _walk.Visits * VisitsPerChunk))
        {
            statement.Bind(name, value);
        }

        return statement;
    }

    protected override void Write(Statement row, IExportFile file)
    {
        var status = (MessageStatus)row.Number(4);
        file.Text(row.Blob(2));
        TextOrAbsent(row, 3, file);
        file.Text(s_statuses[(int)status]);
        file.Text(s_indicators[MessageStatuses.Indicator(status, row.Number(13) != 0, row.Number(16) != 0)]);
        if (row.Blob(5) is { Length: > 0 } variant)
        {
            file.Text(variant);
        }
        else
        {
            file.Absent();
        }

        for (var column = 6; column <= 11; column++)
        {
            file.Time(row.Number(column));
        }

        if (row.Number(12) is var bounce and not 0)
        {
            file.Text(s_bounces[(int)bounce]);
        }
        else
        {
            file.Absent();
        }

        file.Time(row.Number(13));
        file.Time(row.Number(14));
        file.Flag(row.Number(15) != 0);
        for (var column = 16; column <= 19; column++)
        {
            file.Time(row.Number(column));
        }

        file.Number(row.Number(20));
        file.Number(row.Number(21));
        file.Number(row.Number(22));
        file.Time(row.Number(23));
        file.Text(Utf8(PublicId.Message(row.Number(1))));
        file.EndRow();
    }

    // Nobody's address begins so: it may be a customer id.
    protected override bool TryAnother(int rows)
    {
        if (rows > 0 || _filter.Text is null || _walk == RecipientWalk.Person)
        {
            return false;
        }

        (_walk, _rows, _end) = Prepare(RecipientWalk.Person);
        return true;
    }

    private static void TextOrAbsent(Statement row, int column, IExportFile file)
    {
        if (row.IsNull(column))
        {
            file.Absent();
        }
        else
        {
            file.Text(row.Blob(column));
        }
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private (RecipientWalk Walk, Statement Rows, Statement End) Prepare(RecipientWalk walk) =>
        (walk, _connection.Prepare(RecipientsQuery.Statement(walk, _filter, backwards: false)), _connection.Prepare(walk.ForthEnd));
}
