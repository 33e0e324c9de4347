namespace Oops.Reports.Verify;

/// <summary>What a check makes of a report. The numbers are those of the store.</summary>
internal enum CheckVerdict
{
    /// <summary>Nothing can be said: somebody did not answer in time, there is no library, nothing is reachable.</summary>
    Unknown,

    /// <summary>It resolves and validates here, and all servers answer well.</summary>
    NotConfirmed,

    /// <summary>It is broken here, too.</summary>
    Confirmed,
}

/// <summary>What the resolver made of it.</summary>
internal enum ResolverStatus
{
    /// <summary>It could not be asked, or did not answer in time.</summary>
    Unasked,

    /// <summary>Validated.</summary>
    Secure,

    /// <summary>Answered, and there is nothing to validate it with.</summary>
    Insecure,

    /// <summary>Validation failed.</summary>
    Bogus,

    /// <summary>SERVFAIL or another error, for another reason than validation.</summary>
    Failed,
}
