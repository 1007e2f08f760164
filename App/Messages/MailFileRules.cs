using System.Buffers.Text;
using ScoreTracking.Api;
using ScoreTracking.Mail;

namespace ScoreTracking.Messages;

/// <summary>Which files may go with a single mail.</summary>
internal static class MailFileRules
{
    /// <summary>Of all files of a mail together, in bytes before they are encoded: what most mailboxes take.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    public const int MaxFiles = 20;

    /// <summary>What a file is where nobody says.</summary>
    public const string AnyType = "application/octet-stream";

    private const int MaxType = 127;

    /// <summary>Notes every fault by the path of its field; returns the bytes all files have together.</summary>
    public static long Check(FieldErrors errors, IReadOnlyList<MailFile?>? files)
    {
        if (files is null)
        {
            return 0;
        }

        if (files.Count > MaxFiles)
        {
            errors.Add("attachments", $"more than {MaxFiles} files");
            return 0;
        }

        var bytes = 0L;
        for (var i = 0; i < files.Count; i++)
        {
            bytes += Check(errors, $"attachments[{i}]", files[i] ?? new MailFile());
        }

        if (bytes > MaxBytes)
        {
            errors.Add("attachments", $"larger than {MaxBytes / 1024 / 1024} MB together: put large files on the web and link to them");
        }

        return bytes;
    }

    /// <summary>The files as they are sent, once the rules hold.</summary>
    public static IReadOnlyList<OutgoingAttachment> Read(IReadOnlyList<MailFile?>? files) =>
        [.. (files ?? []).Select(file => new OutgoingAttachment(file!.FileName!, file.ContentType ?? AnyType, Convert.FromBase64String(file.Content!)))];

    private static long Check(FieldErrors errors, string path, MailFile file)
    {
        errors.Line($"{path}.file_name", file.FileName, OutgoingAttachment.MaxFileName, required: true);
        if (file.ContentType is { } type && !IsType(type))
        {
            errors.Add($"{path}.content_type", "not a media type such as application/pdf");
        }

        if (file.Content is null)
        {
            errors.Add($"{path}.content", "required");
        }
        else if (!Base64.IsValid(file.Content, out var bytes))
        {
            errors.Add($"{path}.content", "not base64");
        }
        else
        {
            return bytes;
        }

        return 0;
    }

    // RFC 6838: two names of at most 127 characters. Parameters would say how a text is encoded, which nobody here knows.
    private static bool IsType(string type) =>
        type.Length <= MaxType && type.Split('/') is [var kind, var name] && IsName(kind) && IsName(name);

    private static bool IsName(string name) => name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$&-^_.+".Contains(c));
}
