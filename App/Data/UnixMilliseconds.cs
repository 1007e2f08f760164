using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ScoreTracking.Data;

/// <summary>Every time in the database is Unix milliseconds, in UTC.</summary>
internal sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
    time => time.ToUnixTimeMilliseconds(),
    stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));

/// <summary>Columns that say "never" as 0 instead of NULL.</summary>
public static class StoredTime
{
    public static DateTimeOffset? OrNull(long milliseconds) =>
        milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
