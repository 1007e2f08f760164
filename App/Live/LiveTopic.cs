namespace ScoreTracking.Live;

/// <summary>Something a page can watch. Carries no data: whoever is woken reads again.</summary>
public readonly record struct LiveTopic
{
    private enum Subject : byte { Campaigns, Campaign, Message, Contact, Contacts, Job, Suppressions, Settings, Connections, Connection, Export, Scores, Mails, Notifications, Hooks, Hook, SendingDomains, Segments, Journeys, Journey }

    private LiveTopic(Subject subject, long id = 0) => (About, Id) = (subject, id);

    private Subject About { get; }
    private long Id { get; }

    /// <summary>The list of campaigns: one was added, changed, or any of their counters moved.</summary>
    public static LiveTopic Campaigns => new(Subject.Campaigns);

    /// <summary>One campaign: its state, recipients or counters.</summary>
    public static LiveTopic Campaign(long id) => new(Subject.Campaign, id);

    /// <summary>The list of single mails: one was written, or something happened to any of their messages.</summary>
    public static LiveTopic Mails => new(Subject.Mails);

    public static LiveTopic Message(long id) => new(Subject.Message, id);

    public static LiveTopic Contact(long id) => new(Subject.Contact, id);

    /// <summary>The contact this topic is about.</summary>
    internal bool TryContact(out long id)
    {
        id = Id;
        return About == Subject.Contact;
    }

    public static LiveTopic Contacts => new(Subject.Contacts);

    /// <summary>An import or export: its progress and end.</summary>
    public static LiveTopic Job(long id) => new(Subject.Job, id);

    public static LiveTopic Suppressions => new(Subject.Suppressions);

    /// <summary>The organization's name and time zone.</summary>
    public static LiveTopic Settings => new(Subject.Settings);

    /// <summary>The list of ESP connections.</summary>
    public static LiveTopic Connections => new(Subject.Connections);

    /// <summary>One connection: its settings, or something it sent.</summary>
    public static LiveTopic Connection(long id) => new(Subject.Connection, id);

    /// <summary>How far one download is, by the number its page was given.</summary>
    public static LiveTopic Export(long number) => new(Subject.Export, number);

    /// <summary>What one person is told of: something came, or was read.</summary>
    public static LiveTopic Notifications(long userId) => new(Subject.Notifications, userId);

    /// <summary>The list of outbound webhooks.</summary>
    public static LiveTopic Hooks => new(Subject.Hooks);

    /// <summary>One outbound webhook: its settings, or a delivery.</summary>
    public static LiveTopic Hook(long id) => new(Subject.Hook, id);

    /// <summary>The domains mail is sent from: their keys, and what DNS says of them.</summary>
    public static LiveTopic SendingDomains => new(Subject.SendingDomains);

    /// <summary>Segments and lists: one was made, changed or removed, or a list's people.</summary>
    public static LiveTopic Segments => new(Subject.Segments);

    /// <summary>The list of journeys: one was made or changed.</summary>
    public static LiveTopic Journeys => new(Subject.Journeys);

    /// <summary>One journey: its state, its steps, or people moved on it.</summary>
    public static LiveTopic Journey(long id) => new(Subject.Journey, id);

    /// <summary>How contacts are scored, and how far scoring them anew is.</summary>
    public static LiveTopic Scores => new(Subject.Scores);

    public override string ToString() => Id == 0 ? About.ToString() : $"{About} {Id}";
}
