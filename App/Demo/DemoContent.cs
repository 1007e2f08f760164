using ScoreTracking.Campaigns;

namespace ScoreTracking.Demo;

/// <summary>What the demo's campaigns send: an outdoor shop's newsletter in two designs.</summary>
internal static class DemoContent
{
    public static CampaignBody Finished => new()
    {
        Name = "Autumn trails: new arrivals",
        From = new SenderBody { Email = "news@northridge.example", Name = "Northridge Outdoor" },
        Topics = ["New arrivals", "Trails"],
        Content = new ContentBody { Subject = "Autumn is here", Preheader = "Jackets, boots and a map of our favourite trails", Html = Letter("Autumn trails", Rows) },
        AbTest = new AbTestBody
        {
            Factors =
            [
                new FactorBody
                {
                    Field = "subject",
                    Levels =
                    [
                        new LevelBody { Key = "s1", Value = "{{first_name}}, your autumn gear list" },
                        new LevelBody { Key = "s2", Value = "20 % off everything waterproof" },
                        new LevelBody { Key = "s3", Value = "Five trails to walk before winter" },
                    ],
                },
                new FactorBody
                {
                    Field = "html",
                    Levels = [new LevelBody { Key = "c1", Value = Letter("Autumn trails", Rows) }, new LevelBody { Key = "c2", Value = Letter("Before the first snow", Grid) }],
                },
            ],
            Distribution = "equal",
        },
    };

    public static CampaignBody Running => new()
    {
        Name = "Weekend sale (running)",
        From = new SenderBody { Email = "news@northridge.example", Name = "Northridge Outdoor" },
        Topics = ["Offers"],
        Content = new ContentBody { Subject = "Two days only: 30 % off tents", Preheader = "Until Sunday midnight", Html = Letter("Weekend sale", Rows) },
    };

    /// <summary>What the journey sends first.</summary>
    public static CampaignBody Guide => new()
    {
        Name = "Guide: how to choose a tent",
        From = new SenderBody { Email = "news@northridge.example", Name = "Northridge Outdoor" },
        Content = new ContentBody { Subject = "{{first_name}}, which tent suits you?", Preheader = "Three questions and an answer", Html = Letter("How to choose a tent", Grid) },
    };

    /// <summary>What the journey sends to those who did not open the first.</summary>
    public static CampaignBody Nudge => new()
    {
        Name = "Nudge: the guide once more",
        From = new SenderBody { Email = "news@northridge.example", Name = "Northridge Outdoor" },
        Content = new ContentBody { Subject = "Still looking for a tent?", Preheader = "The guide, in one minute", Html = Letter("The guide, in one minute", Rows) },
    };

    private static string Rows => Row("Rain jackets", "jackets") + Row("Hiking boots", "boots") + Row("Down sleeping bags", "sleeping-bags");

    private static string Row(string name, string path) =>
        $"""<tr><td style="padding:16px 0"><a href="https://northridge.example/shop/{path}?utm_source=newsletter"><b>{name}</b></a><br>Tested in the wind above the tree line.</td></tr>""";

    private static string Grid => """
        <tr><td><a href="https://northridge.example/trails">Our five trails</a></td><td><a href="https://northridge.example/shop/boots">Boots</a></td></tr>
        <tr><td><a href="https://northridge.example/shop/jackets">Jackets</a></td><td><a href="https://northridge.example/stores">Find a store</a></td></tr>
        """;

    private static string Letter(string title, string rows) => $$$"""
        <!doctype html>
        <html><head><meta charset="utf-8"><title>{{{title}}}</title></head>
        <body style="margin:0;background:#f4f1ea;font-family:Georgia,serif">
        <table role="presentation" width="100%"><tr><td align="center">
        <table role="presentation" width="600" style="background:#fff;padding:32px">
        <tr><td><a href="https://northridge.example/"><img src="https://northridge.example/logo.png" alt="Northridge Outdoor" width="160"></a></td></tr>
        <tr><td><h1>{{{title}}}</h1><p>Hello {{first_name}},</p><p>the light is low and the air is clear: the best weeks of the year to be outside.</p></td></tr>
        {{{rows}}}
        <tr><td style="padding-top:24px"><a href="https://northridge.example/sale" style="background:#2b4a3f;color:#fff;padding:12px 24px">See everything</a></td></tr>
        <tr><td style="font-size:12px;color:#777"><a href="{{unsubscribe_url}}">Unsubscribe</a></td></tr>
        </table></td></tr></table>
        </body></html>
        """;
}
