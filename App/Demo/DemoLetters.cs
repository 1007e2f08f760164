using ScoreTracking.Events;

namespace ScoreTracking.Demo;

/// <summary>What somebody of the demo's shop wrote to a few people this week, and what came of it: one of each kind a viewer should know.</summary>
internal static class DemoLetters
{
    private const string Delay = "451 4.7.1 Greylisting in action, please come back later";

    private static DemoStep Sent => new(EventType.Sent, TimeSpan.FromSeconds(2));

    private static DemoStep[] Arrives => [Sent, new(EventType.Delivered, TimeSpan.FromSeconds(9))];

    public static IReadOnlyList<DemoMail> All =>
    [
        new(TimeSpan.FromDays(5), "Your order of 40 rain jackets", ["purchasing@alpine-club.example"],
            Letter("the jackets you asked for are in stock.", "https://northridge.example/quotes/4711", "The quote"),
            [[.. Arrives, Opened(0.4), Opened(3), Clicked(3.1), Opened(26), Clicked(26.2), new(EventType.Replied, TimeSpan.FromHours(27))]]),
        new(TimeSpan.FromDays(4), "Photos from the Dolomites", ["giulia@studio.example", "hana@gmail.com", "press@summit-magazine.example"],
            Letter("the pictures for the spring issue are ready.", "https://northridge.example/press/dolomites", "All pictures"),
            [[.. Arrives, Opened(1), Clicked(1.1)], [.. Arrives, Opened(5), Opened(29)], Arrives]),
        new(TimeSpan.FromDays(3), "Invoice 2026-118", ["accounts@old-company.example"],
            Letter("here is the invoice for September.", "https://northridge.example/invoices/2026-118", "Invoice 2026-118"),
            [[Sent, new(EventType.Bounced, TimeSpan.FromSeconds(20), "550 5.1.1 No such user here")]]),
        new(TimeSpan.FromDays(2), "Thursday at ten?", ["jonas@outlook.com"],
            Letter("shall we meet at the store on Thursday?", "https://northridge.example/stores/oslo", "The store"),
            [[Sent, new(EventType.Deferred, TimeSpan.FromSeconds(6), Delay), new(EventType.Deferred, TimeSpan.FromMinutes(5), Delay), new(EventType.Delivered, TimeSpan.FromMinutes(20)), Opened(1.5)]]),
        new(TimeSpan.FromHours(5), "A small gift for your team", ["lea@harbour-school.example"],
            Letter("thank you for a year of school trips with us.", "https://northridge.example/gift", "Choose a gift"),
            [Arrives]),
    ];

    private static DemoStep Opened(double hours) => new(EventType.Opened, TimeSpan.FromHours(hours));

    private static DemoStep Clicked(double hours) => new(EventType.Clicked, TimeSpan.FromHours(hours));

    private static string Letter(string words, string url, string link) => $"<p>Hello,</p><p>{words}</p><p><a href=\"{url}\">{link}</a></p><p>Eva Lind<br>Northridge Outdoor</p>";
}
