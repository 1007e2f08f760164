namespace ScoreTracking.Contacts;

public static class ContactsSetup
{
    public static void AddContacts(this IServiceCollection services) => services.AddSingleton<ContactEdits>();
}
