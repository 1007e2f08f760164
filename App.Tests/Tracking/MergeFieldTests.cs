using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class MergeFieldTests
{
    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: []);

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["name"] = "Ana",
        ["evil"] = "\"' onload=x><script>{{name}}</script>-->&",
        ["empty"] = "",
        ["url"] = "https://Café.test/?a=1&b=2",
        ["script"] = "JavaScript:alert(1)",
        ["address"] = "a+b@x.test",
        ["a.b-c_d"] = "dotted",
    };

    [Theory]
    [InlineData("<p>{{name}} {{ name }} {{\tname }}", "<p>Ana Ana Ana")]
    [InlineData("{{a.b-c_d}}", "dotted")]
    [InlineData("{{unknown}} {{ Name }} {{name }x}} {{{name}}} {{#name}} {{name|x}} {{na me}} {name}", "{{unknown}} {{ Name }} {{name }x}} {{{name}}} {{#name}} {{name|x}} {{na me}} {name}")]
    [InlineData("{\"n\":{{name}}}", "{\"n\":Ana}")]
    [InlineData("<p>{{evil}}", "<p>&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;--&gt;&amp;")]
    [InlineData("<p title=\"{{evil}}\">", "<p title=\"&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;--&gt;&amp;\">")]
    [InlineData("<p title={{evil}}>", "<p title=&quot;&#39;&#32;onload&#61;x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;--&gt;&amp;>")]
    [InlineData("<p title={{empty}} class=x>", "<p title=\"\" class=x>")]
    [InlineData("<p title=a{{empty}} class=x>", "<p title=a class=x>")]
    [InlineData("<p title={{ name }} class=x>", "<p title=Ana class=x>")]
    [InlineData("<!--[if mso]>{{evil}}->x<![endif]-->", "<!--[if mso]>&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;&#45;&#45;&gt;&amp;->x<![endif]-->")]
    [InlineData("<!-- {{name}} --><style>{{name}}</style><script>{{name}}</script><p onclick='{{name}}'>", "<!-- {{name}} --><style>{{name}}</style><script>{{name}}</script><p onclick='{{name}}'>")]
    [InlineData("<title>{{evil}}</title>", "<title>&quot;&#39; onload=x&gt;&lt;script&gt;&#123;&#123;name}}&lt;/script&gt;--&gt;&amp;</title>")]
    [InlineData("<img src='https://x.test/{{evil}}'>", "<img src='https://x.test/%22%27%20onload%3Dx%3E%3Cscript%3E%7B%7Bname%7D%7D%3C%2Fscript%3E--%3E%26'>")]
    [InlineData("<a href='{{url}}'>", "<a href='https://xn--caf-dma.test/?a=1&amp;b=2'>")]
    [InlineData("<a href='{{script}}'>", "<a href='JavaScript%3Aalert%281%29'>")]
    [InlineData("<a href='java\nscript:f({{name}})'>", "<a href='java\nscript:f({{name}})'>")]
    [InlineData("<a href='mailto:{{address}}?subject={{url}}'>", "<a href='mailto:a+b@x.test?subject=https%3A%2F%2FCaf%C3%A9.test%2F%3Fa%3D1%26b%3D2'>")]
    [InlineData("<a href='{{name}}{{url}}'>", "<a href='Anahttps%3A%2F%2FCaf%C3%A9.test%2F%3Fa%3D1%26b%3D2'>")]
    public void A_field_is_filled_for_the_place_it_stands_in(string html, string expected) =>
        Assert.Equal(expected, MailTemplate.Compile(html, Options).Render(new MailValues(null, null, null, Fields)));

    [Theory]
    [InlineData("<p>{{unsubscribe_url}}", "<p>https://t.test/u?a&amp;b")]
    [InlineData("<a href=\"{{ unsubscribe_url }}\">", "<a href=\"https://t.test/u?a&amp;b\">")]
    [InlineData("<a href=' {{unsubscribe_url}} '>", "<a href='https://t.test/u?a&amp;b'>")]
    [InlineData("<a href=http://{{unsubscribe_url}}/>", "<a href=https://t.test/u?a&amp;b>")]
    [InlineData("<a href='https://x.test/?u={{unsubscribe_url}}'>", "<a href='https://x.test/?u=https%3A%2F%2Ft.test%2Fu%3Fa%26b'>")]
    [InlineData("<!--[if mso]><v:rect href='{{unsubscribe_url}}'/><![endif]-->", "<!--[if mso]><v:rect href='https://t.test/u?a&amp;b'/><![endif]-->")]
    public void The_unsubscribe_address_is_filled_in_and_never_tracked(string html, string expected)
    {
        var template = MailTemplate.Compile(html, Options);

        Assert.Empty(template.Links);
        Assert.Equal(expected, template.Render(new MailValues(_ => "https://t.test/c", null, "https://t.test/u?a&b", Fields)));
        Assert.Equal(html, template.Render(new MailValues(_ => "https://t.test/c", null, null, Fields)));
    }

    [Fact]
    public void A_link_with_a_field_carries_it_to_the_click_and_a_recipient_without_tracking_gets_it_filled()
    {
        var template = MailTemplate.Compile("<a href='https://x.test/?n={{ evil }}&amp;m={{unknown}}'>x</a>", Options);

        Assert.Equal("https://x.test/?n={{evil}}&m={{unknown}}", Assert.Single(template.Links).Url);
        Assert.Equal("<a href='https://t.test/c?1&amp;&#39;'>x</a>", template.Render(new MailValues(position => $"https://t.test/c?{position}&'", null, null, Fields)));
        Assert.Equal(
            "<a href='https://x.test/?n=%22%27%20onload%3Dx%3E%3Cscript%3E%7B%7Bname%7D%7D%3C%2Fscript%3E--%3E%26&amp;m={{unknown}}'>x</a>",
            template.Render(new MailValues(null, null, null, Fields)));
    }

    [Fact]
    public void A_plain_text_is_filled_as_it_is() =>
        Assert.Equal(
            "Hi \"' onload=x><script>{{name}}</script>-->&, {{unknown}} {{{name}}} https://t.test/u?a&b",
            TextTemplate.Compile("Hi {{evil}}, {{unknown}} {{{name}}} {{unsubscribe_url}}").Render(Fields, "https://t.test/u?a&b"));

    [Fact]
    public void A_subject_stays_one_line_whatever_its_values() =>
        Assert.Equal(
            "Hi Ana Bcc: x@x.test   !",
            TextTemplate.Compile("Hi {{name}}!").RenderLine(new Dictionary<string, string> { ["name"] = "Ana\r\nBcc: x@x.test\n\0\u2028" }));
}
