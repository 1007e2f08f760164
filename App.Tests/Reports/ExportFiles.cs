using System.Text.Json;
using CsvHelper;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>Takes a list of a campaign as a file, and reads it as a program would.</summary>
internal static class ExportFiles
{
    public static async Task<List<Dictionary<string, string>>> CsvAsync(this TestApp app, long campaign, string list, string query) =>
        Read(await app.Api.GetByteArrayAsync($"/api/v1/campaigns/cmp_{campaign}/report/{list}.csv{query}"));

    public static async Task<List<JsonElement>> NdjsonAsync(this TestApp app, long campaign, string list, string query)
    {
        var text = await app.Api.GetStringAsync($"/api/v1/campaigns/cmp_{campaign}/report/{list}.ndjson{query}");
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    /// <summary>Each row by the names of its columns.</summary>
    public static List<Dictionary<string, string>> Read(byte[] csv)
    {
        using var reader = CsvReader.Create(new MemoryStream(csv), new CsvReaderOptions());
        reader.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(reader.Headers.Select((name, i) => (name, i)).ToDictionary(column => column.name, column => reader.GetString(column.i)));
        }

        return rows;
    }
}
