using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Settings;

/// <summary>What a new server starts with.</summary>
public sealed class OrganizationOptions : IValidatableObject
{
    /// <summary>The organization's IANA zone on first start; later it is changed in Settings.</summary>
    public string TimeZone { get; set; } = "UTC";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TimeZones.TryFind(TimeZone, out _))
        {
            yield return new ValidationResult($"TimeZone \"{TimeZone}\" is no IANA time zone; write it like Europe/Berlin.", [nameof(TimeZone)]);
        }
    }
}
