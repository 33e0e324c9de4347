using System.ComponentModel;
using System.Net.Sockets;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Speaker;

/// <summary>Our own BGP speaker.</summary>
internal sealed record SpeakerConfig : IActionConfig, IValidate
{
    [Description("What routes call it in `via`.")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Our AS number.")]
    [Bounds("1", "4294967295")]
    public required long Asn { get; set; }

    [Description("The BGP identifier: an IPv4 address of this host, that no other speaker has.")]
    public required Endpoint RouterId { get; set; }

    [Description("The routers that get the routes.")]
    [NotEmpty]
    public required IReadOnlyList<SpeakerPeerConfig> Peers { get; set; }

    [Description("Addresses where peers may connect to us, with a port if it is not 179 (which takes CAP_NET_BIND_SERVICE). Empty: only we connect. Nobody but the peers is answered.")]
    public IReadOnlyList<Endpoint> Listen { get; set; } = [];

    [Description("How often it is said again how the routes stand when nothing happens. Changes are said at once.")]
    [Bounds("1s", "10m")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(10);

    bool IActionConfig.CarriesRoutes => true;

    public IAction Create(OopsConfig config) => new SpeakerAction(this, RouterRoute.Via(Name, config), BootTime.Instance);

    public void Validate(ConfigErrors errors, string path)
    {
        if (RouterId.Address.AddressFamily != AddressFamily.InterNetwork || RouterId.Port is not null || RouterId.Address.Equals(System.Net.IPAddress.Any))
            errors.Add($"{path}.router-id", $"{RouterId} is not an IPv4 address; write one of this host, without a port");
        for (var i = 0; i < Peers.Count; i++)
        {
            Peers[i].Check(errors, $"{path}.peers[{i}]");
            if (Peers.Take(i).Any(p => p.Address.Address.Equals(Peers[i].Address.Address)))
                errors.Add($"{path}.peers[{i}].address", $"{Peers[i].Address.Address} is listed twice; remove one");
            if (Peers[i].Passive && !Listen.Any(l => l.Address.AddressFamily == Peers[i].Address.Address.AddressFamily))
                errors.Add($"{path}.peers[{i}].passive", "we do not connect to it, and it cannot connect to us; write where: listen: [ADDRESS]");
        }
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        foreach (var (name, route) in config.Routes.Where(r => r.Value.Via == Name && errors.Unbound.IsWhole($"routes.{r.Key}")))
        {
            if (route.LastResort)
                errors.Add($"routes.{name}.via", $"'{Name}' is a speaker, whose routes die with oops, and a last resort must not: send it via a router of its own, such as bird");
            if (route.OnExit == OnExit.Hold && errors.IsWritten($"routes.{name}.on-exit"))
                errors.Warn($"routes.{name}.on-exit", $"'{Name}' is a speaker, whose routes die with oops: nothing holds them");
            foreach (var family in route.Prefixes.GroupBy(p => p.BaseAddress.AddressFamily))
            {
                if (!Peers.Any(p => p.MayCarry(family.Key)))
                    errors.Add($"routes.{name}.prefixes", $"no peer of '{Name}' can have {family.First()}: there is no {(family.Key == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} next hop; write {(family.Key == AddressFamily.InterNetwork ? "next-hop4" : "next-hop6")} at a peer");
                else if (family.Key == AddressFamily.InterNetwork && Peers.All(p => p.NextHop4 is null && p.Address.Address.AddressFamily == AddressFamily.InterNetworkV6))
                    errors.Warn($"routes.{name}.prefixes", $"all sessions of '{Name}' are of IPv6, and no peer has a next-hop4: {family.First()} is announced only to a peer that takes an IPv6 next hop for it (RFC 8950), which only its session shows; else write next-hop4 at it");
            }
        }
    }
}

/// <summary>A router that gets the routes.</summary>
internal sealed record SpeakerPeerConfig
{
    [Description("Its address, with a port if it is not 179.")]
    public required Endpoint Address { get; set; }

    [Description("Its AS number; ours: an internal peer.")]
    [Bounds("1", "4294967295")]
    public required long Asn { get; set; }

    [Description("The address that we connect from. Absent: the kernel's choice.")]
    public Endpoint? LocalAddress { get; set; }

    [Description("true: it connects to us, we never to it.")]
    public bool Passive { get; set; }

    [Description("Absolute path of a file with the password of TCP MD5 signatures (RFC 2385), at most 80 characters, that others may not read.")]
    [Path]
    public string? PasswordFile { get; set; }

    [Description("Generalized TTL security (RFC 5082): packets of the peer count only if they came over at most so many hops; 1 on one link. Absent: not checked.")]
    [Bounds("1", "254")]
    public int? TtlSecurity { get; set; }

    [Description("After so long without a word the peer is gone; the smaller of this and its own counts.")]
    [Bounds("3s", "18h")]
    public TimeSpan HoldTime { get; set; } = TimeSpan.FromSeconds(30);

    [Description("The next hop of IPv4 prefixes. Absent: our address on the session if that is IPv4, or if the peer takes IPv6 ones for them (RFC 8950).")]
    public Endpoint? NextHop4 { get; set; }

    [Description("The next hop of IPv6 prefixes. Absent: our address on the session if that is IPv6.")]
    public Endpoint? NextHop6 { get; set; }

    internal bool MayCarry(AddressFamily family) => family == AddressFamily.InterNetwork || NextHop6 is not null || (Address.Address.AddressFamily == AddressFamily.InterNetworkV6 && !Address.Address.IsIPv6LinkLocal);

    internal void Check(ConfigErrors errors, string path)
    {
        // With a port it is no address.
        NextHop.Check(NextHop4?.ToString(), AddressFamily.InterNetwork, errors, $"{path}.next-hop4");
        NextHop.Check(NextHop6?.ToString(), AddressFamily.InterNetworkV6, errors, $"{path}.next-hop6");
        NextHop.Check(LocalAddress?.ToString(), Address.Address.AddressFamily, errors, $"{path}.local-address");
        if (HoldTime.TotalSeconds % 1 != 0)
            errors.Add($"{path}.hold-time", "is not whole seconds");
    }
}
