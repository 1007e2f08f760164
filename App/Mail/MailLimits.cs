namespace ScoreTracking.Mail;

/// <summary>How much of a mail is looked at. Whoever sends it chooses it, so everything that could grow has an end.</summary>
public static class MailLimits
{
    /// <summary>Bytes of one mail; what is behind them is not read.</summary>
    public const int MailBytes = 30 * 1024 * 1024;

    /// <summary>Multiparts within multiparts; deeper ones stay undivided.</summary>
    public const int Depth = 10;

    /// <summary>Parts of one mail; those behind are not read, and multiparts that find none left stay undivided.</summary>
    public const int Parts = 200;

    /// <summary>Bytes of field values kept from one header.</summary>
    public const int HeaderBytes = 1024 * 1024;

    /// <summary>Fields kept from one header.</summary>
    public const int HeaderFields = 2_000;

    /// <summary>Bytes of one field.</summary>
    public const int FieldBytes = 64 * 1024;

    /// <summary>Characters of text searched or handed out.</summary>
    public const int Text = 64 * 1024;

    /// <summary>Bytes of a delivery or feedback report's fields.</summary>
    public const int ReportBytes = 1024 * 1024;

    /// <summary>Recipients of one report.</summary>
    public const int Recipients = 1_000;

    /// <summary>Characters of a subject, a name or a diagnosis.</summary>
    public const int Line = 1_000;

    /// <summary>Characters of an address or a message id, with room for those that are longer than any RFC allows.</summary>
    public const int AddressText = 500;
}
