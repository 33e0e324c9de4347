namespace Oops.Lab.Matrix;

/// <summary>When something was believed, and by whom.</summary>
/// <param name="Ms">Milliseconds after the moment that the row names; less than zero is before.</param>
/// <param name="By">The channel whose word it was.</param>
internal sealed record Seen(double Ms, string By);

/// <summary>One turn: it was met, and no longer met.</summary>
/// <param name="Met">That it was.</param>
/// <param name="Ended">That it no longer was; null of a level.</param>
/// <param name="BeforeLastAnswer">Of a stop: whether it was believed before the server's last answer.</param>
internal sealed record Turn(Seen Met, Seen? Ended, bool? BeforeLastAnswer = null);
