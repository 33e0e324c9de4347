namespace Oops.Config;

/// <summary>From which severity on a delegation-mismatch is met: those of <see cref="Keys.Severity"/> that count, with their numbers.</summary>
internal enum MismatchSeverity
{
    ChangeWanted = Keys.Severity.ChangeWanted,
    Unsigned = Keys.Severity.Unsigned,
    MayFail = Keys.Severity.MayFail,
    Fails = Keys.Severity.Fails,
}
