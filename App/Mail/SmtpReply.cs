using System.Text.RegularExpressions;

namespace ScoreTracking.Mail;

/// <summary>What a server answered.</summary>
/// <param name="Code">Three digits, 200 to 599.</param>
/// <param name="EnhancedStatus">"5.1.1" (RFC 3463), where it said one that agrees with the code.</param>
/// <param name="Text">Its words on one line, at most 1,000 characters, without codes. As a server wrote them: hostile text.</param>
public sealed partial record SmtpReply(int Code, string? EnhancedStatus, string Text)
{
    /// <summary>RFC 5321: the server closes the connection after this one, whatever was asked.</summary>
    internal const int Closing = 421;

    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>Worth another try later.</summary>
    public bool IsTemporary => Code is >= 400 and < 500;

    public bool IsPermanent => Code >= 500;

    public override string ToString() => EnhancedStatus is null ? $"{Code} {Text}" : $"{Code} {EnhancedStatus} {Text}";

    /// <summary>The words of one line after its code, or null when the line is no reply.</summary>
    internal static string? Words(string line, out int code, out bool isLast)
    {
        var isReply = line.Length >= 3 && line[0] is >= '2' and <= '5' && char.IsAsciiDigit(line[1]) && char.IsAsciiDigit(line[2]) && (line.Length == 3 || line[3] is ' ' or '-');
        code = isReply ? ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0' : 0;
        isLast = isReply && (line.Length == 3 || line[3] == ' ');
        return !isReply ? null : line.Length > 4 ? line[4..] : "";
    }

    /// <param name="code">Of the last line, by which clients go.</param>
    internal static SmtpReply Of(int code, IReadOnlyList<string> lines)
    {
        string? status = null;
        var words = new List<string>(lines.Count);
        foreach (var line in lines)
        {
            // A look before the search: most lines say none.
            if (line is not ['2' or '4' or '5', '.', ..])
            {
                words.Add(line);
                continue;
            }

            var match = Status().Match(line);
            var isStatus = match.Success && match.Value[0] - '0' == code / 100;
            status = isStatus ? match.Groups["status"].Value : status;
            words.Add(isStatus ? line[match.Length..] : line);
        }

        return new SmtpReply(code, status, MailLines.OneLine(words is [var only] ? only : string.Join(' ', words), MailLimits.Line) ?? "");
    }

    [GeneratedRegex(@"^(?<status>[245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")]
    private static partial Regex Status();
}
