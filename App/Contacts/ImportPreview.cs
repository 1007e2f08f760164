using System.Text;
using CsvHelper;

namespace ScoreTracking.Contacts;

/// <summary>A column of a file as somebody decides what it is.</summary>
/// <param name="Samples">Its first values.</param>
/// <param name="Guess">What its name and values say: a target of <see cref="ColumnMapping"/>.</param>
internal sealed record PreviewColumn(string Name, IReadOnlyList<string> Samples, string Guess);

/// <summary>The head of a file, before anything is imported.</summary>
internal static class ImportPreview
{
    private const int Rows = 3;

    private static readonly string[] s_emails = ["email", "emailaddress", "mail", "mailaddress", "address", "emailadresse", "correo", "courriel"];
    private static readonly string[] s_customers = ["customerid", "customer", "customernumber", "externalid", "contactid", "userid", "clientid", "crmid", "id", "kundennummer"];
    private static readonly string[] s_consents = ["trackingconsent", "consent"];

    /// <exception cref="ContactCsvException">It has no readable header.</exception>
    public static IReadOnlyList<PreviewColumn> Read(Stream file)
    {
        try
        {
            using var csv = CsvReader.Create(file, ContactCsv.Options(_ => { }));
            csv.ReadHeader();
            if (csv.Headers.Count == 0)
            {
                throw new ContactCsvException("The file is empty.");
            }

            var names = csv.Headers.Select(header => header.Trim()).ToList();
            var samples = names.ConvertAll(_ => new List<string>());
            for (var row = 0; row < Rows && csv.Read(); row++)
            {
                for (var i = 0; i < names.Count; i++)
                {
                    samples[i].Add(csv.GetString(i));
                }
            }

            return Guess(names, samples);
        }
        catch (CsvFormatException exception)
        {
            throw new ContactCsvException($"The file cannot be read: {exception.Message}");
        }
    }

    // Each field once: a second column that looks like an address is an attribute.
    private static List<PreviewColumn> Guess(List<string> names, List<List<string>> samples)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var guesses = new string[names.Count];
        foreach (var (target, known) in (ReadOnlySpan<(string, string[])>)[(ColumnMapping.Email, s_emails), (ColumnMapping.CustomerId, s_customers), (ColumnMapping.Consent, s_consents)])
        {
            var best = known.Select(word => names.FindIndex(name => Letters(name) == word)).FirstOrDefault(index => index >= 0 && guesses[index] is null, -1);
            if (best < 0 && target == ColumnMapping.Email)
            {
                best = samples.FindIndex(column => column.Exists(value => Data.EmailAddress.TryParse(value.Trim(), out _)));
            }

            if (best >= 0)
            {
                guesses[best] = target;
                taken.Add(target);
            }
        }

        for (var i = 0; i < names.Count; i++)
        {
            guesses[i] ??= Attribute(names[i], i, taken);
        }

        return [.. names.Select((name, i) => new PreviewColumn(name, samples[i], guesses[i]))];
    }

    // As merge fields are written: "First name" is first_name.
    private static string Attribute(string name, int column, HashSet<string> taken)
    {
        var written = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsLetterOrDigit(character))
            {
                written.Append(char.ToLowerInvariant(character));
            }
            else if (written.Length > 0 && written[^1] != '_')
            {
                written.Append('_');
            }
        }

        var attribute = written.ToString().Trim('_');
        attribute = attribute.Length == 0 ? $"column_{column + 1}" : attribute[..Math.Min(attribute.Length, ContactRow.MaxDataName - 4)];
        for (var (i, free) = (2, attribute); ; i++)
        {
            if (taken.Add(free))
            {
                return free;
            }

            free = $"{attribute}_{i}";
        }
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
