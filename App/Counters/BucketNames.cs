using System.Collections.Concurrent;

namespace ScoreTracking.Counters;

/// <summary>Numbers for the names of clients, browsers and systems while the program runs, so that counters in memory are keyed by numbers; stored is the name. As many as the rows of clients have, which are few.</summary>
internal static class BucketNames
{
    private static readonly ConcurrentDictionary<string, int> s_numbers = new(StringComparer.Ordinal) { [""] = 0 };
    private static readonly Lock s_adding = new();
    private static volatile string[] s_texts = [""];

    public static int Of(string name) => s_numbers.TryGetValue(name, out var number) ? number : Add(name);

    public static string Text(int number) => s_texts[number];

    private static int Add(string name)
    {
        lock (s_adding)
        {
            if (!s_numbers.TryGetValue(name, out var number))
            {
                number = s_texts.Length;
                s_texts = [.. s_texts, name];
                s_numbers[name] = number;
            }

            return number;
        }
    }
}
