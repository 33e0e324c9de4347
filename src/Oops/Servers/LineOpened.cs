namespace Oops.Servers;

/// <summary>A connection to a control socket, or why there is none.</summary>
/// <param name="Control">The connection.</param>
/// <param name="Why">One line, when there is none.</param>
/// <param name="Nobody">Nobody listens there: a fact that the kernel states, not a silence.</param>
internal readonly record struct LineOpened(LineControl? Control, string Why, bool Nobody = false);
