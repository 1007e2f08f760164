using System.Text;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Privacy;

/// <summary>Looks into every file a server keeps, as grep would: databases, their WALs, the inbox, keys, uploads.</summary>
internal static class DiskSearch
{
    /// <summary>The files that hold one of the words, in whatever case.</summary>
    public static IReadOnlyList<string> FilesWith(this TestApp app, params string[] words)
    {
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFiles(app.DataDirectory, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path) == "server.lock")
            {
                continue;
            }

            // The server has them open.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            var text = Encoding.Latin1.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            found.AddRange(words.Where(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)).Select(word => $"{Path.GetRelativePath(app.DataDirectory, path)}: {word}"));
        }

        return found;
    }
}
