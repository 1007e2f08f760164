using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SuppressionCheckTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_suppressed_address_is_known_in_whatever_case_it_is_written()
    {
        await _app.SuppressAsync("gone@example.com", "hard_bounce");
        await _app.SuppressAsync("ana@example.com", "complaint");
        var check = _app.Services.GetRequiredService<SuppressionCheck>();

        var reasons = await check.ReasonsAsync(["GONE@example.com", "ana@example.com", "fine@example.com", "gone@example.com"], CancellationToken.None);

        Assert.Equal(["ana@example.com complaint", "gone@example.com hard_bounce"], reasons.Select(found => $"{found.Key.ToLowerInvariant()} {found.Value}").Order());
        Assert.Equal("complaint", reasons["Ana@Example.com"]);
    }

    [Fact]
    public async Task The_question_sees_what_its_own_transaction_wrote()
    {
        using var connection = _app.Services.GetRequiredService<SqliteFile>().Open();
        using var lookup = _app.Services.GetRequiredService<SuppressionCheck>().On(connection);
        await using var transaction = connection.BeginTransaction();

        Assert.Null(lookup.ReasonFor("new@example.com", transaction));
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at) VALUES ('new@example.com', 'manual', 'api', 0, '', 1)";
        insert.ExecuteNonQuery();

        Assert.Equal("manual", lookup.ReasonFor("New@example.com", transaction));
    }

    [Fact]
    public void An_erased_address_has_one_hash_per_server_whatever_its_case()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-erased-").FullName;
        var other = Directory.CreateTempSubdirectory("scoretracking-erased-").FullName;
        try
        {
            using var people = ErasedPeople.LoadOrCreate(new StorageOptions { DataDirectory = directory });
            using var again = ErasedPeople.LoadOrCreate(new StorageOptions { DataDirectory = directory });
            using var elsewhere = ErasedPeople.LoadOrCreate(new StorageOptions { DataDirectory = other });

            Assert.Equal(people.HashOf("ana@example.com"), again.HashOf("Ana@Example.COM"));
            Assert.NotEqual(people.HashOf("ana@example.com"), people.HashOf("anna@example.com"));
            Assert.NotEqual(people.HashOf("ana@example.com"), elsewhere.HashOf("ana@example.com"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public void A_damaged_key_of_the_erased_stops_the_start()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-erased-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(directory, "keys"));
            File.WriteAllText(Path.Combine(directory, "keys", "erasure.key"), "short");

            var refused = Assert.Throws<InvalidOperationException>(() => ErasedPeople.LoadOrCreate(new StorageOptions { DataDirectory = directory }));

            Assert.Contains("Restore it from a backup", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
