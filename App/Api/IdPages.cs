using Microsoft.AspNetCore.Http.HttpResults;

namespace ScoreTracking.Api;

/// <summary>A list in the order things were made, a page at a time.</summary>
internal static class IdPages
{
    /// <param name="list">Its name in its cursors.</param>
    /// <param name="read">Reads so many behind an id.</param>
    /// <param name="idOf">The number behind an entry's public id.</param>
    public static async Task<Results<Ok<Listing<T>>, ProblemHttpResult>> ReadAsync<T>(
        string list, int? limit, string? cursor, Func<long, int, Task<IReadOnlyList<T>>> read, Func<T, long> idOf)
    {
        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        if (!PageCursor.TryRead(list, cursor, 1, out var key))
        {
            return Problems.Invalid("cursor", "not a cursor of this list");
        }

        // One more than asked for tells whether there is another page.
        var size = limit ?? PageCursor.DefaultLimit;
        var page = await read(key?[0] ?? 0, size + 1);
        return TypedResults.Ok(new Listing<T>([.. page.Take(size)], page.Count > size ? PageCursor.Write(list, idOf(page[size - 1])) : null));
    }
}
