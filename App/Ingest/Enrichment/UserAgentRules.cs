using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>uap-core's rules for browsers and operating systems: the first that matches names it. The file is part of the assembly; its rules for devices are left out, since only the kind of device is wanted.</summary>
internal sealed class UserAgentRules
{
    private const string Resource = "uap-core/regexes.yaml";

    // A user agent that keeps one rule busy longer than this stays unknown,
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(250);

    // or all of them longer than this: far more than a busy machine needs for its first, while rules are still being made.
    private static readonly TimeSpan s_limitOfAll = TimeSpan.FromSeconds(2);

    private readonly List<Rule> _rules;

    private UserAgentRules(List<Rule> rules) => _rules = rules;

    public static (UserAgentRules Browsers, UserAgentRules Systems) Load()
    {
        using var file = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not part of this assembly."));
        return Read(file);
    }

    /// <summary>Reads the one shape the file has: lists of rules below names without indent, a rule's members below "- regex:", texts in single quotes.</summary>
    /// <exception cref="InvalidDataException">The file has another shape.</exception>
    public static (UserAgentRules Browsers, UserAgentRules Systems) Read(TextReader file)
    {
        var lists = new Dictionary<string, List<Rule>> { ["user_agent_parsers"] = [], ["os_parsers"] = [] };
        List<Rule>? rules = null;
        while (file.ReadLine() is { } line)
        {
            var text = line.AsSpan().Trim();
            if (text.IsEmpty || text[0] == '#')
            {
                continue;
            }

            if (!char.IsWhiteSpace(line[0]))
            {
                rules = lists.GetValueOrDefault(text.TrimEnd(':').ToString());
            }
            else if (rules is not null && Member(text, "- regex:") is { } pattern)
            {
                rules.Add(new Rule(pattern));
            }
            else if (rules is { Count: > 0 } && (Member(text, "family_replacement:") ?? Member(text, "os_replacement:")) is { } name)
            {
                rules[^1].Name = name;
            }
        }

        return lists.Values.All(list => list.Count > 0)
            ? (new UserAgentRules(lists["user_agent_parsers"]), new UserAgentRules(lists["os_parsers"]))
            : throw new InvalidDataException("The rules for user agents have none for browsers or none for systems.");
    }

    /// <summary>The regular expressions, in the order they are tried.</summary>
    public IEnumerable<string> Patterns => _rules.Select(rule => rule.Text);

    /// <summary>The name of the first rule that matches; "" when none does, or one needs longer than 250 ms.</summary>
    public string Find(string userAgent)
    {
        var started = Stopwatch.GetTimestamp();
        var lower = userAgent.ToLowerInvariant();
        foreach (var rule in _rules)
        {
            if (!rule.Required.IsIn(lower))
            {
                continue;
            }

            try
            {
                if (rule.Pattern.Match(userAgent) is { Success: true } match)
                {
                    return rule.NameOf(match);
                }
            }
            catch (RegexMatchTimeoutException)
            {
                return "";
            }

            if (Stopwatch.GetElapsedTime(started) > s_limitOfAll)
            {
                return "";
            }
        }

        return "";
    }

    private static string? Member(ReadOnlySpan<char> line, ReadOnlySpan<char> name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal))
        {
            return null;
        }

        var value = line[name.Length..].Trim();
        return value.Length >= 2 && value[0] == '\'' && value[^1] == '\''
            ? value[1..^1].ToString().Replace("''", "'", StringComparison.Ordinal)
            : throw new InvalidDataException($"Not a text in single quotes: {line}");
    }

    private sealed class Rule(string pattern)
    {
        private Regex? _pattern;

        public string Text => pattern;

        public RequiredText Required { get; } = RequiredText.Of(pattern);

        // Made when first needed, which most rules never are.
        public Regex Pattern => _pattern ??= new Regex(pattern, RegexOptions.CultureInvariant, s_limit);

        /// <summary>Null: the first group says it.</summary>
        public string? Name { get; set; }

        public string NameOf(Match match)
        {
            if (Name is not null && !Name.Contains("$1", StringComparison.Ordinal))
            {
                return Name;
            }

            var group = match.Groups[1].Value;
            return IsNamed(group) ? (Name ?? "$1").Replace("$1", group, StringComparison.Ordinal) : "";
        }

        // Only a word the rule itself spells out: some take whatever stands in a place, which anyone can fill.
        private bool IsNamed(string group)
        {
            if (group.Length < 2)
            {
                return false;
            }

            for (var at = pattern.IndexOf(group, StringComparison.Ordinal); at >= 0; at = pattern.IndexOf(group, at + 1, StringComparison.Ordinal))
            {
                var end = at + group.Length;
                if ((at == 0 || !char.IsLetterOrDigit(pattern[at - 1])) && (end == pattern.Length || !char.IsLetterOrDigit(pattern[end])))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
