namespace ScoreTracking.Api;

/// <summary>One object: <c>{"data":{…}}</c>.</summary>
public sealed record One<T>(T Data);

/// <summary>A list: <c>{"data":[…],"next_cursor":"…"|null}</c>; <c>count</c> only where asked for.</summary>
public sealed record Listing<T>(IReadOnlyList<T> Data, string? NextCursor, long? Count = null);

/// <summary>The shapes every answer has.</summary>
public static class Answers
{
    public static One<T> Data<T>(T data) => new(data);
}
