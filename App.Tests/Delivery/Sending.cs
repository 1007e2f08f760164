using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Campaigns handed to a server of the test's, through production code.</summary>
internal sealed class Sending : IAsyncDisposable, ISendingConnections, IMailSource
{
    public const long Connection = 1;

    private readonly TestApp _app;
    private readonly Dispatcher _dispatcher;
    private readonly int _port;

    private Sending(TestApp app, int port)
    {
        (_app, _port) = (app, port);
        _dispatcher = ActivatorUtilities.CreateInstance<Dispatcher>(app.Services, (ISendingConnections)this, (IEnumerable<IMailSource>)[this]);
    }

    public Dispatcher Dispatcher => _dispatcher;

    public int Lanes { get; set; } = 2;

    public double PerSecond { get; set; }

    public bool WritesCampaigns => true;

    /// <summary>Starts handing off what waits to a server on this machine.</summary>
    public static async Task<Sending> StartAsync(TestApp app, int port, int lanes = 2, double perSecond = 0)
    {
        var sending = new Sending(app, port) { Lanes = lanes, PerSecond = perSecond };
        await sending._dispatcher.StartAsync(CancellationToken.None);
        return sending;
    }

    public ValueTask<IReadOnlyList<LineSettings>> EnabledAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<LineSettings>>([new LineSettings(Connection, Lanes, PerSecond, $"{Lanes} {PerSecond}", () => new SessionTransport(_port, _app.Clock))]);

    public async ValueTask<IReadOnlyList<ComposedMail>> ComposeAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken)
    {
        await using var db = _app.Database();
        var written = new List<ComposedMail>();
        foreach (var mail in mails)
        {
            var message = await db.Messages.SingleAsync(m => m.Id == mail.MessageId, cancellationToken);
            written.Add(new ComposedMail(mail.MessageId, message.Email, "bounce@example.com", new OutgoingMail
            {
                From = new Mailbox("news@example.com", "Example"),
                To = [new Mailbox(message.Email, "")],
                Subject = "Hello",
                Text = "Hello",
                Date = _app.Clock.GetUtcNow(),
                MessageId = $"msg_{mail.MessageId}@example.com",
                OurMessageId = $"msg_{mail.MessageId}",
            }));
        }

        return written;
    }

    public async ValueTask DisposeAsync() => await _dispatcher.StopAsync(CancellationToken.None);

    private sealed class SessionTransport(int port, TimeProvider time) : ITransport
    {
        private readonly SmtpSession _session = new(new SmtpServer { Host = "127.0.0.1", Port = port, Security = SmtpSecurity.None, Timeouts = new SmtpTimeouts { Accept = TimeSpan.FromSeconds(2) } }, time);

        public int MaxBatch => 1;

        public async Task<IReadOnlyList<HandOff>> SendAsync(IReadOnlyList<Letter> letters, Func<CancellationToken, ValueTask>? beforeContent, CancellationToken cancellationToken)
        {
            var outcome = (await _session.SendAsync(new SmtpEnvelope(letters[0].EnvelopeFrom, [letters[0].Recipient]), letters[0].Mime, beforeContent, cancellationToken))[0];
            return [new HandOff(outcome.Verdict, outcome.Code, outcome.EnhancedStatus, outcome.Text)];
        }

        public ValueTask DisposeAsync() => _session.DisposeAsync();
    }
}

internal static class SendingGiven
{
    /// <summary>A running campaign of so many messages, all of them queued.</summary>
    public static async Task<(long CampaignId, IReadOnlyList<long> Messages)> GivenQueuedAsync(this TestApp app, int messages, long connectionId = Sending.Connection, string status = CampaignStatus.Running)
    {
        var campaignId = await app.GivenCampaignAsync();
        var ids = new List<long>();
        for (var i = 0; i < messages; i++)
        {
            ids.Add(await app.GivenMessageAsync(campaignId));
        }

        await app.EnqueueAsync(campaignId, ids, connectionId);
        await using var db = app.Database();
        await db.Campaigns.Where(campaign => campaign.Id == campaignId).ExecuteUpdateAsync(set => set
            .SetProperty(campaign => campaign.Delivery, "smtp").SetProperty(campaign => campaign.ConnectionId, connectionId).SetProperty(campaign => campaign.Status, status));
        return (campaignId, ids);
    }

    public static async Task EnqueueAsync(this TestApp app, long campaignId, IEnumerable<long> messages, long connectionId = Sending.Connection)
    {
        await using (var connection = app.Services.GetRequiredService<SqliteFile>().Open())
        {
            await using var transaction = (Microsoft.Data.Sqlite.SqliteTransaction)await connection.BeginTransactionAsync();
            SendQueue.Enqueue(connection, transaction, campaignId, connectionId, app.Clock.GetUtcNow(), messages);
            await transaction.CommitAsync();
        }

        app.Services.GetRequiredService<SendQueue>().Wake();
    }

    public static async Task<string> CampaignStatusAsync(this TestApp app, long campaignId)
    {
        await using var db = app.Database();
        return await db.Campaigns.Where(campaign => campaign.Id == campaignId).Select(campaign => campaign.Status).SingleAsync();
    }

    public static async Task<ScoreTracking.Data.Delivery?> DeliveryAsync(this TestApp app, long messageId)
    {
        await using var db = app.Database();
        return await db.Deliveries.SingleOrDefaultAsync(delivery => delivery.MessageId == messageId);
    }
}
