namespace ScoreTracking.Events;

/// <summary>Where a hit came from, as far as the address told; "" for what is not known.</summary>
/// <param name="Id">As stored; 0 when nothing is known.</param>
/// <param name="Country">ISO 3166 alpha-2.</param>
public sealed record Place(long Id, string Country, string Region, string City)
{
    public static readonly Place Unknown = new(0, "", "", "");
}
