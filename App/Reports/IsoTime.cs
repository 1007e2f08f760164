using ScoreTracking.Counters;

namespace ScoreTracking.Reports;

/// <summary>Writes moments as files have them, ISO 8601 with milliseconds only where there are any: millions of them, so without the general formatter. For one thread at a time.</summary>
internal sealed class IsoTime(TimeZoneInfo zone)
{
    /// <summary>Bytes of the longest: 2026-09-01T14:00:00.123+02:00.</summary>
    public const int MaxLength = 29;

    private const int MaxOffsets = 20_000;

    // Offsets change on quarter hours only.
    private readonly Dictionary<long, int> _offsets = [];

    /// <summary>In UTC, ending in Z.</summary>
    /// <param name="at">Unix milliseconds, of the years 1 to 9999.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteUtc(long at, Span<byte> destination)
    {
        var length = WriteClock(at, destination);
        destination[length] = (byte)'Z';
        return length + 1;
    }

    /// <summary>In the zone, ending in its offset at that moment.</summary>
    /// <inheritdoc cref="WriteUtc"/>
    public int WriteLocal(long at, Span<byte> destination)
    {
        var minutes = OffsetAt(at);
        var length = WriteClock(at + (minutes * 60_000L), destination);
        destination[length++] = (byte)(minutes < 0 ? '-' : '+');
        minutes = Math.Abs(minutes);
        length += Two(minutes / 60, destination[length..]);
        destination[length++] = (byte)':';
        return length + Two(minutes % 60, destination[length..]);
    }

    private int OffsetAt(long at)
    {
        var quarter = Math.DivRem(at, Dimension.QuarterMilliseconds).Quotient;
        if (!_offsets.TryGetValue(quarter, out var minutes))
        {
            if (_offsets.Count >= MaxOffsets)
            {
                _offsets.Clear();
            }

            _offsets[quarter] = minutes = (int)zone.GetUtcOffset(DateTime.UnixEpoch.AddMilliseconds(quarter * Dimension.QuarterMilliseconds)).TotalMinutes;
        }

        return minutes;
    }

    private static int WriteClock(long at, Span<byte> destination)
    {
        var time = DateTime.UnixEpoch.AddMilliseconds(at);
        var (year, month, day) = DateOnly.FromDateTime(time);
        Two(year / 100, destination);
        Two(year % 100, destination[2..]);
        destination[4] = (byte)'-';
        Two(month, destination[5..]);
        destination[7] = (byte)'-';
        Two(day, destination[8..]);
        destination[10] = (byte)'T';
        var ofDay = (int)(time.TimeOfDay.Ticks / TimeSpan.TicksPerMillisecond);
        Two(ofDay / 3_600_000, destination[11..]);
        destination[13] = (byte)':';
        Two(ofDay / 60_000 % 60, destination[14..]);
        destination[16] = (byte)':';
        Two(ofDay / 1000 % 60, destination[17..]);
        var milliseconds = ofDay % 1000;
        if (milliseconds == 0)
        {
            return 19;
        }

        destination[19] = (byte)'.';
        destination[20] = (byte)('0' + (milliseconds / 100));
        Two(milliseconds % 100, destination[21..]);
        return 23;
    }

    private static int Two(int number, Span<byte> destination)
    {
        destination[1] = (byte)('0' + (number % 10));
        destination[0] = (byte)('0' + (number / 10));
        return 2;
    }
}
