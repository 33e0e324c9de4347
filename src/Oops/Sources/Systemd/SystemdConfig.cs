using System.ComponentModel;
using Oops.Config;
using Oops.DBus;
using Oops.Engine;

namespace Oops.Sources.Systemd;

/// <summary>The unit of one server.</summary>
internal sealed record SystemdConfig : ISourceConfig, IValidate
{
    [Description("The server, by its name under servers.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The service that runs it, by its own name: of an alias (bind9.service) the name that it leads to. Default: by the server's kind knot.service, nsd.service, named.service, unbound.service, pdns.service, pdns-recursor.service, dnsdist.service, kresd@1.service; kind other has none.")]
    public string? Unit { get; set; }

    [Description("D-Bus address of the bus that systemd is on: unix:path=... or unix:abstract=...")]
    public string Bus { get; set; } = DBusAddress.SystemBus;

    [Description("Time between two complete reads of the unit; changes are told at once. What was read is believed for three times as long.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long the bus or systemd may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    public ISource Create(OopsConfig config) =>
        new SystemdSource(new SystemdOptions(Server, Unit ?? UnitNames.Usual(config.Servers[Server].Kind)!, Bus, Interval, Timeout));

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (Unit is null && UnitNames.Usual(config.Servers[Server].Kind) is null)
            errors.Add(path, $"the kind of '{Server}' has no usual unit; add unit: NAME.service");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Unit is not null && !UnitNames.IsService(Unit))
            errors.Add($"{path}.unit", $"{ConfigErrors.Show(Unit)} is not the whole name of a service; write knot.service or kresd@1.service");
        if (DBusAddress.Parse(Bus, out var why).Count == 0)
            errors.Add($"{path}.bus", $"{ConfigErrors.Show(Bus)} is not a D-Bus address of a Unix socket: {why}; write {DBusAddress.SystemBus}");
    }
}
