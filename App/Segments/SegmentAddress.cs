using ScoreTracking.Api;

namespace ScoreTracking.Segments;

/// <summary>Addresses of the pages about audiences. They carry the id the API uses.</summary>
internal static class SegmentAddress
{
    public const string List = "/segments";
    public const string New = "/segments/new";

    public static string Of(long id) => $"/segments/{PublicId.Segment(id)}";

    /// <summary>The people on a list.</summary>
    public static string OfList(string listId) => $"/contacts?list_id={listId}";
}
