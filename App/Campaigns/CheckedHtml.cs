using System.Text;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>One HTML of a campaign, as far as its links and images can be judged by looking. Nothing is fetched.</summary>
internal sealed class CheckedHtml
{
    // As long as any of ours: "/c/" and 40 letters behind the base.
    private const int TrackedPath = 43;

    private CheckedHtml()
    {
    }

    /// <summary>In bytes of UTF-8 as a recipient gets it, with its tracked links and pixel; merge fields at the length of their names.</summary>
    public long Bytes { get; private set; }
    public bool HasUnsubscribe { get; private set; }

    /// <summary>Links that lead nowhere: empty, or "#".</summary>
    public int EmptyLinks { get; private set; }

    /// <summary>Links by http, as written.</summary>
    public List<string> InsecureLinks { get; } = [];

    /// <summary>Links only this machine or this network could follow.</summary>
    public List<string> LocalLinks { get; } = [];

    /// <summary>Tokens another tool would fill in.</summary>
    public List<string> ForeignLinks { get; } = [];
    public int Images { get; private set; }
    public int ImagesWithoutAlt { get; private set; }

    /// <summary>Images inside the HTML itself, which Gmail and others do not show.</summary>
    public int InlineImages { get; private set; }

    /// <summary>Images without a host, which lead nowhere from a mailbox.</summary>
    public int RelativeImages { get; private set; }

    /// <summary>Letters of visible text: mail of nothing but pictures is taken for spam.</summary>
    public int Letters { get; private set; }

    public static CheckedHtml Read(string html, MailTemplate template, string trackingBase)
    {
        var read = new CheckedHtml
        {
            HasUnsubscribe = template.Untracked.Any(link => link.Reason == LinkLeftAlone.Unsubscribe),
            Bytes = Encoding.UTF8.GetByteCount(html) + trackingBase.Length + TrackedPath
                + template.Links.Sum(link => trackingBase.Length + TrackedPath - Encoding.UTF8.GetByteCount(link.Url)),
        };
        read.ForeignLinks.AddRange(template.Untracked.Where(link => link.Reason == LinkLeftAlone.OtherTool).Select(link => link.Url));
        var scanner = new HtmlScanner(html, 0, html.Length);
        while (scanner.Read())
        {
            if (scanner.Token == HtmlToken.Text && !scanner.Is("title"))
            {
                read.Letters += Count(html.AsSpan(scanner.Start, scanner.End - scanner.Start));
            }
            else if (scanner.Token == HtmlToken.StartTag && (scanner.Is("a") || scanner.Is("area")))
            {
                read.Link(Value(html, scanner, "href"));
            }
            else if (scanner.Token == HtmlToken.StartTag && scanner.Is("img"))
            {
                read.Image(Value(html, scanner, "src"), Value(html, scanner, "alt"));
            }
        }

        return read;
    }

    private static string? Value(string html, HtmlScanner tag, string name) =>
        tag.Attribute(name) is { } attribute ? LinkAddress.Read(html.AsSpan(attribute.ValueStart, attribute.ValueEnd - attribute.ValueStart)) : null;

    private static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var letter in text)
        {
            count += char.IsLetterOrDigit(letter) ? 1 : 0;
        }

        return count;
    }

    private void Link(string? href)
    {
        switch (href)
        {
            case null: // a place to jump to
                break;
            case "" or "#":
                EmptyLinks++;
                break;
            default:
                if (Uri.TryCreate(href, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && !LinkAddress.IsUnsubscribe(href))
                {
                    Judge(href, url);
                }

                break;
        }
    }

    private void Judge(string href, Uri url)
    {
        if (url.IsLoopback || (url.HostNameType == UriHostNameType.Dns && !url.Host.Contains('.', StringComparison.Ordinal) && !url.Host.Contains('{', StringComparison.Ordinal)))
        {
            LocalLinks.Add(href);
        }
        else if (url.Scheme == Uri.UriSchemeHttp)
        {
            InsecureLinks.Add(href);
        }
    }

    private void Image(string? src, string? alt)
    {
        Images++;
        ImagesWithoutAlt += alt is null ? 1 : 0; // alt="" says that it is decoration
        if (src?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) == true)
        {
            InlineImages++;
        }
        else if (string.IsNullOrEmpty(src) || !(src.Contains(':', StringComparison.Ordinal) || src.StartsWith("//", StringComparison.Ordinal) || src.Contains("{{", StringComparison.Ordinal)))
        {
            RelativeImages++;
        }
    }
}
