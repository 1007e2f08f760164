using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ScoreTracking.Tests.Load;

/// <summary>A campaign handed to a mail server by a server process, driven over the API as a customer would.</summary>
public sealed class SentCampaign : IDisposable
{
    private const int Batch = 5_000;

    // With the plain text made of it, about 10,000 bytes as they travel.
    private static readonly string s_html =
        "<html><body>" + string.Concat(Enumerable.Repeat("<p style=\"margin:0\">Spring is here, and so are we: <b>twenty percent</b> off everything green.</p>\n", 50))
        + "<p>Dear {{first_name}}, <a href=\"https://www.acme.example/offer\">see the offer</a> or <a href=\"https://www.acme.example/shop?from=mail\">the shop</a>.</p></body></html>";

    private readonly HttpClient _http = new();
    private int _port;

    private SentCampaign()
    {
    }

    public string Id { get; private set; } = "";

    public string ConnectionId { get; private set; } = "";

    /// <summary>Connects the server to a mail server on this machine and makes a campaign of so many recipients, not started.</summary>
    public static async Task<SentCampaign> MakeAsync(int serverPort, int smtpPort, int recipients, int connections, CancellationToken cancellationToken, int perSecond = 0)
    {
        var made = new SentCampaign { _port = serverPort };
        made._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.ApiKey);
        var settings = new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = smtpPort.ToString(CultureInfo.InvariantCulture),
            ["security"] = "none",
            ["from"] = "news@acme.example",
            ["connections"] = connections.ToString(CultureInfo.InvariantCulture),
        };
        if (perSecond > 0)
        {
            settings["per_second"] = perSecond.ToString(CultureInfo.InvariantCulture);
        }

        var connection = await made.PostAsync("/api/v1/connections", new JsonObject { ["name"] = "Sink", ["provider"] = "smtp", ["settings"] = settings }, cancellationToken);
        made.ConnectionId = (string)connection["data"]!["id"]!;
        var campaign = await made.PostAsync("/api/v1/campaigns", new JsonObject
        {
            ["name"] = "Spring sale",
            ["from"] = new JsonObject { ["email"] = "news@acme.example", ["name"] = "Acme" },
            ["content"] = new JsonObject { ["subject"] = "Hi {{first_name}}", ["preheader"] = "", ["html"] = s_html, ["text"] = "" },
            ["delivery"] = "smtp",
            ["connection_id"] = made.ConnectionId,
        }, cancellationToken);
        made.Id = (string)campaign["data"]!["id"]!;
        for (var from = 0; from < recipients; from += Batch)
        {
            var people = new JsonArray();
            for (var i = from; i < Math.Min(recipients, from + Batch); i++)
            {
                people.Add(new JsonObject { ["customer_id"] = $"c{i}", ["email"] = Address(i), ["data"] = new JsonObject { ["first_name"] = $"Ann{i}" } });
            }

            await made.PostAsync($"/api/v1/campaigns/{made.Id}/recipients", new JsonObject { ["recipients"] = people }, cancellationToken);
        }

        return made;
    }

    /// <summary>The address of a recipient, by number from 0.</summary>
    public static string Address(int recipient) => string.Create(CultureInfo.InvariantCulture, $"ann{recipient}@example.net");

    /// <summary>After a restart.</summary>
    public void MoveTo(int serverPort) => _port = serverPort;

    /// <summary>send, pause, resume …</summary>
    /// <returns>False where the state forbids it.</returns>
    public async Task<bool> TryActAsync(string action, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(Url($"/api/v1/campaigns/{Id}/actions/{action}"), null, cancellationToken);
        return answer.StatusCode == HttpStatusCode.Conflict ? false
            : answer.IsSuccessStatusCode ? true
            : throw new IOException($"{action}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }

    public async Task<string> StatusAsync(CancellationToken cancellationToken) => (string)(await GetAsync($"/api/v1/campaigns/{Id}", cancellationToken))["data"]!["status"]!;

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        JsonNode.Parse(await _http.GetStringAsync(Url(path), cancellationToken))!;

    /// <summary>How many were handed over, as the report says.</summary>
    public async Task<long> SentAsync(CancellationToken cancellationToken) =>
        (long)(await GetAsync($"/api/v1/campaigns/{Id}/report", cancellationToken))["data"]!["sent"]!;

    /// <summary>Waits until so many were handed over, or the end.</summary>
    public async Task SentAsync(long mails, CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await SentAsync(cancellationToken) < mails && await StatusAsync(cancellationToken) != "completed")
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Waits until whatever was handed over before is in the log; of a campaign that is paused, or it never ends.</summary>
    public async Task CarriedAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!(await _http.GetStringAsync(Url("/metrics"), cancellationToken)).Split('\n').Contains("scoretracking_outbox_rows 0"))
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The addresses of whom nobody knows whether their mail arrived, as the connection's page lists them.</summary>
    public async Task<IReadOnlySet<string>> UncertainAsync(CancellationToken cancellationToken)
    {
        var listed = new HashSet<string>();
        string? cursor = null;
        do
        {
            var answer = await GetAsync($"/api/v1/connections/{ConnectionId}/uncertain?limit=500{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", cancellationToken);
            listed.UnionWith(answer["data"]!.AsArray().Select(one => (string)one!["email"]!));
            cursor = (string?)answer["next_cursor"];
        }
        while (cursor is not null);
        return listed;
    }

    /// <summary>Waits for the end.</summary>
    public async Task CompletedAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await StatusAsync(cancellationToken) != "completed")
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>The same for measurements: looks so seldom that it costs the server nothing.</summary>
    /// <returns>When it ended, by the server's clock.</returns>
    public async Task<DateTimeOffset> EndAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        while (true)
        {
            await poll.WaitForNextTickAsync(cancellationToken);
            if ((string?)(await GetAsync($"/api/v1/campaigns/{Id}", cancellationToken))["data"]!["completed_at"] is { } at)
            {
                return DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);
            }
        }
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(Url(path), body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new IOException($"{path}: {(int)answer.StatusCode} {text}");
    }

    public void Dispose() => _http.Dispose();

    private Uri Url(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}{path}"));
}
