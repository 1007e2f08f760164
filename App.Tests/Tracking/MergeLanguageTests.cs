using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class MergeLanguageTests
{
    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: []);

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["name"] = "Ana",
        ["blank"] = " \t",
        ["no"] = "false",
        ["zero"] = "0",
        ["evil"] = "\"' onload=x><script>{{name}}</script>--\r\nBcc: x@x.test",
        ["tag"] = "{{#if name}}",
    };

    [Theory]
    [InlineData("Hi {{name|default:\"there\"}}", "Hi Ana")]
    [InlineData("Hi {{gone|default:\"there\"}}{{blank | default : 'x'}}", "Hi therex")]
    [InlineData("{{gone|default:\"\"}}|{{gone|default:'say \"hi\"'}}", "|say \"hi\"")]
    [InlineData("{{#if name}}yes{{/if}}", "yes")]
    [InlineData("{{#if gone}}yes{{else}}no{{/if}}", "no")]
    [InlineData("{{#if gone}}yes{{/if}}.", ".")]
    [InlineData("{{#if blank}}1{{/if}}{{#if no}}2{{/if}}{{#if zero}}3{{/if}}", "")]
    [InlineData("{{ #if name }}a{{ else }}b{{ /if }}", "a")]
    [InlineData("{{#if name}}{{#if gone}}1{{else}}2{{#if name}}3{{/if}}{{/if}}{{else}}4{{/if}}5", "235")]
    [InlineData("{{#if a}}1{{else}}{{#if b}}2{{else}}{{#if c}}3{{else}}{{#if d}}4{{else}}{{#if name}}five{{/if}}{{/if}}{{/if}}{{/if}}{{/if}}", "five")]
    [InlineData("{{#if tag}}{{tag}}{{/if}}", "{{#if name}}")]
    [InlineData("{{#if evil}}{{evil}}{{/if}}", "\"' onload=x><script>{{name}}</script>--\r\nBcc: x@x.test")]
    [InlineData("{{#if name}}{{unknown}}{{/if}}", "{{unknown}}")]
    [InlineData("{{#each a}}{{name}}{{else}}none{{/each}} {{#if name}}{{#unless b}}x{{else}}y{{/unless}}{{else}}z{{/if}}", "{{#each a}}Ana{{else}}none{{/each}} {{#unless b}}x{{else}}y{{/unless}}")]
    [InlineData("{{#if (eq a b)}}x{{else}}y{{/if}}{{#if @first}}x{{/if}}", "{{#if (eq a b)}}x{{else}}y{{/if}}{{#if @first}}x{{/if}}")]
    [InlineData("{{name|upcase}} {{helper a b}} {{{name}}} {{> part}} {% if x %} *|IF:X|* {{^name}}a{{/name}} {{name }x}}", "{{name|upcase}} {{helper a b}} {{{name}}} {{> part}} {% if x %} *|IF:X|* {{^name}}a{{/name}} {{name }x}}")]
    public void A_text_takes_defaults_and_conditions(string text, string expected)
    {
        var template = TextTemplate.Compile(text);

        Assert.Null(template.Fault);
        Assert.Equal(expected, template.Render(Fields, null));
    }

    [Theory]
    [InlineData("Hi {{name", 1, 4, "{{name is not closed")]
    [InlineData("Hi {{name}, welcome to {{shop}}", 1, 4, "{{name}, welcome to is not closed")]
    [InlineData("one\r\ntwo {{#if name}}x", 2, 5, "{{#if name}} is not closed: {{/if}} is missing")]
    [InlineData("a\nb\n\n  {{/if}}", 4, 3, "{{/if}} has no {{#if}}")]
    [InlineData("{{else}}", 1, 1, "{{else}} has no {{#if}}")]
    [InlineData("{{#if a}}{{else}}{{else}}{{/if}}", 1, 18, "{{#if a}} has a second {{else}}")]
    [InlineData("{{#if a}}{{else if b}}{{/if}}", 1, 10, "{{else if b}} is not known")]
    [InlineData("{{#if}}x{{/if}}", 1, 1, "{{#if}} needs the name of a field")]
    [InlineData("{{#if a == b}}x{{/if}}", 1, 1, "only {{#if name}} is known")]
    [InlineData("{{#if a b}}x{{/if}}", 1, 1, "only {{#if name}} is known")]
    [InlineData("{{#if a", 1, 1, "is not closed")]
    [InlineData("{{#if a}}{{#if a}}{{#if a}}{{#if a}}{{#if a}}{{#if a}}", 1, 46, "conditions stand at most 5 deep")]
    [InlineData("{{name|default}}", 1, 1, "the default of name has no text: {{name|default:\"…\"}}")]
    [InlineData("{{name|default:}}", 1, 1, "the default of name has no text")]
    [InlineData("{{name|default:there}}", 1, 1, "the default of name needs quotes")]
    [InlineData("{{name|default:“there”}}", 1, 1, "the default of name needs straight quotes")]
    [InlineData("{{name|default:\"there}}", 1, 1, "the default of name is not closed")]
    [InlineData("{{name|default:\"a\"|upcase}}", 1, 1, "behind the default of name stands something else")]
    [InlineData("{{name|default:\"a{b\"}}", 1, 1, "cannot hold braces")]
    public void What_is_meant_for_us_and_wrong_is_told_with_its_place(string text, int line, int column, string words)
    {
        var template = TextTemplate.Compile(text);

        Assert.StartsWith($"has an error at line {line}, column {column}: ", template.Fault, StringComparison.Ordinal);
        Assert.Contains(words, template.Fault, StringComparison.Ordinal);
        Assert.Equal(text, template.Render(new Dictionary<string, string>(), null));
        Assert.NotNull(MailTemplate.Compile($"<p>{text}</p>", Options).Fault);
    }

    [Fact]
    public void A_default_is_at_most_200_characters()
    {
        Assert.Null(TextTemplate.Compile($"{{{{a|default:\"{new string('x', 200)}\"}}}}").Fault);
        Assert.NotNull(TextTemplate.Compile($"{{{{a|default:\"{new string('x', 201)}\"}}}}").Fault);
    }

    [Fact]
    public void A_subject_stays_one_line_and_what_nobody_fills_after_us_is_empty()
    {
        var values = new MailValues(null, null, null, Fields);

        Assert.Equal("\"' onload=x><script>{{name}}</script>-- Bcc: x@x.test", TextTemplate.Compile("{{#if evil}}{{evil}}{{/if}}").RenderLine(values));
        Assert.Equal("Hi {{gone}}!", TextTemplate.Compile("Hi {{gone}}!").RenderLine(values));
        Assert.Equal("Hi !", TextTemplate.Compile("Hi {{gone}}!").RenderLine(values with { FillsAll = true }));
        Assert.Equal("<p>Hi !", MailTemplate.Compile("<p>Hi {{gone}}!", Options).Render(values with { FillsAll = true }));
    }

    [Theory]
    [InlineData("<p>{{gone|default:\"<b> & co\"}}", "goes on behind the place it stands in")]
    [InlineData("<p {{#if name}}class=x{{/if}}>", "works in the value of an attribute only")]
    [InlineData("<p title='{{#if name}}a'>{{/if}}", "{{#if name}} is not closed")]
    [InlineData("<p>{{#if name}}<b title='{{else}}'>{{/if}}", "{{else}} has no {{#if}}")]
    [InlineData("{{#if name}}<!--[if mso]>{{else}}<![endif]-->{{/if}}", "{{else}} has no {{#if}} in the same place")]
    [InlineData("<!--[if mso]>{{#if name}}<![endif]-->{{/if}}", "{{#if name}} is not closed")]
    [InlineData("<a href='{{#if name}}https://x.test{{else}}https://y.test{{/if}}'>", "decides where this link begins")]
    [InlineData("<a href='https://{{#if name}}x{{else}}y{{/if}}.test/'>", "decides where this link begins")]
    [InlineData("<img src='{{#if name}}java{{/if}}{{evil}}'>", "put the whole address into the condition")]
    [InlineData("<p>{{first<b>_name</b>}}", "has an HTML tag inside")]
    public void A_condition_in_html_begins_and_ends_in_one_place(string html, string words) =>
        Assert.Contains(words, MailTemplate.Compile(html, Options).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("<p>{{gone|default:\"M&amp;M <3\"}}", "<p>M&amp;M &lt;3")]
    [InlineData("<p>{{gone|default:&quot;x&quot;}}{{gone|default:&#39;y&#39;}}", "<p>xy")]
    [InlineData("<p title=\"{{gone|default:\"a\"}}\" class=\"{{gone|default:'b'}}\">", "<p title=\"a\" class=\"b\">")]
    [InlineData("<p title={{gone|default:\"a b\"}} class=x>", "<p title=a&#32;b class=x>")]
    [InlineData("<p title={{#if gone}}a{{/if}} class=x>", "<p title=\"\" class=x>")]
    [InlineData("<table>{{#if name}}<tr><td title='{{#if evil}}{{evil}}{{/if}}'>{{name}}{{else}}<tr><td>{{/if}}</table>", "<table><tr><td title='&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;--\r\nBcc: x@x.test'>Ana</table>")]
    [InlineData("{{#if gone}}<a href='https://x.test/'>a</a>{{else}}<i>b</i>{{/if}}", "<i>b</i>")]
    [InlineData("{{#if&nbsp;name}}a{{/if}}", "a")]
    [InlineData("<!--[if mso]>{{#if gone}}a{{else}}{{evil}}{{/if}}<![endif]-->", "<!--[if mso]>&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;&#45;&#45;\r\nBcc: x@x.test<![endif]-->")]
    [InlineData("<style>{{#if name}}</style><script>{{#if name}}</script><!-- {{#if name}} --><p onclick='{{#if name}}'>", "<style>{{#if name}}</style><script>{{#if name}}</script><!-- {{#if name}} --><p onclick='{{#if name}}'>")]
    [InlineData("<a href='javascript:f({{#if name}}1{{/if}})'>", "<a href='javascript:f({{#if name}}1{{/if}})'>")]
    [InlineData("<img src='{{#if name}}https://x.test/{{evil}}{{else}}/y{{/if}}'>", "<img src='https://x.test/%22%27%20onload%3Dx%3E%3Cscript%3E%7B%7Bname%7D%7D%3C%2Fscript%3E--%0D%0ABcc%3A%20x%40x.test'>")]
    [InlineData("<img src='{{gone|default:\"javascript:x\"}}'>", "<img src='javascript%3Ax'>")]
    [InlineData("<img src='{{gone|default:\"https://x.test/é\"}}'>", "<img src='https://x.test/%C3%A9'>")]
    [InlineData("<a href='mailto:a@x.test?subject={{gone|default:\"a b\"}}'>", "<a href='mailto:a@x.test?subject=a%20b'>")]
    public void A_branch_is_filled_for_the_place_it_stands_in(string html, string expected)
    {
        var template = MailTemplate.Compile(html, Options);

        Assert.Null(template.Fault);
        Assert.Equal(expected, template.Render(new MailValues(position => $"https://t.test/{position}", null, null, Fields)));
    }

    [Fact]
    public void Links_in_both_branches_are_tracked_and_named_without_the_tags()
    {
        var template = MailTemplate.Compile("{{#if name}}<a href='https://x.test/a'>{{#if no}}A{{/if}} one</a>{{else}}<a href='https://x.test/b'>two</a>{{/if}}", Options);

        Assert.Equal([(1, "https://x.test/a", "A one"), (2, "https://x.test/b", "two")], template.Links.Select(link => (link.Position, link.Url, link.Label)));
        Assert.Equal("<a href='https://t.test/1'> one</a>", template.Render(new MailValues(position => $"https://t.test/{position}", null, null, Fields)));
        Assert.Equal("<a href='https://t.test/2'>two</a>", template.Render(new MailValues(position => $"https://t.test/{position}", null, null, new Dictionary<string, string>())));
    }

    [Theory]
    [InlineData("{{#if name}}<body class=a>{{else}}<body>{{/if}}x{{#if name}}</body>{{else}}</body>{{/if}}")]
    [InlineData("{{#if name}}<html><body>x</body></html>{{else}}<html><body>x</body></html>{{/if}}")]
    public void Pixel_and_preheader_are_in_every_copy(string html)
    {
        var template = MailTemplate.Compile(html, Options, "Look: {{#if name}}{{name}}{{else}}you{{/if}}");

        foreach (var (fields, expected) in new[] { (Fields, "Look: Ana"), (new Dictionary<string, string>(), "Look: you") })
        {
            var rendered = template.Render(new MailValues(null, "https://t.test/o", null, fields));
            Assert.Contains("<img src=\"https://t.test/o\"", rendered, StringComparison.Ordinal);
            Assert.Contains(expected, rendered, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://x.test/{{gone|default:'a b'}}?p={{#if name}}{{name}}&amp;v{{else}}std{{/if}}", "https://x.test/{{gone|default:\"a b\"}}?p={{#if name}}{{name}}&v{{else}}std{{/if}}", "https://x.test/a%20b?p=Ana&v")]
    [InlineData("https://x.test/?a={{ name | default: &quot;50%% ü&quot; }}#{{#if gone}}x{{/if}}", "https://x.test/?a={{name|default:\"50%% ü\"}}#{{#if gone}}x{{/if}}", "https://x.test/?a=Ana#")]
    [InlineData("https://x.test/?a={{gone|default:'ü&\"/?'}}", "https://x.test/?a={{gone|default:'ü&\"/?'}}", "https://x.test/?a=%C3%BC%26%22%2F%3F")]
    public void A_tracked_link_carries_defaults_and_conditions_to_the_click(string href, string stored, string reached)
    {
        var template = MailTemplate.Compile($"<a href=\"{href}\">x</a>", Options);

        var link = Assert.Single(template.Links);
        Assert.Null(template.Fault);
        Assert.Equal(stored, link.Url);
        Assert.True(Destination.TryCanonicaliseTemplate(link.Url, out var again, out _) && again == link.Url);
        Assert.Equal(reached, Destination.Fill(link.Url, Fields));
        Assert.Equal($"<a href=\"{reached.Replace("&", "&amp;", StringComparison.Ordinal)}\">x</a>", template.Render(new MailValues(null, null, null, Fields)));
    }

    [Fact]
    public void No_value_changes_where_a_click_leads()
    {
        const string url = "https://x.test/{{a|default:\"d\"}}?{{#if b}}b={{b}}{{else}}c={{a}}{{/if}}";
        var values = Gen.Elements("/", "//evil.test", "?", "#", "\\", "@", ":", "%", "{{b}}", "{{/if}}", "\r\n", "\0", "é", " ", "javascript:", "").ListOf().Select(string.Concat).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(values, values, (a, b) =>
        {
            var reached = Destination.Fill(url, new Dictionary<string, string> { ["a"] = a, ["b"] = b });

            Assert.StartsWith("https://x.test/", reached, StringComparison.Ordinal);
            Assert.All(reached, c => Assert.True(c is > ' ' and < '\x7f' and not '\\', reached));
            Assert.Equal(2, reached.Split('?').Length);
            Assert.DoesNotContain('#', reached);
        }));
    }

    [Fact]
    public void Any_mixture_of_tags_is_read_and_where_it_is_right_renders_only_its_words()
    {
        var pieces = Gen.Elements("{{#if a}}", "{{#if b}}", "{{else}}", "{{/if}}", "{{#each x}}", "{{/each}}", "{{a}}", "{{b|default:\"d\"}}", "{{", "}}", "w", "<p title='", "'>", "<!--[if mso]>", "<![endif]-->", "\n", "<a href='https://x.test/?").ListOf().Select(string.Concat);
        var right = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(pieces.Resize(16).ToArbitrary(), source =>
        {
            var text = TextTemplate.Compile(source);
            var rendered = text.Render(new Dictionary<string, string> { ["a"] = "A" }, null);
            var html = MailTemplate.Compile(source, Options);
            html.Render(new MailValues(_ => "https://t.test/", "https://t.test/o", null, new Dictionary<string, string> { ["b"] = "<'\"" }));
            if (text.Fault is null && !source.Contains("{{#each", StringComparison.Ordinal) && !source.Contains("{{{", StringComparison.Ordinal))
            {
                right++;
                Assert.DoesNotContain("{{#if", rendered, StringComparison.Ordinal);
                Assert.DoesNotContain("{{else", rendered, StringComparison.Ordinal);
                Assert.DoesNotContain("{{/if", rendered, StringComparison.Ordinal);
            }
        }));

        Assert.True(right > 300, $"{right} were right");
    }

    [Fact]
    public void Reading_takes_time_linear_to_the_length()
    {
        foreach (var piece in new[] { "{{", "{{a", "{{#if a}}", "{{#x}}", "<p title=\"{{a|default:\"", "{{else}}", "{{#each x}}{{/if}}", "{{#x}}{{#if a}}{{/if}}{{/y}}", "<p a={{b " })
        {
            var source = string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length));
            // Were it quadratic, it would take minutes.
            var watch = Stopwatch.StartNew();

            _ = MailTemplate.Compile(source, Options);
            _ = TextTemplate.Compile(source);

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{piece} took {watch.Elapsed}");
        }
    }

    [Fact]
    public void The_fields_of_a_content_are_listed_with_whether_anybody_without_them_would_see_it() =>
        Assert.Equal(
            [new("name", true), new("city", false), new("vip", false), new("level", true)],
            MailExample.UsesOf("{{name|default:\"you\"}} {{name}}", "{{#if city}}in {{city}}{{/if}} {{unsubscribe_url}}", "<p title=\"{{vip|default:&quot;x&quot;}}\">{{#if vip}}{{level}}{{/if}}"));
}
