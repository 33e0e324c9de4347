using System.Collections.Immutable;
using Oops.Core;

namespace Oops.Engine;

/// <summary>How we learn. It reports what it measured, on channels; its runner restarts it with jittered backoff after its claims were ended.</summary>
internal interface ISource
{
    /// <summary>`knot/ns1`: the config word and the server or listener.</summary>
    string Name { get; }

    /// <summary>Its channels and what each covers; fixed for its life.</summary>
    ImmutableArray<ChannelSpec> Covers { get; }

    /// <summary>What it counts, for `/metrics` and `status`; asked for by any thread, at any time.</summary>
    IReadOnlyList<SourceCount> Counted => [];

    /// <summary>Runs until <paramref name="stop"/>. A peer that vanishes is a <see cref="ChannelLost"/>; only a bug throws. It waits and reconnects inside, by events and bounded timers.</summary>
    Task RunAsync(IEngine engine, CancellationToken stop);
}
