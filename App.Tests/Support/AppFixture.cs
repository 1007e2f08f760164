namespace ScoreTracking.Tests.Support;

/// <summary>One <see cref="TestApp"/> for all tests of a class that do not disturb each other.</summary>
public sealed class AppFixture : IAsyncDisposable
{
    public TestApp App { get; } = new();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
