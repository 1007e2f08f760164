using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.Net.Http.Headers;
using ScoreTracking.Data;

namespace ScoreTracking.Api;

/// <summary>
/// Writes with an <c>Idempotency-Key</c> happen once: within 24 hours the same request with the same key gets the stored
/// answer again, with <c>Idempotency-Replayed: true</c>. Another request with that key is refused with 422, one that comes
/// while the first still runs with 409. Only what succeeded is stored, since what was refused changed nothing, and only
/// answers up to 1 MB: a longer one (a batch of instrumented mail) is made anew, which gives the same.
/// </summary>
internal sealed partial class Idempotency(RequestDelegate next, SqliteFile file, TimeProvider clock, ILogger<Idempotency> logger)
{
    public const string Header = "Idempotency-Key";
    public const string Replayed = "Idempotency-Replayed";
    public const int MaxKey = 200;
    public const int MaxAnswer = 1024 * 1024;

    /// <summary>The claim that holds the id of the caller's API key.</summary>
    public const string CallerClaim = "api_key";

    private static readonly TimeSpan s_kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_betweenPurges = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(long Caller, string Key), bool> _running = new();
    private long _purgedAt;

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || !request.Headers.TryGetValue(Header, out var given)
            || !request.Path.StartsWithSegments("/api/v1")
            || !long.TryParse(context.User.FindFirst(CallerClaim)?.Value, CultureInfo.InvariantCulture, out var caller))
        {
            await next(context);
            return;
        }

        if (given is not [{ Length: > 0 and <= MaxKey } key] || key.Any(character => character is < ' ' or > '~'))
        {
            await Problems.BadRequest(Header, $"must be 1 to {MaxKey} printable ASCII characters").ExecuteAsync(context);
            return;
        }

        if (!_running.TryAdd((caller, key), true))
        {
            await Problems.Conflict($"A request with this {Header} is still running.").ExecuteAsync(context);
            return;
        }

        try
        {
            await RunAsync(context, caller, key);
        }
        finally
        {
            _running.TryRemove((caller, key), out _);
        }
    }

    private async Task RunAsync(HttpContext context, long caller, string key)
    {
        context.Request.EnableBuffering();
        var hash = await HashAsync(context.Request, context.RequestAborted);
        if (Find(caller, key) is { } stored)
        {
            if (!CryptographicOperations.FixedTimeEquals(stored.Hash, hash))
            {
                await Problems.Invalid(Header, "was used for another request").ExecuteAsync(context);
                return;
            }

            context.Response.StatusCode = stored.Status;
            context.Response.ContentType = stored.ContentType.Length > 0 ? stored.ContentType : null;
            context.Response.Headers[Replayed] = "true";
            await context.Response.Body.WriteAsync(stored.Body, context.RequestAborted);
            return;
        }

        var body = context.Response.Body;
        await using var held = new HeldBody(body, MaxAnswer);
        context.Response.Body = held;
        try
        {
            await next(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            context.Response.Body = body;
        }

        // Stored before it is sent: an answer somebody has seen can always be given again.
        if (held.Bytes is { } answer && context.Response.StatusCode is >= 200 and < 300)
        {
            Store(caller, key, hash, context.Response, answer);
        }

        await held.ReleaseAsync(context.RequestAborted);
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= 200 } boundary)
        {
            await AppendPartsAsync(hash, new MultipartReader(boundary.Value!, request.Body), cancellationToken);
        }
        else
        {
            await AppendAsync(hash, request.Body, cancellationToken);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    // Without the boundary: clients draw a new one for each attempt.
    private static async Task AppendPartsAsync(IncrementalHash hash, MultipartReader parts, CancellationToken cancellationToken)
    {
        try
        {
            while (await parts.ReadNextSectionAsync(cancellationToken) is { } part)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"\n{part.ContentDisposition}\n"));
                await AppendAsync(hash, part.Body, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            // Not multipart after all: the endpoint will say so.
            hash.AppendData("broken"u8);
        }
    }

    private static async Task AppendAsync(IncrementalHash hash, Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }
    }

    private (byte[] Hash, int Status, string ContentType, byte[] Body)? Find(long caller, string key)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT request_hash, status, content_type, body FROM idempotency_keys WHERE api_key_id = $caller AND key = $key AND created_at > $since";
        command.Parameters.AddWithValue("$caller", caller);
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$since", (clock.GetUtcNow() - s_kept).ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetFieldValue<byte[]>(0), reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3)) : null;
    }

    private void Store(long caller, string key, byte[] hash, HttpResponse response, byte[] body)
    {
        var now = clock.GetUtcNow();
        try
        {
            using var connection = file.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT OR REPLACE INTO idempotency_keys (api_key_id, key, request_hash, status, content_type, body, created_at) VALUES ($caller, $key, $hash, $status, $type, $body, $now)";
            command.Parameters.AddWithValue("$caller", caller);
            command.Parameters.AddWithValue("$key", key);
            command.Parameters.AddWithValue("$hash", hash);
            command.Parameters.AddWithValue("$status", response.StatusCode);
            command.Parameters.AddWithValue("$type", response.ContentType ?? "");
            command.Parameters.AddWithValue("$body", body);
            command.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
            command.ExecuteNonQuery();
            Purge(connection, now);
        }
        catch (SqliteException exception)
        {
            // The request itself has succeeded: its answer must not fail.
            LogNotStored(exception);
        }
    }

    private void Purge(SqliteConnection connection, DateTimeOffset now)
    {
        var last = Interlocked.Read(ref _purgedAt);
        if (now.UtcTicks - last < s_betweenPurges.Ticks || Interlocked.CompareExchange(ref _purgedAt, now.UtcTicks, last) != last)
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM idempotency_keys WHERE created_at <= $before";
        command.Parameters.AddWithValue("$before", (now - s_kept).ToUnixTimeMilliseconds());
        command.ExecuteNonQuery();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer to a request with an Idempotency-Key could not be stored: a repetition would run again.")]
    private partial void LogNotStored(Exception exception);
}
