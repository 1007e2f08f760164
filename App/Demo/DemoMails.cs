using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Messages;

namespace ScoreTracking.Demo;

/// <summary>A few mails somebody of the demo's team wrote this week, and people who go on opening them while one looks.</summary>
internal sealed partial class DemoMails(
    MailCopies copies, IDbContextFactory<ScoreDb> databases, EventIntake intake, TimeProvider time, ILogger<DemoMails> logger) : BackgroundService
{
    private const int Seed = 20_260_902;

    /// <summary>Longest wait for the next open.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(40);

    private readonly Random _random = new(Seed);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var db = await databases.CreateDbContextAsync(stoppingToken))
        {
            if (!await db.Mails.AnyAsync(stoppingToken))
            {
                foreach (var mail in DemoLetters.All)
                {
                    await WriteAsync(db, mail, stoppingToken);
                }
            }
        }

        await KeepOpeningAsync(stoppingToken);
    }

    private async Task WriteAsync(ScoreDb db, DemoMail mail, CancellationToken cancellationToken)
    {
        var body = new MailBody
        {
            From = MailSender.Parse("Eva Lind <eva@northridge.example>"),
            To = [.. mail.To.Select(address => new MailRecipient { Email = address, TrackingConsent = "granted" })],
            Subject = mail.Subject,
            Html = mail.Html,
        };
        if (await copies.MakeAsync(body, createdBy: 0, requestKey: null, cancellationToken) is not MailOutcome.Made made)
        {
            throw new InvalidOperationException("The demo's mail was refused.");
        }

        var writtenAt = time.GetUtcNow() - mail.Ago;
        var ids = made.Copies.Select(copy => long.Parse(copy.MessageId.AsSpan("msg_".Length), CultureInfo.InvariantCulture)).ToList();
        await db.Mails.Where(m => db.Messages.Any(message => message.Id == ids[0] && message.MailId == m.Id)).ExecuteUpdateAsync(set => set.SetProperty(m => m.CreatedAt, writtenAt), cancellationToken);
        await db.Messages.Where(message => ids.Contains(message.Id)).ExecuteUpdateAsync(set => set.SetProperty(message => message.CreatedAt, writtenAt), cancellationToken);
        var happened = new List<EmailEvent>();
        for (var i = 0; i < ids.Count; i++)
        {
            var links = await db.Links.Where(link => link.MessageId == ids[i]).OrderBy(link => link.Position).Select(link => link.Id).ToListAsync(cancellationToken);
            happened.AddRange(mail.Happens[i % mail.Happens.Count].SelectMany(step => Events(ids[i], mail.To[i], writtenAt, step, links)));
        }

        await StoreAsync([.. happened.Where(reported => reported.OccurredAt < time.GetUtcNow())], cancellationToken);
    }

    private IEnumerable<EmailEvent> Events(long messageId, string email, DateTimeOffset writtenAt, DemoStep step, List<long> links)
    {
        var happened = new EmailEvent
        {
            Type = step.Type, Source = step.Type.IsHit() ? EventSource.Tracking : EventSource.Api, MessageId = messageId, OccurredAt = writtenAt + step.After, ReceivedAt = writtenAt + step.After,
            Reason = step.Reason, Bounce = step.Type == EventType.Bounced ? BounceKind.Hard : BounceKind.None,
        };
        if (!step.Type.IsHit())
        {
            yield return happened;
            yield break;
        }

        var client = DemoPeople.Client(email, new Random(email.Length));
        var hit = happened with { IpAddress = DemoPlaces.Address(email.Length % 7, _random), UserAgent = step.Type == EventType.Opened ? client.Opens : client.Clicks };
        yield return step.Type == EventType.Opened ? hit with { RefererHost = client.Webmail } : hit with { LinkId = links.Count > 0 ? links[0] : 0 };
    }

    private async Task KeepOpeningAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(s_pause * (0.3 + (0.7 * _random.NextDouble())), time, cancellationToken);
            await using var db = await databases.CreateDbContextAsync(cancellationToken);

            // Who has opened before opens again: the gray and the red stay for the viewer to compare.
            var read = await db.MessageStates.Where(state => state.CampaignId == 0 && state.OpenedAt > 0)
                .Join(db.Messages, state => state.MessageId, message => message.Id, (state, message) => new { message.Id, message.Email }).ToListAsync(cancellationToken);
            if (read.Count > 0)
            {
                var one = read[_random.Next(read.Count)];
                await StoreAsync([.. Events(one.Id, one.Email, time.GetUtcNow(), new DemoStep(EventType.Opened, TimeSpan.Zero), [])], cancellationToken);
            }
        }
    }

    private async Task StoreAsync(IReadOnlyCollection<EmailEvent> happened, CancellationToken cancellationToken)
    {
        try
        {
            await intake.StoreAsync(happened, Lane.Report, cancellationToken);
        }
        catch (EventNotStoredException exception)
        {
            LogLost(logger, exception, happened.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Events} events of the demo's mails could not be stored")]
    private static partial void LogLost(ILogger logger, Exception exception, int events);
}

/// <summary>Something that happens to a mail of the demo.</summary>
/// <param name="After">From when it was written.</param>
internal sealed record DemoStep(EventType Type, TimeSpan After, string? Reason = null);

/// <summary>A mail of the demo.</summary>
/// <param name="Ago">When it was written.</param>
/// <param name="Happens">To each recipient, in order.</param>
internal sealed record DemoMail(TimeSpan Ago, string Subject, string[] To, string Html, IReadOnlyList<DemoStep[]> Happens);
