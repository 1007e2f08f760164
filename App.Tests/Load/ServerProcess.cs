using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace ScoreTracking.Tests.Load;

/// <summary>The real server as a process of its own: the program built beside this assembly, on a data directory and a loopback port it chooses itself, so that no stranger can answer in its place.</summary>
public sealed class ServerProcess : ChildProcess
{
    public const string ApiKey = "st_live_loadloadloadloadloadloadload123456";

    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private HttpConnection? _looking;

    private ServerProcess(string dataDirectory, IEnumerable<KeyValuePair<string, string>> environment)
        : base(Dotnet, [Program, "--urls", "http://127.0.0.1:0"], Settings(dataDirectory).Concat(environment).ToDictionary())
    {
    }

    /// <summary>Where it listens; known once it is ready.</summary>
    public int Port { get; private set; }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "ScoreTracking.dll");

    /// <param name="environment">Beside what every server gets.</param>
    public static ServerProcess Start(string dataDirectory, IReadOnlyDictionary<string, string>? environment = null) =>
        new(dataDirectory, environment ?? new Dictionary<string, string>());

    /// <summary>Runs a verb of the program, such as verify, on a data directory.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string verb, string dataDirectory, CancellationToken cancellationToken)
    {
        using var process = new ChildProcess(Dotnet, [Program, verb], Settings(dataDirectory));
        var exitCode = await process.ExitedAsync(TimeSpan.FromMinutes(10), cancellationToken);
        return (exitCode, process.Output);
    }

    /// <summary>Waits until the server says that it stores events.</summary>
    /// <returns>How long that took since its start.</returns>
    /// <exception cref="TimeoutException">It ended, or is not ready in time.</exception>
    public async Task<TimeSpan> ReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.WhenAny(Listening, ExitedAsync(patience, cancellationToken));
        Port = Listening.IsCompletedSuccessfully ? await Listening : throw new TimeoutException($"The server does not listen. It wrote: {Output}");
        _looking = new HttpConnection(Port);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (_sinceStart.Elapsed < patience && !HasExited)
        {
            using var connection = new HttpConnection(Port);
            try
            {
                if ((await connection.ExchangeAsync(HttpConnection.Request("GET", "/readyz"), cancellationToken)).Status == 200)
                {
                    return _sinceStart.Elapsed;
                }
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // Not listening yet.
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"The server is not ready after {_sinceStart.Elapsed.TotalSeconds:N1} s. It wrote: {Output}");
    }

    /// <summary>Events on disk that are not stored yet.</summary>
    public async Task<long> BacklogAsync(CancellationToken cancellationToken)
    {
        var answer = await _looking!.ExchangeAsync(HttpConnection.Request("GET", "/readyz"), cancellationToken);
        var body = answer.Body;
        using var json = JsonDocument.Parse(body[body.IndexOf('{', StringComparison.Ordinal)..(body.LastIndexOf('}') + 1)]);
        return json.RootElement.GetProperty("inbox_backlog").GetInt64();
    }

    /// <summary>Waits until everything on disk is stored.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> DrainedAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await BacklogAsync(cancellationToken) > 0)
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }

        return watch.Elapsed;
    }

    private static Dictionary<string, string> Settings(string dataDirectory) => new()
    {
        ["DataDirectory"] = dataDirectory,
        ["Setup__ApiKey"] = ApiKey,
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
    };
}
