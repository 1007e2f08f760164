using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

/// <summary>A second reader of HTML, AngleSharp's, that judges our edits by what a mail client would see of them.</summary>
internal static class MailDom
{
    private static readonly HtmlParser Parser = new();

    /// <summary>An attribute that reads differently before and after.</summary>
    public sealed record Change(string Element, string Attribute, string Before, string After);

    public static IDocument Parse(string html) => Parser.ParseDocument(html);

    /// <summary>All differing attributes. Fails where anything else differs: an element, its name or place, a text, a comment.</summary>
    public static List<Change> Changes(string before, string after, Func<IElement, bool>? inserted = null)
    {
        var (was, now) = (Parse(before), Parse(after));
        foreach (var element in now.All.Where(inserted ?? (_ => false)).ToList())
        {
            element.Remove();
        }

        // An insertion may have cut a text in two.
        was.Normalize();
        now.Normalize();
        var changes = new List<Change>();
        Compare(was, now, changes);
        return changes;
    }

    /// <summary>Whether a link of the document is one that has to be tracked, told without our scanner.</summary>
    public static bool MustBeTracked(IElement element) =>
        element is IHtmlAnchorElement or IHtmlAreaElement
        && !element.HasAttribute("data-st-notrack")
        && element.GetAttribute("href") is { } href
        && !href.Contains("{{", StringComparison.Ordinal)
        && Destination.TryCanonicalise(href.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal), out _, out _);

    private static void Compare(INode before, INode after, List<Change> changes)
    {
        Assert.Equal(before.NodeType, after.NodeType);
        Assert.Equal(before.NodeName, after.NodeName);
        if (before is IElement was && after is IElement now)
        {
            Assert.Equal(was.Attributes.Select(a => a.Name), now.Attributes.Select(a => a.Name));
            changes.AddRange(was.Attributes
                .Where(attribute => attribute.Value != now.GetAttribute(attribute.Name))
                .Select(attribute => new Change(was.LocalName, attribute.Name, attribute.Value, now.GetAttribute(attribute.Name)!)));
        }
        else if (before is IComment && before.TextContent != after.TextContent)
        {
            // Outlook reads the content of its conditional comments as HTML.
            Assert.StartsWith("[if", before.TextContent, StringComparison.OrdinalIgnoreCase);
            Compare(Parse(before.TextContent), Parse(after.TextContent), changes);
        }
        else if (before is ICharacterData)
        {
            Assert.Equal(before.TextContent, after.TextContent);
        }

        Assert.Equal(before.ChildNodes.Select(node => node.NodeName), after.ChildNodes.Select(node => node.NodeName));
        foreach (var (one, other) in before.ChildNodes.Zip(after.ChildNodes))
        {
            Compare(one, other, changes);
        }
    }
}
