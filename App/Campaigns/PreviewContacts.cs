using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>Somebody whose data fills the merge fields of a preview or test.</summary>
/// <param name="Values">By field.</param>
public sealed record PreviewContact(string Email, IReadOnlyDictionary<string, string> Values);

/// <summary>Finds the person a mail is looked at as.</summary>
public sealed class PreviewContacts(IDbContextFactory<ScoreDb> databases)
{
    /// <param name="who">A customer id, or an address.</param>
    /// <returns>Null where nobody is known by it.</returns>
    public async Task<PreviewContact?> FindAsync(string who, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // A customer id that looks like somebody else's address is the customer's.
        var contact = await db.Contacts.Where(c => c.DeletedAt == 0 && c.CustomerId == who).FirstOrDefaultAsync(cancellationToken)
            ?? await db.Contacts.Where(c => c.DeletedAt == 0 && c.Email == who).OrderBy(c => c.Id).FirstOrDefaultAsync(cancellationToken);
        return contact is null ? null : new PreviewContact(contact.Email, MergeField.Values(contact.Attributes, contact.Email, contact.CustomerId));
    }
}
