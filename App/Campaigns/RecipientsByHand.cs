using System.Text;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>What became of pasted lines.</summary>
/// <param name="Invalid">By line of the text, from 1.</param>
internal sealed record HandResult(int Added, int Duplicates, int Suppressed, IReadOnlyList<(long Line, string Text, string Error)> Invalid);

/// <summary>Adds recipients from a few lines somebody typed or pasted: an address per line, or rows with a header as in a file.</summary>
internal sealed class RecipientsByHand(SqliteFile file, ErasedPeople erased, RecipientImport import, LiveUpdates live, TimeProvider clock)
{
    /// <summary>In bytes of UTF-8; more belongs into a file.</summary>
    public const int MaxText = 256 * 1024;

    public async Task<Outcome<HandResult>> AddAsync(long campaignId, string text, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxText)
        {
            return new Refusal.Faults("text", $"is larger than {MaxText / 1024} kB: import a file instead");
        }

        if (await import.CheckAsync(campaignId, cancellationToken) is { } refused)
        {
            return refused;
        }

        try
        {
            var result = await Task.Run(() => Add(campaignId, text, cancellationToken), cancellationToken);
            if (result is null)
            {
                return new Refusal.State("The campaign was stopped in the meantime.");
            }

            live.Signal([LiveTopic.Campaign(campaignId), LiveTopic.Contacts]);
            return result;
        }
        catch (ContactCsvException unreadable)
        {
            return new Refusal.Faults("text", unreadable.Message);
        }
    }

    /// <summary>Whether the text brings a header: no column of an address is named "email", and no address lacks an "@".</summary>
    private static bool HasHeader(string text)
    {
        var end = text.AsSpan().TrimStart().IndexOfAny('\r', '\n');
        var first = end < 0 ? text.AsSpan().Trim() : text.AsSpan().TrimStart()[..end];
        return !first.Contains('@') && first.Contains("email", StringComparison.OrdinalIgnoreCase);
    }

    private HandResult? Add(long campaignId, string text, CancellationToken cancellationToken)
    {
        var header = HasHeader(text);
        using var csv = new ContactCsv(new MemoryStream(Encoding.UTF8.GetBytes(header ? text : "email\n" + text)));
        using var writer = new RecipientWriter(file, erased, campaignId, clock, instrument: false);
        var invalid = new List<(long Line, string Text, string Error)>();
        var rows = new List<ContactRow>();
        var (added, duplicates, suppressed) = (0, 0, 0);
        var more = true;
        while (more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Clear();
            while (rows.Count < RecipientWriter.MaxRows && (more = csv.Read()))
            {
                if (csv.Error.Length == 0)
                {
                    rows.Add(csv.Row);
                }
                else
                {
                    invalid.Add((csv.Line - (header ? 0 : 1), csv.Email, csv.Error));
                }
            }

            if (writer.Add(rows.ToArray()) is not { } written)
            {
                return null;
            }

            added += written.Count(recipient => recipient.Added);
            suppressed += written.Count(recipient => recipient.SuppressedFor is not null);
            duplicates += written.Count(recipient => recipient is { Added: false, SuppressedFor: null });
        }

        return new HandResult(added, duplicates, suppressed, invalid);
    }
}
