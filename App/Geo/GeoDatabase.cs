using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Geo;

/// <summary>The database of places in use, if there is one. A file that changes is taken over while the server runs; a broken one is reported and the one before it kept.</summary>
public sealed partial class GeoDatabase(IOptions<GeoOptions> options, IOptions<StorageOptions> storage, ILogger<GeoDatabase> logger) : BackgroundService
{
    private readonly Lock _checking = new();
    private (string Path, DateTime ChangedAt, long Length) _tried;

    // Read for every hit.
    private volatile GeoFile? _current;

    /// <summary>Null without one.</summary>
    public GeoFile? Current => _current;

    /// <summary>Why a file that is there is not in use; null when all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where a file is looked for.</summary>
    public string Directory => storage.Value.PathOf("geo");

    // Before the first event is stored.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Check();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Takes over a file that is new or changed since the last time.</summary>
    public void Check()
    {
        lock (_checking)
        {
            var file = Look();
            var state = file is null ? default : (file.FullName, file.LastWriteTimeUtc, file.Length);
            if (state == _tried)
            {
                return;
            }

            _tried = state;
            if (file is null)
            {
                Remove();
            }
            else
            {
                Take(file);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Check();
        }
    }

    private FileInfo? Look()
    {
        try
        {
            if (options.Value.Database is { Length: > 0 } named)
            {
                return new FileInfo(Path.GetFullPath(named)) is { Exists: true } file ? file : null;
            }

            return new DirectoryInfo(Directory) is { Exists: true } directory
                ? directory.EnumerateFiles("*.mmdb").OrderBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault()
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(logger, exception, options.Value.Database is { Length: > 0 } named ? named : Directory);
            return null;
        }
    }

    private void Take(FileInfo file)
    {
        try
        {
            var taken = new GeoFile(file.FullName, file.LastWriteTimeUtc, new MmdbReader(File.ReadAllBytes(file.FullName)));
            _current = taken;
            Problem = null;
            LogTaken(logger, taken.Path, taken.Type, taken.BuiltAt);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Problem = $"The file {file.Name} cannot be used: {exception.Message}";
            LogUnreadable(logger, exception, file.FullName);
        }
    }

    private void Remove()
    {
        Problem = options.Value.Database is { Length: > 0 } named ? $"The file {named} does not exist." : null;
        if (_current is not null)
        {
            _current = null;
            LogGone(logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Places of addresses are read from {File}, {Type} of {BuiltAt:yyyy-MM-dd}")]
    private static partial void LogTaken(ILogger logger, string file, string type, DateTimeOffset builtAt);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database of places {File} cannot be used; what was in use before stays so")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database of places is gone: events are no longer located by address")]
    private static partial void LogGone(ILogger logger);
}
