using System.ComponentModel;
using Oops.Config;
using Oops.DBus;
using Oops.Engine;

namespace Oops.Sources.Knot;

/// <summary>One Knot DNS server on this host.</summary>
internal sealed record KnotConfig : ISourceConfig, IValidate
{
    /// <summary>Where knotd has its control socket unless `control.listen` says otherwise.</summary>
    internal const string DefaultControl = "/run/knot/knot.sock";

    const string NoBus = "none";

    [Description("The server, by its name under servers. Its control is the path of knotd's control socket; absent, /run/knot/knot.sock. 'zones: {own: ...}' there takes the list of this socket as the expected zones.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("D-Bus address of the bus that knotd sends its signals to: unix:path=... or unix:abstract=..., or none for the control socket alone.")]
    public string Bus { get; set; } = DBusAddress.SystemBus;

    [Description("Time between two complete reads of the control socket. What was read is believed for three times as long. Where a read takes longer than a twentieth of it, up to twice as much.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long knotd or the bus may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<string> ListsZonesOf => [Server];

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        return new KnotSource(new KnotOptions(Server, server.Control ?? DefaultControl, BusOf(Bus), server.Zones?.Own is not null, Interval, Timeout) { KeysWatched = IsWatched(config) });
    }

    public string DependsOn(OopsConfig config) => IsWatched(config) ? "keys are watched" : "";

    public void Validate(ConfigErrors errors, string path)
    {
        CheckBus(Bus, errors, path);
    }

    /// <summary>The address of a bus as a config writes it; null: none.</summary>
    internal static string? BusOf(string bus) => bus == NoBus ? null : bus;

    internal static void CheckBus(string bus, ConfigErrors errors, string path)
    {
        if (BusOf(bus) is not null && DBusAddress.Parse(bus, out var why).Count == 0)
            errors.Add($"{path}.bus", $"{ConfigErrors.Show(bus)} is not a D-Bus address of a Unix socket: {why}; write {DBusAddress.SystemBus} or {NoBus}");
    }

    bool IsWatched(OopsConfig config) => config.Sources.Keys.Any(k => k.Server == Server);
}
