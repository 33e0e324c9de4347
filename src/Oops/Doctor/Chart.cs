using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Oops.Doctor.Reading;

namespace Oops.Doctor;

/// <summary>What an exam writes down of one server or router.</summary>
internal sealed class Chart(Found found, Surroundings around)
{
    /// <summary>A machine that hosts hundreds of addresses does not want all of them asked each second.</summary>
    const int MostAsked = 8;

    static readonly HashSet<string> Sources = [.. Shape.Keys(ConfigJson.Default.SourcesConfig).Select(k => k.Name)];

    readonly List<Finding> findings = [];
    readonly List<Hearing> hearings = [];

    public Found Found => found;

    public Surroundings Around => around;

    public Statement Root => found.Root!;

    public IReadOnlyList<Finding> Findings => findings;

    public IReadOnlyList<Hearing> Hearings => hearings;

    /// <summary>Its pidfile, if it is there.</summary>
    public string? Pidfile { get; private set; }

    /// <summary>Its control socket (a Unix socket), by its configuration.</summary>
    public SocketLook? Control { get; private set; }

    /// <summary>How many zones its files configure; null: not seen, or not in files.</summary>
    public int? Zones { get; set; }

    /// <summary>Where its HTTP API or statistics are, as our config writes it.</summary>
    public string? Api { get; set; }

    /// <summary>Where it says that it listens, if its sockets were not seen.</summary>
    public List<IPEndPoint> Configured { get; } = [];

    public IReadOnlyList<IPEndPoint> Listens => found.Listens ?? [.. Configured];

    /// <summary>The addresses to ask it at: those on lo that it answers at, else its own.</summary>
    public List<IPEndPoint> Asked()
    {
        var anycast = around.Anycast.Where(ListensOn).Select(a => new IPEndPoint(a, 53)).ToList();
        if (anycast.Count > 0) return anycast;
        return [.. Listens.Select(l => Addresses.IsAny(l.Address) ? new IPEndPoint(l.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, l.Port) : l).Distinct().Take(MostAsked)];
    }

    /// <summary>It answers at port 53 of an address.</summary>
    public bool ListensOn(IPAddress address) => Listens.Any(l => l.Port == 53 && (l.Address.Equals(address) || l.Address.Equals(IPAddress.IPv6Any) || (l.Address.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork)));

    /// <summary>This version of oops has that source.</summary>
    public static bool Knows(string source) => Sources.Contains(source);

    public void Hear(string source, HearingState state, string tells) => hearings.Add(new Hearing(source, state, Knows(source), tells));

    /// <summary>On or off by the configuration, unseen where that could not be read.</summary>
    public HearingState State(bool on) => on ? HearingState.On : found.Complete ? HearingState.Off : HearingState.Unseen;

    public void Say(Grade grade, string id, string text, string see, params ReadOnlySpan<Remedy?> remedies) =>
        findings.Add(new Finding(grade, id, found.Subject, text, see, [.. remedies.ToArray().OfType<Remedy>()]));

    /// <summary>The same, where something is absent: only if all of the configuration was read.</summary>
    public void SayOff(Grade grade, string id, string text, string see, params ReadOnlySpan<Remedy?> remedies)
    {
        if (found.Complete) Say(grade, id, text, see, remedies);
    }

    /// <summary>Lines for the server's own configuration.</summary>
    public Remedy InConfig(params ReadOnlySpan<string> lines) => new(found.ConfigPath, [.. lines]);

    /// <summary>Lines for ours; null where this version has no such source.</summary>
    public Remedy? InOops(string source, string item) => Knows(source) ? new Remedy(around.OwnPath, ["sources:", $"    {source}: [ {{ {item} }} ]"]) : null;

    /// <summary>Its name under `servers:`.</summary>
    public string Server => found.Subject[(found.Subject.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public void SetPidfile(string? path)
    {
        if (path is { Length: > 0 } && Path.IsPathRooted(path) && around.Exists(path) == true) Pidfile = path;
    }

    /// <summary>The control socket, and who may use it.</summary>
    public void SetControl(string path, string id, string see)
    {
        if (!Path.IsPathRooted(path)) return;
        var look = around.Socket(path);
        Control = look;
        if (look.Everybody)
            Say(Grade.Unsafe, $"{id}-control-open", $"everybody on this machine may use {path}, and with it stop or change {found.Software.Title}", see, Remedy.CloseToOthers(path));
        if (look.Oops == Access.Denied)
            Say(Grade.Advice, $"{id}-control-closed", $"the user oops may not use {path}{(look.Group is { } group ? $" (group {group})" : "")}", "packaging/README.md",
                look.Group is { } name ? new Remedy("systemctl edit oops", ["[Service]", $"SupplementaryGroups={name}"]) : null);
    }
}
