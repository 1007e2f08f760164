using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>Says of erased people who came back that they get no mail: no list has their address, only its hash tells.</summary>
internal static class ContactSuppressions
{
    public static async Task<IReadOnlyList<ContactAnswer>> AddErasedAsync(
        SuppressionCheck suppressions, IReadOnlyList<ContactAnswer> contacts, CancellationToken cancellationToken)
    {
        var unlisted = contacts.Where(contact => contact.Suppression is null).Select(contact => contact.Email).ToList();
        if (unlisted.Count == 0)
        {
            return contacts;
        }

        var reasons = await suppressions.ReasonsAsync(unlisted, cancellationToken);
        return reasons.Count == 0
            ? contacts
            : [.. contacts.Select(contact => contact.Suppression is null && reasons.TryGetValue(contact.Email, out var reason)
                ? contact with { Suppression = new ContactSuppression(reason, "", "", null) }
                : contact)];
    }
}
