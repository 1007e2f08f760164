using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using ScoreTracking.Auth;

namespace ScoreTracking.Tests.Support;

/// <summary>How a page is looked at.</summary>
public sealed record Look(string Name, int Width, int Height, ColorScheme Scheme)
{
    public static Look Light { get; } = new("light", 1280, 900, ColorScheme.Light);
    public static Look Dark { get; } = new("dark", 1280, 900, ColorScheme.Dark);
    public static Look Phone { get; } = new("phone", 390, 844, ColorScheme.Light);

    public static IReadOnlyList<Look> All { get; } = [Light, Dark, Phone];
}

/// <summary>One Chromium for the whole test run. Nothing is downloaded: it is the system's, and without one browser tests fail rather than pass unseen.</summary>
public static class Browser
{
    private static readonly string[] Arguments =
    [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    // In milliseconds, and long: the browser shares its cores with the server and with other tests.
    private const float Patience = 45_000;

    private static readonly Lazy<Task<IBrowser>> Shared = new(StartAsync);

    /// <summary>A fresh page of the first administrator: no cookies, no history. Console errors and page errors are gathered in <see cref="Visit.Errors"/>.</summary>
    public static async Task<Visit> VisitAsync(TestApp app, Look look)
    {
        // As the demo does it: signing in has tests of its own.
        app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.AutoSignInOnLoopback = true;
        var browser = await Shared.Value;
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = app.ClientOptions.BaseAddress.ToString(),
            ViewportSize = new ViewportSize { Width = look.Width, Height = look.Height },
            ColorScheme = look.Scheme,
            HasTouch = look == Look.Phone,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        return new Visit(context, await context.NewPageAsync(), look);
    }

    private static async Task<IBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable(),
            Args = Arguments,
            IgnoreDefaultArgs = ["--headless=old"],
        });
        AppDomain.CurrentDomain.ProcessExit += (_, _) => playwright.Dispose();
        return browser;
    }

    private static string Executable()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named)
        {
            Assert.True(File.Exists(named), $"CHROMIUM names {named}, which does not exist.");
            return named;
        }

        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(directory => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(directory, name)))
            .FirstOrDefault(File.Exists);
        Assert.True(found is not null, "Browser tests need Chromium: install Debian's package chromium, or name one in CHROMIUM.");
        return found!;
    }
}

/// <summary>One visitor with one page.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Look _look;
    private readonly List<string> _errors = [];

    internal Visit(IBrowserContext context, IPage page, Look look)
    {
        (_context, Page, _look) = (context, page, look);
        page.Console += (_, message) => Note(message.Type == "error", message.Text);
        page.PageError += (_, error) => Note(true, error);
    }

    public IPage Page { get; }

    /// <summary>What went wrong in the browser: script errors, refused content, missing files.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>Opens an address and waits until the page is live: its connection took over from the prerendered one.</summary>
    public async Task OpenAsync(string address)
    {
        await Page.GotoAsync(address);
        await Page.WaitForSelectorAsync("[data-live]");
    }

    /// <summary>Keeps what the page looks like in App.Tests/screens, for people to look at.</summary>
    public async Task<string> PhotographAsync(string name)
    {
        // Fixed and sticky parts belong where a reader first sees them.
        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        var file = PictureOf(name);
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = true });
        return file;
    }

    /// <summary>Chooses a CSV file as a person can: once its field takes one.</summary>
    public async Task ChooseCsvAsync(byte[] csv, string name = "people.csv")
    {
        var field = Page.Locator("input[type=file][accept^='.csv']");
        await Assertions.Expect(field).ToBeEnabledAsync();
        await field.SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = csv });
    }

    /// <inheritdoc cref="ChooseCsvAsync(byte[], string)"/>
    public Task ChooseCsvAsync(string csv, string name = "people.csv") => ChooseCsvAsync(Encoding.UTF8.GetBytes(csv), name);

    /// <summary>Where a picture of this name belongs.</summary>
    public string PictureOf(string name) => Golden.PathOf($"screens/{name}-{_look.Name}.png");

    /// <summary>True where the page scrolls sideways: on a phone that is a fault.</summary>
    public Task<bool> IsWiderThanScreenAsync() =>
        Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private void Note(bool isError, string text)
    {
        if (isError)
        {
            lock (_errors)
            {
                _errors.Add(text);
            }
        }
    }
}
