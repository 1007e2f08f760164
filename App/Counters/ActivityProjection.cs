using ScoreTracking.Data;

namespace ScoreTracking.Counters;

/// <summary>
/// Marks the blocks of messages in which something has happened. Within the batch's transaction; what is known to be marked
/// is remembered, so nearly all messages cost a look-up in memory.
/// </summary>
public sealed class ActivityProjection(WriteConnection connection)
{
    // A page holds the marks of 4,096 blocks, which are 131,072 messages, in 4 kB.
    private const int PageBlocks = 4096;
    private const int MaxPages = 2_000;

    private readonly Statement _insert = connection.Prepare("INSERT INTO activity_blocks (campaign_id, mark, block) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
    private readonly Dictionary<(long CampaignId, long Page), byte[]> _known = [];

    /// <param name="state">As it now is.</param>
    public void Note(MessageState state)
    {
        var marks = MarksOf(state);
        if (marks == 0)
        {
            return;
        }

        var block = state.MessageId / ActivityBlock.Size;
        ref var known = ref Page(state.CampaignId, block / PageBlocks)[block % PageBlocks];
        for (var missing = marks & ~known; missing != 0; missing &= missing - 1)
        {
            _insert.Bind(1, state.CampaignId).Bind(2, int.TrailingZeroCount(missing) + 1).Bind(3, block).Run();
        }

        known |= marks;
    }

    /// <summary>Forgets what was marked in a transaction that was rolled back.</summary>
    public void Discard() => _known.Clear();

    /// <summary>A bit for each <see cref="ActivityMark"/>, the first being the lowest.</summary>
    internal static byte MarksOf(MessageState state) => (byte)(
        Bit(state.OpenedAt, ActivityMark.Opened) | Bit(state.ConfirmedAt, ActivityMark.Confirmed) | Bit(state.ClickedAt, ActivityMark.Clicked)
        | Bit(state.BouncedAt, ActivityMark.Bounced) | Bit(state.DroppedAt, ActivityMark.Dropped) | Bit(state.ComplainedAt, ActivityMark.Complained)
        | Bit(state.UnsubscribedAt, ActivityMark.Unsubscribed) | Bit(state.RepliedAt, ActivityMark.Replied));

    private static int Bit(long at, ActivityMark mark) => at == 0 ? 0 : 1 << ((int)mark - 1);

    private byte[] Page(long campaignId, long page)
    {
        if (!_known.TryGetValue((campaignId, page), out var marks))
        {
            if (_known.Count >= MaxPages)
            {
                _known.Clear();
            }

            _known[(campaignId, page)] = marks = new byte[PageBlocks];
        }

        return marks;
    }
}
