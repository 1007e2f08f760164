using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ScoreTracking.Ingest;

/// <summary>What an exception while storing means for the events at hand.</summary>
internal static class StoreFaults
{
    /// <summary>What the schema refuses, and what our own code cannot fold: trying again would fail again.</summary>
    public static bool IsPoison(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE,
        _ => !IsPassing(exception),
    };

    /// <summary>Trouble of the database, the machine or this moment. The inbox still has everything: what was tried is tried again.</summary>
    // IOException also where a library is loaded late and its file was just replaced.
    public static bool IsPassing(Exception exception) => exception
        is SqliteException or EventNotStoredException or IOException or UnauthorizedAccessException or OutOfMemoryException or OperationCanceledException;

    /// <summary>After these the connection goes on; after others nothing it believes about the file can be trusted.</summary>
    public static bool LeavesConnection(Exception exception) => exception is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_FULL };
}
