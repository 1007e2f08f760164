using System.Runtime.CompilerServices;

namespace ScoreTracking.Tests.Support;

/// <summary>Compares with a file people read whole. UPDATE_GOLDEN=1 rewrites it; the diff is the review.</summary>
public static class Golden
{
    public static void Matches(string file, string actual)
    {
        var path = PathOf(file);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{file} is missing: run once with UPDATE_GOLDEN=1 and read it.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    /// <summary>A file of the test project, by its path from there.</summary>
    public static string PathOf(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", file);
}
