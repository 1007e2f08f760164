using Microsoft.AspNetCore.Components;
using ScoreTracking.Components;

namespace ScoreTracking.Tests.Components;

public sealed class PageAddressTests
{
    private readonly FarBrowser _browser = new();

    [Fact]
    public void What_is_chosen_before_the_browser_answers_is_added_to_what_was_asked_for()
    {
        using var here = new PageAddress(_browser);

        here.Change(new Dictionary<string, object?> { ["q"] = "ana", ["cursor"] = null });
        here.Change(new Dictionary<string, object?> { ["sort"] = "email" });
        _browser.Answer();
        here.Change(new Dictionary<string, object?> { ["min_score"] = "50" });
        _browser.Answer();
        _browser.Answer();
        here.Change(new Dictionary<string, object?> { ["q"] = null });
        _browser.Answer();

        Assert.Equal("https://here/contacts?sort=email&min_score=50", _browser.Uri);
    }

    [Fact]
    public void A_link_followed_meanwhile_begins_anew_and_so_does_a_step_back()
    {
        using var here = new PageAddress(_browser);

        here.Change(new Dictionary<string, object?> { ["q"] = "ana" });
        _browser.Go("https://here/campaigns?q=sale");
        here.Change(new Dictionary<string, object?> { ["sort"] = "name" });
        _browser.Answer();
        _browser.Answer();

        Assert.Equal("https://here/campaigns?q=sale&sort=name", _browser.Uri);
    }

    // Tells the server where it is only when asked to.
    private sealed class FarBrowser : NavigationManager
    {
        private readonly Queue<string> _asked = new();

        public FarBrowser() => Initialize("https://here/", "https://here/contacts?cursor=9");

        public void Answer() => Go(_asked.Dequeue());

        public void Go(string address)
        {
            Uri = address;
            NotifyLocationChanged(isInterceptedLink: false);
        }

        protected override void NavigateToCore(string uri, NavigationOptions options) => _asked.Enqueue(uri);
    }
}
