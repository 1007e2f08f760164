using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class MailTemplateTests
{
    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: ["track.acme.test", "localhost:8080", "ÉCOLE.test"]);
    private static readonly Dictionary<string, string> NoFields = [];

    [Theory]
    [InlineData("""<a href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<A HREF='HTTP://X.test/A'>x</A>""", "http://x.test/A")]
    [InlineData("""<a class=b href=https://x.test/a?b=c&d>x</a>""", "https://x.test/a?b=c&d")]
    [InlineData("<a\n\thref\n=\n\"\n https://x.test/ \n\" >x</a>", "https://x.test/")]
    [InlineData("<a href=\"https://x.test/a\r\n\tb\">x</a>", "https://x.test/ab")]
    [InlineData("""<a/href="https://x.test/"/>x</a>""", "https://x.test/")]
    [InlineData("""<a title="a > b" href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<a title='"' href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<a =x href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<a href="https://x.test/?a&amp;b&#38;c&#x26;d&amp;amp;e">x</a>""", "https://x.test/?a&b&c&d&amp;e")]
    [InlineData("""<a href="https://x.test/?a&copy=1&copy;&reg">x</a>""", "https://x.test/?a&copy=1%C2%A9%C2%AE")]
    [InlineData("""<a href="https&colon;&sol;&#47;x.test/&eacute;">x</a>""", "https://x.test/%C3%A9")]
    [InlineData("""<a href="https://x.test/?b=2&a=1&b=2#frag?x">x</a>""", "https://x.test/?b=2&a=1&b=2#frag?x")]
    [InlineData("""<area href="https://x.test/" alt=x>""", "https://x.test/")]
    [InlineData("""<a href="https://first.test/" href="https://second.test/">x</a>""", "https://first.test/")]
    [InlineData("""<base href="https://base.test/"><a href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<!--[if mso]><v:roundrect href="https://x.test/?a&amp;b"></v:roundrect><![endif]-->""", "https://x.test/?a&b")]
    [InlineData("""<!--[IF (gte mso 9)|(IE)]><a href="https://x.test/">x</a><![endif]-->""", "https://x.test/")]
    [InlineData("""<![if !mso]><a href="https://x.test/">x</a><![endif]>""", "https://x.test/")]
    [InlineData("""<!--[if !mso]><!--><a href="https://x.test/">x</a><!--<![endif]-->""", "https://x.test/")]
    [InlineData("""<!--> <a href="https://x.test/">x</a> -->""", "https://x.test/")]
    [InlineData("""<svg><title/><style/></svg><a href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<script>"<!--<script></script>"</script>--></script><a href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<title><a href="https://no.test/"></title ><a href="https://x.test/">x</a>""", "https://x.test/")]
    [InlineData("""<a href="https://x.test/{{ path }}?n={{n}}#{{f}}">x</a>""", "https://x.test/{{path}}?n={{n}}#{{f}}")]
    public void A_link_is_tracked_however_it_is_written(string html, string url)
    {
        var template = MailTemplate.Compile(html, Options);

        Assert.Equal([url], template.Links.Select(link => link.Url));
        Assert.Contains("https://t.test/1", template.Render(new MailValues(Click, null, null, NoFields)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""<a href="mailto:a@x.test">x</a>""")]
    [InlineData("""<a href="tel:+4930123">x</a>""")]
    [InlineData("""<a href="sms:+4930123">x</a>""")]
    [InlineData("""<a href="#top">x</a>""")]
    [InlineData("""<a href="data:text/html,https://x.test/">x</a>""")]
    [InlineData("""<a href="cid:part1">x</a>""")]
    [InlineData("""<a href="javascript:open('https://x.test/')">x</a>""")]
    [InlineData("""<a href="file:///c:/x">x</a>""")]
    [InlineData("""<a href="/relative">x</a>""")]
    [InlineData("""<a href="//x.test/">x</a>""")]
    [InlineData("""<a href="https:/x.test/">x</a>""")]
    [InlineData("""<a href="https://x.test/" data-st-notrack>x</a>""")]
    [InlineData("""<a DATA-ST-NOTRACK="" href="https://x.test/">x</a>""")]
    [InlineData("""<a href="{{unsubscribe_url}}">x</a>""")]
    [InlineData("""<a href="https://{{ unsubscribe_url }}/">x</a>""")]
    [InlineData("""<a href="https://x.test/?u={{unsubscribe_url}}">x</a>""")]
    [InlineData("""<a href="{{ unsubscribe }}">x</a>""")]
    [InlineData("""<a href="*|UNSUB|*">x</a>""")]
    [InlineData("""<a href="https://x.test/*|X|*">x</a>""")]
    [InlineData("""<a href="https://x.test/%%x%%">x</a>""")]
    [InlineData("""<a href="https://x.test/%recipient.x%">x</a>""")]
    [InlineData("""<a href="https://x.test/%email%">x</a>""")]
    [InlineData("""<a href="https://x.test/?d=%date%&a">x</a>""")]
    [InlineData("""<a href="https://x.test/{% x %}">x</a>""")]
    [InlineData("""<a href="https://x.test/[[x]]">x</a>""")]
    [InlineData("""<a href="https://x.test/<%= x %>">x</a>""")]
    [InlineData("""<a href="https://x.test/${x}">x</a>""")]
    [InlineData("""<a href="https://x.test/{x}">x</a>""")]
    [InlineData("""<a href="https://x.test/{{x|y}}">x</a>""")]
    [InlineData("""<a href="https://x.test/{{{x}}}">x</a>""")]
    [InlineData("""<a href="https://x.test/{{9}}">x</a>""")]
    [InlineData("""<a href="https://{{host}}/">x</a>""")]
    [InlineData("""<a href="https://x.test{{path}}">x</a>""")]
    [InlineData("""<a href="{{scheme}}://x.test/">x</a>""")]
    [InlineData("""<a href="https://user:pass@x.test/">x</a>""")]
    [InlineData("""<a href="https://x.test/a b">x</a>""")]
    [InlineData("""<a href="https://x.test\@evil.test/">x</a>""")]
    [InlineData("""<a href="https://x..test/">x</a>""")]
    [InlineData("""<a href="">x</a>""")]
    [InlineData("""<a href>x</a>""")]
    [InlineData("""<a hrefs="https://x.test/">x</a>""")]
    [InlineData("""<abbr href="https://x.test/">x</abbr>""")]
    [InlineData("""<link href="https://x.test/">""")]
    [InlineData("""<base href="https://x.test/">""")]
    [InlineData("""<img src="https://x.test/">""")]
    [InlineData("""<!-- <a href="https://x.test/">x</a> -->""")]
    [InlineData("""<!-- [if mso]><a href="https://x.test/">x</a><![endif]-->""")]
    [InlineData("""<!--[if mso]><!-- <a href="https://x.test/">x</a><![endif]-->""")]
    [InlineData("""<!--[if mso]><a href="https://x.test/">x</a><![endif]""")]
    [InlineData("""<style><a href="https://x.test/"></style>""")]
    [InlineData("""<script>'<a href="https://x.test/">'</script>""")]
    [InlineData("""<textarea><a href="https://x.test/"></textarea>""")]
    [InlineData("""<svg><![CDATA[<a href="https://x.test/">]]></svg>""")]
    [InlineData("""<p title='<a href="https://x.test/">'>""")]
    [InlineData("""<a href="https://x.test/" """)]
    [InlineData("""<a href="https://x.test/>x</a>""")]
    [InlineData("""< a href="https://x.test/">""")]
    public void These_are_left_exactly_as_written(string html)
    {
        var template = MailTemplate.Compile(html, Options);

        Assert.Empty(template.Links);
        Assert.Equal(html, template.Render(new MailValues(Click, null, null, NoFields)));
    }

    [Theory]
    [InlineData("https://track.acme.test/c/abc")]
    [InlineData("http://TRACK.acme.test:8443/C/abc")]
    [InlineData("https://track.acme.test/o/abc.gif")]
    [InlineData("https://track.acme.test/u/{{token}}")]
    [InlineData("https://track.acme.test/api/track/click/abc?x=1")]
    [InlineData("https://track.acme.test/x/..%2fy/../../%61pi/track/open/abc")]
    [InlineData("http://localhost:8080/c/abc")]
    [InlineData("https://&eacute;cole.test/c/abc")]
    public void A_link_to_our_own_tracking_paths_is_refused_in_words(string url)
    {
        foreach (var options in new[] { Options, Options with { TrackClicks = false } })
        {
            var refused = Assert.Throws<MailTemplateException>(() => MailTemplate.Compile($"<p><a data-st-notrack href='{url}'>x</a>", options));

            Assert.StartsWith("has a link to this server's own tracking address, http", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://track.acme.test/campaigns")]
    [InlineData("https://track.acme.test/catalog/c/1")]
    [InlineData("http://localhost:9000/c/abc")]
    [InlineData("https://other.test/c/abc")]
    public void Other_pages_of_our_hosts_and_other_hosts_are_ordinary_links(string url) =>
        Assert.Equal([url], MailTemplate.Compile($"<a href={url}>x</a>", Options).Links.Select(link => link.Url));

    [Fact]
    public void The_same_address_twice_is_two_links_and_both_sum_by_address()
    {
        var template = MailTemplate.Compile("<a href='https://x.test/'>Top</a><a href=\"https://X.test/\">Bottom</a>", Options);

        Assert.Equal([new TemplateLink(1, "https://x.test/", "Top"), new TemplateLink(2, "https://x.test/", "Bottom")], template.Links);
        Assert.Equal("<a href='https://t.test/1'>Top</a><a href=\"https://t.test/2\">Bottom</a>", template.Render(new MailValues(Click, null, null, NoFields)));
    }

    [Theory]
    [InlineData("<a href=https://x.test/> Buy\n <b>n</b>ow&nbsp;&amp; &lt;save&gt;</a>", "Buy now & <save>")]
    [InlineData("<a href=https://x.test/><td>Buy</td><td>now</td></a>", "Buy now")]
    [InlineData("<a href=https://x.test/><img alt='Big &quot;logo&quot;'></a>", "Big \"logo\"")]
    [InlineData("<a href=https://x.test/><img alt='Logo'>Acme</a>", "Acme")]
    [InlineData("<a href=https://x.test/ title=Home><img src=a.png></a>", "Home")]
    [InlineData("<a href=https://x.test/><!-- not me --><style>nor me</style>me</a>not me", "me")]
    [InlineData("<a href=https://x.test/>one<a name=x>two</a>", "one")]
    [InlineData("<a href=https://x.test/></a>", "")]
    public void A_link_is_named_by_what_a_reader_sees(string html, string label) =>
        Assert.Equal(label, Assert.Single(MailTemplate.Compile(html, Options).Links).Label);

    [Fact]
    public void A_label_ends_at_200_characters_and_never_in_the_middle_of_one()
    {
        var label = Assert.Single(MailTemplate.Compile($"<a href=https://x.test/>{new string('a', 199)}🎉🎉 and more", Options).Links).Label;

        Assert.Equal(new string('a', 199), label);
    }

    [Theory]
    [InlineData("<html><body><p>x</body></html>", "<html><body><p>x#</body></html>")]
    [InlineData("<BODY>x</BODY >y</body\n></html>", "<BODY>x</BODY >y#</body\n></html>")]
    [InlineData("<p>x</html>", "<p>x#</html>")]
    [InlineData("<p>x", "<p>x#")]
    [InlineData("", "#")]
    [InlineData("<p>x<!-- </body> -->", "<p>x<!-- </body> -->#")]
    [InlineData("<p>x<!--[if mso]></body><![endif]-->", "<p>x<!--[if mso]></body><![endif]-->#")]
    [InlineData("x</body><script>'</body>'</script>", "x#</body><script>'</body>'</script>")]
    [InlineData("<p>x<!-- never closed", "<p>x#<!-- never closed")]
    [InlineData("<p>x<style>p{}", "<p>x#<style>p{}")]
    [InlineData("<p>x<textarea>y", "<p>x#<textarea>y")]
    [InlineData("<p>x<a href=\"y", "<p>x#<a href=\"y")]
    public void The_pixel_stands_where_a_mail_client_will_load_it(string html, string expected)
    {
        var rendered = MailTemplate.Compile(html, Options).Render(new MailValues(null, "https://t.test/o?a&b", null, NoFields));

        const string pixel = "<img src=\"https://t.test/o?a&amp;b\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0;width:1px;height:1px\">";
        Assert.Equal(expected.Replace("#", pixel, StringComparison.Ordinal), rendered);
    }

    [Fact]
    public void What_is_not_to_be_tracked_gets_neither_pixel_nor_links()
    {
        const string html = "<body><a href='https://x.test/'>x</a></body>";
        var template = MailTemplate.Compile(html, Options with { TrackOpens = false, TrackClicks = false });

        Assert.Empty(template.Links);
        Assert.Equal(html, template.Render(new MailValues(Click, "https://t.test/o", null, NoFields)));
    }

    [Fact]
    public void More_links_than_a_tracking_id_can_number_are_refused()
    {
        var most = string.Concat(Enumerable.Repeat("<a href=http://x.test>", 65_535));

        Assert.Equal(65_535, MailTemplate.Compile(most, Options).Links.Count);
        Assert.Throws<MailTemplateException>(() => MailTemplate.Compile(most + "<a href=http://x.test>", Options));
    }

    [Theory]
    [InlineData("<body class=a>x</body>", "<body class=a>#x</body>")]
    [InlineData("<html><head></head>x", "<html><head></head>#x")]
    [InlineData("<!-- <body> --><!doctype html>x", "<!-- <body> --><!doctype html>#x")]
    [InlineData("\uFEFF<p>x", "\uFEFF#<p>x")]
    [InlineData("<body></body>", "<body>#</body>")]
    [InlineData("<body>{{n}}<!--[if mso]><body><![endif]-->", "<body>#{{n}}<!--[if mso]><body><![endif]-->")]
    public void The_preheader_opens_the_body(string html, string expected)
    {
        var rendered = MailTemplate.Compile(html, Options, " Hi {{name}} & {{ other }} ").Render(new MailValues(null, null, null, new Dictionary<string, string> { ["name"] = "<i>" }));

        var start = rendered.IndexOf("<div style=\"display:none;", StringComparison.Ordinal);
        var end = rendered.IndexOf("</div>", start, StringComparison.Ordinal) + "</div>".Length;
        Assert.Equal(expected, rendered[..start] + "#" + rendered[end..]);
        Assert.Contains(">Hi &lt;i&gt; &amp; {{ other }}&#847;", rendered, StringComparison.Ordinal);
    }

    [Fact]
    public void A_blank_preheader_adds_nothing() =>
        Assert.Equal("<body>x", MailTemplate.Compile("<body>x", Options, " \n").Render(new MailValues(null, null, null, NoFields)));

    private static string Click(int position) => $"https://t.test/{position}";
}
