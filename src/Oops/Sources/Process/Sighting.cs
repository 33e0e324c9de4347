using Oops.Native;

namespace Oops.Sources.Process;

/// <summary>What a look at the process table gave.</summary>
internal abstract record Sighting;

/// <summary>It runs, and is held. Whoever gets it disposes of it.</summary>
internal sealed record Seen(Pidfd Process) : Sighting;

/// <summary>The whole table was read, and it is not there: a fact.</summary>
/// <param name="Why">For the operator.</param>
/// <param name="Left">A pidfile of this boot is left behind.</param>
internal sealed record NoProcess(string Why, bool Left) : Sighting;

/// <summary>Which process it is, or whether there is one, cannot be told: no coverage.</summary>
/// <param name="Why">For the operator.</param>
/// <param name="Running">Something runs that may well be the server.</param>
internal sealed record Unclear(string Why, bool Running) : Sighting;
