using Microsoft.Data.Sqlite;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>What became of one recipient.</summary>
/// <param name="SuppressedFor">Why we may not mail the address; null when we may. Then nothing was written.</param>
/// <param name="Added">Whether the campaign did not have the recipient before.</param>
/// <param name="Variant">Position of the variant; −1 before the campaign has started, and for one who waits for the end of its test.</param>
/// <param name="Attributes">JSON object, with what this recipient brought merged in.</param>
/// <param name="CustomerId">The contact's.</param>
/// <param name="Withheld">The copy made before, and once it is decided this one, carries no pixel and links for want of consent.</param>
internal readonly record struct Written(
    string? SuppressedFor, bool Added, long MessageId, int Variant, string Attributes, TrackingConsent Consent, string? CustomerId,
    bool Withheld = false)
{
    /// <summary>Stands where the reason of a suppression does: of what the campaign is about, the person wants nothing.</summary>
    public const string TopicsRefused = "topics";

    /// <summary>Before the campaign has started, or until its test has ended: there is no variant to write the mail from.</summary>
    public bool IsWaiting => Variant < 0;
}

/// <summary>
/// Adds recipients to a campaign: contact, message and message state, each with prepared statements in one short
/// transaction. The write lock is shared with the event writer, so a transaction takes at most <see cref="MaxRows"/> rows.
/// </summary>
internal sealed class RecipientWriter : IDisposable
{
    /// <summary>About 50 ms.</summary>
    public const int MaxRows = 2_000;

    private readonly SqliteConnection _connection;
    private readonly long _campaignId;
    private readonly TimeProvider _clock;
    private readonly bool _instrument;
    private readonly HeldUnsubscribes? _held;
    private readonly RecipientSql _sql;

    /// <param name="instrument">The mail goes out now, to the address given: a recipient who was added earlier moves to it.</param>
    /// <param name="held">Asked where mail goes out; null where it does not.</param>
    public RecipientWriter(SqliteFile file, ErasedPeople erased, long campaignId, TimeProvider clock, bool instrument, HeldUnsubscribes? held = null)
    {
        _held = held;
        _connection = file.Open();
        _campaignId = campaignId;
        _clock = clock;
        _instrument = instrument;
        _sql = new RecipientSql(_connection, erased);
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Adds up to <see cref="MaxRows"/> recipients in a transaction that <paramref name="within"/> may add to before it is committed.</summary>
    /// <returns>What became of each, in order; null when the campaign's state forbids it or it does not exist.</returns>
    public Written[]? Add(ReadOnlySpan<ContactRow> rows, Action<SqliteTransaction, Written[]>? within = null)
    {
        using var transaction = _connection.BeginTransaction();
        return _sql.ReadCampaign(transaction, _campaignId) is { } campaign && Takes(campaign.Status) ? Add(transaction, campaign, rows, within) : null;
    }

    /// <summary>The same for people we know; as they are in this transaction, so that nothing said of them a moment ago is lost.</summary>
    /// <returns>What became of each who is still there.</returns>
    public Written[]? AddKnown(ReadOnlySpan<long> contactIds, Action<SqliteTransaction, Written[]>? within = null)
    {
        using var transaction = _connection.BeginTransaction();
        if (_sql.ReadCampaign(transaction, _campaignId) is not { } campaign || !Takes(campaign.Status))
        {
            return null;
        }

        var rows = new List<ContactRow>(contactIds.Length);
        foreach (var id in contactIds)
        {
            if (_sql.ReadContact(id) is { } row)
            {
                rows.Add(row);
            }
        }

        return Add(transaction, campaign, rows.ToArray(), within);
    }

    /// <summary>For long work: 64 MB of index pages instead of 8. Lasts until the connection is closed.</summary>
    public void KeepMoreInMemory()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA cache_size=-64000";
        command.ExecuteNonQuery();
    }

    /// <inheritdoc cref="RecipientSql.MarkTracked"/>
    public void MarkTracked(IEnumerable<(Written Recipient, bool Tracked, bool Withheld)> copies) => _sql.MarkTracked(_campaignId, copies);

    public void Dispose()
    {
        _sql.Dispose();
        _connection.Dispose();
    }

    private Written[] Add(SqliteTransaction transaction, RecipientCampaign campaign, ReadOnlySpan<ContactRow> rows, Action<SqliteTransaction, Written[]>? within)
    {
        var written = new Written[rows.Length];
        var states = new List<(ulong Order, int Row)>();
        var added = new Dictionary<long, int>();
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < rows.Length; i++)
        {
            written[i] = Write(campaign, rows[i], now);
            if (written[i].Added)
            {
                added[written[i].MessageId] = i;
                states.Add((campaign.Split is null ? 0 : VariantSplit.Order(campaign.Seed, written[i].CustomerId, rows[i].Email), i));
            }
        }

        Deal(campaign, rows, states, written);
        if (campaign.ConnectionId != 0)
        {
            SendQueue.Enqueue(
                _connection, transaction, _campaignId, campaign.ConnectionId, _clock.GetUtcNow(),
                written.Where(recipient => recipient is { Added: true, Variant: >= 0 }).Select(recipient => recipient.MessageId));
        }

        for (var i = 0; i < rows.Length; i++)
        {
            // The same recipient twice in these rows: the state of the first was written only just now.
            if (written[i] is { SuppressedFor: null, Added: false } && added.TryGetValue(written[i].MessageId, out var first))
            {
                written[i] = written[i] with { Variant = written[first].Variant };
            }
        }

        within?.Invoke(transaction, written);
        transaction.Commit();
        return written;
    }

    private bool Takes(string status) => status switch
    {
        CampaignStatus.Draft or CampaignStatus.Scheduled or CampaignStatus.Paused => !_instrument,
        CampaignStatus.Running or CampaignStatus.Testing => true,
        _ => false,
    };

    private Written Write(RecipientCampaign campaign, in ContactRow row, long now)
    {
        var found = _sql.Contacts.Find(row);
        if ((found.SuppressedFor ?? _held?.ReasonFor(row.Email) ?? (campaign.IsRefusedBy(found) ? Written.TopicsRefused : null)) is { } reason)
        {
            return new Written(reason, Added: false, 0, -1, ContactRow.NoData, TrackingConsent.Unknown, row.CustomerId);
        }

        var contactId = _sql.Contacts.Write(found, row, now);
        var written = new Written(null, Added: false, 0, -1, found.Merged, found.ConsentWith(row), row.CustomerId ?? found.CustomerId);
        var message = found.IsKnown ? _sql.FindMessage(campaign.Id, contactId) : default;
        if (message.Id == 0)
        {
            return written with { Added = true, MessageId = _sql.InsertMessage(campaign.Id, contactId, row.Email, now) };
        }

        if (_instrument && !string.Equals(message.Email, row.Email, StringComparison.OrdinalIgnoreCase))
        {
            _sql.UpdateMessageEmail(message.Id, row.Email);
        }

        return written with { MessageId = message.Id, Variant = Redeal(campaign, message, written.CustomerId), Withheld = message.Withheld };
    }

    private void Deal(RecipientCampaign campaign, ReadOnlySpan<ContactRow> rows, List<(ulong Order, int Row)> states, Written[] written)
    {
        states.Sort();
        foreach (var (order, row) in states)
        {
            var variant = campaign.Split?.Next(order, asked: _instrument) ?? -1;
            _sql.InsertState(written[row].MessageId, campaign.Id, variant, rows[row].Email);
            written[row] = written[row] with { Variant = variant };
        }

        campaign.Split?.Save(_sql, campaign.Id);
    }

    // Mail is asked for: whoever waited for it is dealt now, if it is their turn. Whom the start left out of the sample waits for the winner.
    private int Redeal(RecipientCampaign campaign, in FoundMessage found, string? customerId)
    {
        if (!_instrument || found.Variant >= 0 || campaign.Split is not { } split || split.Test is { IsOpen: true, Winner: < 0, IsAdaptive: false })
        {
            return found.Variant;
        }

        var variant = split.Next(VariantSplit.Order(campaign.Seed, customerId, found.Email), asked: true);
        if (variant >= 0)
        {
            _sql.UpdateStateVariant(found.Id, variant);
        }

        return variant;
    }
}

/// <summary>What adding recipients needs to know of the campaign.</summary>
/// <param name="ConnectionId">What their mail is handed to; 0 where the caller sends it.</param>
/// <param name="Split">Null before the campaign has started.</param>
internal sealed record RecipientCampaign(long Id, string Status, byte[] Seed, IReadOnlyList<string> Topics, long ConnectionId, VariantDeal? Split)
{
    public bool IsRefusedBy(in FoundContact contact) =>
        Topics.Count > 0 && contact.RefusedTopics != Data.Topics.None && Data.Topics.AllRefused(Topics, Data.Topics.Read(contact.RefusedTopics));
}
