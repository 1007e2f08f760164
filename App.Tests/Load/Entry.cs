using System.Globalization;
using System.Runtime.InteropServices;

namespace ScoreTracking.Tests.Load;

/// <summary>The load generator: drives a running server and compares it with what its stack could do at best.</summary>
internal static class Entry
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["floor", _, var data, _, var port])
        {
            await Floor.RunAsync(data, port);
            return 0;
        }

        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        using var cancelled = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            return await RunAsync(arguments.Length > 0 ? arguments[0] : "", LoadOptions.Read(arguments.AsSpan(Math.Min(1, arguments.Length))), cancelled.Token);
        }
        catch (FormatException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }

        // So that the servers and the data go with us.
        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancelled.Cancel();
        }
    }

    private static async Task<int> RunAsync(string command, LoadOptions options, CancellationToken cancellationToken)
    {
        if (command is not ("opens" or "clicks" or "events" or "store" or "reports" or "export" or "viewers" or "contacts" or "segments" or "journeys" or "smtp" or "send"))
        {
            await Console.Error.WriteLineAsync(LoadOptions.Usage);
            return 2;
        }

        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("Load is measured on Linux only: it waits with epoll and reads costs from /proc.");
            return 2;
        }

        if (command == "smtp")
        {
            return await SmtpMeasure.RunAsync(options, cancellationToken);
        }

        var directory = options.Data ?? Directory.CreateTempSubdirectory("scoretracking-load-").FullName;
        try
        {
            if (command == "send")
            {
                return await (options.Kills > 0 ? SendKills.RunAsync(directory, options, cancellationToken) : SendRate.RunAsync(directory, options, cancellationToken));
            }

            if (command == "segments")
            {
                return await SegmentsMeasure.RunAsync(directory, options, cancellationToken);
            }

            if (command == "reports")
            {
                return await ReportsMeasure.RunAsync(directory, options, cancellationToken);
            }

            if (command == "journeys")
            {
                return await JourneysMeasure.RunAsync(directory, options, cancellationToken);
            }

            if (command == "contacts")
            {
                options = options with { Messages = options.Contacts };
            }

            await Console.Error.WriteLineAsync($"Seeding {options.Messages:N0} messages …");
            var seed = await Seed.MakeAsync(Path.Combine(directory, "data"), options.Messages, command is "export" or "viewers" or "contacts" ? 1 : options.Campaigns, cancellationToken);
            Console.WriteLine($"{command}: {seed.Messages:N0} messages in {seed.Campaigns} campaigns, seeded at {seed.Messages / seed.Elapsed.TotalSeconds:N0}/s; {Environment.ProcessorCount} cores shared with the load generator");
            return await (command switch
            {
                "store" => StoreMeasure.RunAsync(seed, options, cancellationToken),
                "viewers" => ViewersMeasure.RunAsync(seed, options, cancellationToken),
                "contacts" => ContactsMeasure.RunAsync(seed, options, cancellationToken),
                "export" => ExportMeasure.RunAsync(seed, options, cancellationToken),
                _ => Comparison.RunAsync(command, seed, directory, options, cancellationToken),
            });
        }
        finally
        {
            if (options.Data is null)
            {
                Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
                Directory.Delete(directory, recursive: true);
            }
        }
    }
}
