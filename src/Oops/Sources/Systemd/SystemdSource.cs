using System.Collections.Immutable;
using Oops.Core;
using Oops.DBus;
using Oops.Engine;

namespace Oops.Sources.Systemd;

/// <summary>Learns from systemd that the unit of a server is being stopped, before its process is gone. README.md says what begins and ends the claim.</summary>
internal sealed class SystemdSource(SystemdOptions options) : ISource
{
    public string Name => options.Channel;

    /// <summary>A witness: it can be asked for the level, and is.</summary>
    public ImmutableArray<ChannelSpec> Covers => [new(Name, options.Server, Standing.Witness, [Measure.Stopping], Validity.Of(options.Interval))];

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        var words = new UnitWords(options, engine);
        var session = new SystemdSession(options, engine, words);
        return DBusSessions.RunAsync(new DBusOptions { Address = options.Bus, Timeout = options.Timeout }, engine.Time, session.RunAsync, session.Ended, stop);
    }
}
