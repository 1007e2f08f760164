using System.Diagnostics;
using System.Text.Json;

namespace ScoreTracking.Tests.Support;

/// <summary>Debian's Python, which has the packages ./test.sh installs: what it says of our mail is said by code that is not ours.</summary>
public static class Python
{
    /// <summary>Runs a script of the test project with JSON as its input.</summary>
    /// <returns>The JSON it answers.</returns>
    public static async Task<JsonElement> RunAsync(string script, object input)
    {
        var start = new ProcessStartInfo(File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3", [Golden.PathOf(script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<JsonElement>(await output);
    }
}
