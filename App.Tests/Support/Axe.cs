using System.Text.Json;

namespace ScoreTracking.Tests.Support;

/// <summary>axe-core, the accessibility checker, run inside a page.</summary>
public static class Axe
{
    private static readonly Lazy<string> s_script = new(() =>
    {
        var file = Golden.PathOf("node_modules/axe-core/axe.min.js");
        Assert.True(File.Exists(file), "axe-core is missing: building App.Tests installs it with npm ci.");
        return File.ReadAllText(file);
    });

    /// <summary>What is wrong with the page as it stands, one line for each rule broken: "serious color-contrast: .muted (…)".</summary>
    public static async Task<IReadOnlyList<string>> FindingsAsync(Visit visit)
    {
        await visit.Page.EvaluateAsync($"() => {{ {s_script.Value} }}");
        var found = await visit.Page.EvaluateAsync<JsonElement>("""
            async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.map(violation =>
                `${violation.impact} ${violation.id}: ` + violation.nodes.slice(0, 4).map(node => `${node.target.join(" ")} (${node.any.concat(node.all, node.none).map(check => check.message).join("; ")})`).join(" | "))
            """);
        return [.. found.EnumerateArray().Select(finding => finding.GetString()!)];
    }
}
