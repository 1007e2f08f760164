namespace ScoreTracking.Data;

/// <summary>How a message's status is spelled and coloured.</summary>
public static class MessageStatuses
{
    public static string Name(this MessageStatus status) => status switch
    {
        MessageStatus.Pending => "pending",
        MessageStatus.Processed => "processed",
        MessageStatus.Sent => "sent",
        MessageStatus.Deferred => "deferred",
        MessageStatus.Delivered => "delivered",
        MessageStatus.Dropped => "dropped",
        MessageStatus.Bounced => "bounced",
        MessageStatus.Opened => "opened",
        MessageStatus.Clicked => "clicked",
        MessageStatus.Unsubscribed => "unsubscribed",
        MessageStatus.Complained => "complained",
    };

    /// <summary>A message at a glance: red did not arrive, blue was clicked, green was opened, gray is everything else.</summary>
    public static string Indicator(MessageStatus status, bool opened, bool clicked) => status switch
    {
        MessageStatus.Bounced or MessageStatus.Dropped => "red",
        _ => clicked ? "blue" : opened ? "green" : "gray",
    };
}
