namespace Oops.Core;

/// <summary>When an input is taken: the boot-time clock, which decides, and the wall clock, which is only shown.</summary>
public readonly record struct Moment(At At, DateTimeOffset Wall);
