using System.Globalization;
using Microsoft.Data.Sqlite;
using ScoreTracking.Tests.Load;

namespace ScoreTracking.Tests.Support;

/// <summary>The real server as a process of its own, on a directory of its own, to be killed and started again as often as a test likes.</summary>
public sealed class KilledServer(string name, IReadOnlyDictionary<string, string>? environment = null) : IDisposable
{
    // Of a start while the machine is busy with other tests.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _directory = Directory.CreateTempSubdirectory($"scoretracking-{name}-").FullName;
    private ServerProcess? _process;

    /// <summary>Its data, and place beside it for what a test keeps.</summary>
    public string Data => PathOf("data");

    /// <summary>Another one after each start.</summary>
    public int Port => Running.Port;

    private ServerProcess Running => _process ?? throw new InvalidOperationException("It was not started.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How often and how much, as the environment asks for it.</summary>
    public static int Setting(string variable, int usual) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var value) ? value : usual;

    public string PathOf(string file) => Path.Combine(_directory, file);

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        _process = ServerProcess.Start(Data, environment);
        await _process.ReadyAsync(s_patience, Cancellation);
    }

    /// <summary>Ends it with SIGKILL in the middle of whatever it does, and starts it again.</summary>
    public Task KillAndStartAsync()
    {
        Running.Kill();
        Running.Dispose();
        return StartAsync();
    }

    /// <summary>Waits until everything on disk is stored.</summary>
    public Task DrainedAsync() => Running.DrainedAsync(Cancellation);

    /// <summary>Stops it as an operator would; then everything is counted again from the log, and nothing differs.</summary>
    public async Task StopAndVerifyAsync()
    {
        Assert.Equal(0, await Running.TerminateAsync(s_patience, Cancellation));
        var (exitCode, output) = await ServerProcess.RunAsync("verify", Data, Cancellation);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Reads beside the server.</summary>
    /// <param name="sql">A constant; $id is the value.</param>
    public async Task<T> ReadAsync<T>(string sql, long id = 0)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "scoretracking.db")};Mode=ReadOnly");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", id);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>A number, read beside the server.</summary>
    public Task<long> CountAsync(string sql) => ReadAsync<long>(sql);

    public void Dispose()
    {
        _process?.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}
