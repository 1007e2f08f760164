using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Data;

public sealed class SqliteFileTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    [Fact]
    public async Task A_connection_from_the_pool_still_leaves_checkpoints_to_the_writer()
    {
        var handles = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var opened = 0;

        for (; opened < 20; opened++)
        {
            await using var db = fixture.App.Database();
            await db.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            handles.Add(connection.Handle!);

            Assert.Equal((0, 2), (Pragma(connection, "wal_autocheckpoint"), Pragma(connection, "synchronous")));
        }

        // Otherwise the pool never gave one back, and nothing was tested.
        Assert.True(handles.Count < opened);
    }

    private static long Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (long)command.ExecuteScalar()!;
    }
}
