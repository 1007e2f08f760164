using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Hooks;

/// <summary>Writes down how deliveries went, and disables a webhook whose endpoint is gone.</summary>
internal sealed partial class HookOutcomes(SqliteFile file, IDbContextFactory<ScoreDb> databases, TimeProvider time, IOptions<HookOptions> options, ILogger<HookOutcomes> logger)
{
    private const int Gone = 410;

    public async Task<bool> AnyWaitsAsync(long hookId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.HookDeliveries.AnyAsync(delivery => delivery.HookId == hookId && delivery.NextAt > 0, cancellationToken);
    }

    /// <param name="done">Deliveries as they were before, and what came of each.</param>
    /// <returns>True where the webhook was disabled.</returns>
    public async Task<bool> RecordAsync(long hookId, IReadOnlyList<(HookDelivery Delivery, HookOutcome Outcome)> done, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var connection = file.Open();
        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(cancellationToken);
        await using var update = connection.CreateCommand();
        update.Transaction = transaction;
        update.CommandText = """
            UPDATE hook_deliveries SET attempts = $attempts, attempted_at = $now, next_at = $next, delivered_at = $delivered, status = $status, error = $error, took = $took
            WHERE id = $id AND delivered_at = 0
            """;
        foreach (var (delivery, outcome) in done)
        {
            update.Parameters.Clear();
            update.Parameters.AddWithValue("$id", delivery.Id);
            update.Parameters.AddWithValue("$now", now);
            update.Parameters.AddWithValue("$attempts", delivery.Attempts + (outcome.IsVoid ? 0 : 1));
            update.Parameters.AddWithValue("$next", Next(delivery, outcome, now));
            update.Parameters.AddWithValue("$delivered", outcome.Arrived ? now : 0);
            update.Parameters.AddWithValue("$status", outcome.Status);
            update.Parameters.AddWithValue("$error", outcome.Error);
            update.Parameters.AddWithValue("$took", (int)Math.Min(outcome.Took.TotalMilliseconds, int.MaxValue));
            await update.ExecuteNonQueryAsync(cancellationToken);
        }

        var because = await StandingAsync(connection, transaction, hookId, [.. done.Select(one => one.Outcome).Where(outcome => !outcome.IsVoid)], now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (because is not null)
        {
            LogDisabled(Api.PublicId.Hook(hookId), because);
        }

        return because is not null;
    }

    private static long Next(HookDelivery delivery, HookOutcome outcome, long now)
    {
        if (outcome is { Arrived: true } or { IsVoid: true } || delivery.Type == HookTypes.Test || HookSchedule.After(delivery.Attempts + 1, outcome.RetryAfter) is not { } wait)
        {
            return 0;
        }

        return now + HookSchedule.Spread(wait);
    }

    // Returns why the webhook was disabled, or null.
    private async Task<string?> StandingAsync(
        SqliteConnection connection, SqliteTransaction transaction, long hookId, IReadOnlyList<HookOutcome> outcomes, long now, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0)
        {
            return null;
        }

        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.Parameters.AddWithValue("$id", hookId);
        command.Parameters.AddWithValue("$now", now);
        if (outcomes.Any(outcome => outcome.Arrived))
        {
            command.CommandText = "UPDATE hooks SET delivered_at = $now, failing_since = 0 WHERE id = $id";
            await command.ExecuteNonQueryAsync(cancellationToken);
            return null;
        }

        command.CommandText = "UPDATE hooks SET failing_since = $now WHERE id = $id AND failing_since = 0";
        await command.ExecuteNonQueryAsync(cancellationToken);
        command.CommandText = "SELECT failing_since FROM hooks WHERE id = $id";
        var since = Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
        var because = outcomes.Any(outcome => outcome.Status == Gone) ? "The endpoint answered 410: it is gone for good."
            : now - since >= options.Value.GiveUpAfter.TotalMilliseconds ? string.Create(CultureInfo.InvariantCulture, $"Nothing has arrived for {options.Value.GiveUpAfter.TotalDays:0.#} days.")
            : null;
        if (because is not null)
        {
            command.CommandText = "UPDATE hooks SET enabled = 0, disabled_because = $because WHERE id = $id";
            command.Parameters.AddWithValue("$because", because);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return because;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbound webhook {Id} was disabled: {Because}")]
    private partial void LogDisabled(string id, string because);
}
