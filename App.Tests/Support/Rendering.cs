using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.HtmlRendering.Infrastructure;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.AspNetCore.Components.Web.HtmlRendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// Of the render tree's types only the names are used; what is in them is not looked at.
#pragma warning disable BL0006

namespace ScoreTracking.Tests.Support;

/// <summary>A component drawn on the server with a host's real services, live until disposed: what a viewer's connection does, without a browser.</summary>
public sealed class Rendering : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;
    private readonly Renderer _renderer;
    private readonly HtmlRootComponent _root;

    private Rendering(AsyncServiceScope scope, Renderer renderer, HtmlRootComponent root) =>
        (_scope, _renderer, _root) = (scope, renderer, root);

    /// <summary>What went wrong while drawing.</summary>
    public IReadOnlyCollection<Exception> Failures => _renderer.Failures;

    /// <summary>Draws a component and waits until everything it awaits before its first whole picture is there.</summary>
    public static async Task<Rendering> OfAsync<TComponent>(IServiceProvider services, params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        var rendering = await BeginAsync<TComponent>(services, parameters);
        await rendering._root.QuiescenceTask;
        return rendering;
    }

    /// <summary>Draws a component and returns with its first picture, which may still say that it is loading.</summary>
    public static async Task<Rendering> BeginAsync<TComponent>(IServiceProvider services, params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        var scope = services.CreateAsyncScope();
        var renderer = new Renderer(scope.ServiceProvider);
        var view = ParameterView.FromDictionary(parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
        var root = await renderer.Dispatcher.InvokeAsync(() => renderer.BeginRenderingComponent(typeof(TComponent), view));
        return new Rendering(scope, renderer, root);
    }

    /// <summary>Only the markup: no services but those of an empty container.</summary>
    public static async Task<string> HtmlOfAsync<TComponent>(params (string Name, object? Value)[] parameters)
        where TComponent : IComponent
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton<NavigationManager>(new FixedAddress()).BuildServiceProvider();
        await using var rendering = await OfAsync<TComponent>(services, parameters);
        Assert.Empty(rendering.Failures);
        return await rendering.HtmlAsync();
    }

    public Task<string> HtmlAsync() => _renderer.Dispatcher.InvokeAsync(_root.ToHtmlString);

    /// <summary>Waits for a picture with this property; each redrawing is looked at once.</summary>
    public async Task<string> UntilAsync(Func<string, bool> shown)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var next = _renderer.NextPicture;
            var html = await HtmlAsync();
            if (shown(html))
            {
                return html;
            }

            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not shown within 60 s. Last picture: {html}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _renderer.DisposeAsync();
        await _scope.DisposeAsync();
    }

    private sealed class Renderer(IServiceProvider services) : StaticHtmlRenderer(services, services.GetRequiredService<ILoggerFactory>())
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Exception> _failures = new();
        private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyCollection<Exception> Failures => _failures;

        public Task NextPicture => _next.Task;

        protected override RendererInfo RendererInfo { get; } = new("Server", isInteractive: true);

        protected override void HandleException(Exception exception)
        {
            _failures.Enqueue(exception);
            Announce();
        }

        protected override Task UpdateDisplayAsync(in RenderBatch renderBatch)
        {
            var updated = base.UpdateDisplayAsync(renderBatch);
            Announce();
            return updated;
        }

        private void Announce() =>
            Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private sealed class FixedAddress : NavigationManager
    {
        public FixedAddress() => Initialize("http://localhost/", "http://localhost/campaigns/7?opens=all&cursor=abc");
    }
}
