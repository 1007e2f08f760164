using System.Globalization;

namespace ScoreTracking.Tests.Load;

/// <summary>What the command line may change.</summary>
internal sealed record LoadOptions
{
    /// <summary>Messages of the seed.</summary>
    public int Messages { get; init; } = 1_000_000;

    /// <summary>Contacts of the contacts command, with one message each.</summary>
    public int Contacts { get; init; } = 1_000_000;

    public int Campaigns { get; init; } = 10;

    /// <summary>Each round measures every server once at every number of connections.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Length of one burst.</summary>
    public double Seconds { get; init; } = 3;

    /// <summary>Null: as the command thinks best.</summary>
    public int[]? Connections { get; init; }

    /// <summary>Events per round of the store command.</summary>
    public int Events { get; init; } = 500_000;

    /// <summary>Messages per round of the smtp command, and of the send command's campaign.</summary>
    public int Mails { get; init; } = 20_000;

    /// <summary>How often the send command kills the server while it sends.</summary>
    public int Kills { get; init; }

    /// <summary>Where everything lies; null for a temporary directory.</summary>
    public string? Data { get; init; }

    public const string Usage = """
        dotnet run -c Release --project App.Tests/Load -- <command> [options]

          opens     pixels: the server, the stack's floor, nginx where installed
          clicks    links, likewise
          events    POST /api/v1/events, 1,000 events each, beside the floor
          store     how fast a prepared inbox is stored
          viewers   one busy campaign, alone and watched by 50 (--connections) event streams
          export    recipients and events as files, beside sqlite3 -csv
          reports   every section of a report of one campaign of that many messages, beside one of 10,000
          contacts  the list of that many contacts by score, address and age at any depth, and scoring them all anew
          segments  rules of segments over that many contacts and events: count, first page, plan (4,000,000 and 40,000,000 say most)
          journeys  that many people (--contacts) on the way, 10,000 of them due within a minute, and all that come due at once
          smtp      mails handed to Postfix's smtp-sink, beside its smtp-source (Debian's postfix; nothing of it has to run)
          send      campaigns (--rounds) through the whole server to smtp-sink, beside smtp-source: the first in a server just started; --kills 20 ends one that often with SIGKILL

          --messages 1000000   --campaigns 10   --rounds 3   --seconds 3   --connections 64,256
          --events 500000 (store, per round)    --contacts 1000000    --mails 20000 (smtp, per round; send)
          --data <an empty directory, kept afterwards>
        """;

    /// <exception cref="FormatException">Not one of our options, or not a number.</exception>
    public static LoadOptions Read(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--messages" => options with { Messages = Number(value) },
                "--contacts" => options with { Contacts = Number(value) },
                "--campaigns" => options with { Campaigns = Number(value) },
                "--rounds" => options with { Rounds = Number(value) },
                "--seconds" => options with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
                "--connections" => options with { Connections = [.. value.Split(',').Select(Number)] },
                "--events" => options with { Events = Number(value) },
                "--mails" => options with { Mails = Number(value) },
                "--kills" => options with { Kills = Number(value) },
                "--data" => options with { Data = Path.GetFullPath(value) },
                _ => throw new FormatException($"There is no option {arguments[i]}."),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
