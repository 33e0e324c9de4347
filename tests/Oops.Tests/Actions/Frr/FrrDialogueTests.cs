using System.Net;
using Oops.Actions.Frr;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Frr;

/// <summary>What bgpd is told.</summary>
public sealed class FrrDialogueTests
{
    static PrefixChange Change(string prefix, Look? look) => new(IPNetwork.Parse(prefix), look);

    static List<string> Commands(uint? asn, params PrefixChange[] changes) => [.. FrrDialogue.Commands(changes, asn, 64501).Select(c => c.Text)];

    [Fact]
    public void Changes_of_both_families_are_one_dialogue_with_withdraws_first_and_each_map_once() =>
        Assert.Equal(
        [
            "configure terminal",
            "router bgp 64501", "address-family ipv4 unicast", "no network 192.0.2.1/32", "exit-address-family", "address-family ipv6 unicast", "no network 2001:db8:1::/48", "exit-address-family", "exit",
            "route-map OOPS-PLAIN permit 10", "set metric 0", "exit",
            "route-map OOPS-PREPEND-64501-2 permit 10", "set metric 0", "set as-path prepend 64501 64501", "exit",
            "router bgp 64501",
            "address-family ipv4 unicast", "network 192.0.2.2/32 route-map OOPS-PLAIN", "network 192.0.2.3/32 route-map OOPS-PREPEND-64501-2", "exit-address-family",
            "address-family ipv6 unicast", "network 2001:db8:2::/48 route-map OOPS-PLAIN", "exit-address-family", "exit",
            "end",
        ],
        Commands(64501, Change("192.0.2.2/32", default(Look)), Change("192.0.2.1/32", null), Change("2001:db8:2::/48", default(Look)), Change("2001:db8:1::/48", null), Change("192.0.2.3/32", new(Prepend: 2))));

    [Fact]
    public void Without_a_number_the_only_instance_is_meant_and_none_is_made() => Assert.Contains("router bgp", Commands(null, Change("192.0.2.1/32", null)));

    [Fact]
    public void It_is_never_told_to_write() =>
        Assert.DoesNotContain(Commands(64501, Change("192.0.2.1/32", null), Change("192.0.2.2/32", Look.Draining)), c => c.Contains("write", StringComparison.Ordinal) || c.Contains("neighbor", StringComparison.Ordinal) || c.Contains("clear", StringComparison.Ordinal));

    [Fact]
    public void Only_a_refusal_about_a_prefix_does_not_end_it()
    {
        var commands = FrrDialogue.Commands([Change("192.0.2.1/32", null), Change("192.0.2.2/32", default(Look))], 64501, null).ToList();
        Assert.Equal("no network 192.0.2.1/32", Assert.Single(commands, c => c.Weight == FrrWeight.Withdraw).Text);
        Assert.Equal("network 192.0.2.2/32 route-map OOPS-PLAIN", Assert.Single(commands, c => c.Weight == FrrWeight.Prefix).Text);
    }

    public static TheoryData<string, string[]> Maps => new()
    {
        { "plain", ["OOPS-PLAIN", "set metric 0"] },
        { "prepend", ["OOPS-PREPEND-4200000001-3", "set metric 0", "set as-path prepend 4200000001 4200000001 4200000001"] },
        { "med", ["OOPS-MED-50", "set metric 50"] },
        { "community", ["OOPS-COMMUNITY-64500:90", "set metric 0", "set community 64500:90 additive"] },
        { "large", ["OOPS-LARGE-64500:1:2", "set metric 0", "set large-community 64500:1:2 additive"] },
        { "degraded-drain", ["OOPS-PREPEND-4200000001-2-MED-7-COMMUNITY-64500:90-DRAIN", "set metric 7", "set as-path prepend 4200000001 4200000001", "set community 64500:90 65535:0 additive", "set local-preference 0"] },
        { "drain", ["OOPS-DRAIN", "set metric 0", "set community 65535:0 additive", "set local-preference 0"] },
    };

    [Theory]
    [MemberData(nameof(Maps))]
    public void The_name_of_a_map_says_all_that_is_in_it(string kind, string[] expected)
    {
        var look = kind switch
        {
            "prepend" => new Look(Prepend: 3),
            "med" => new Look(Med: 50),
            "community" => new Look(Community: (64500, 90)),
            "large" => new Look(Large: (64500, 1, 2)),
            "degraded-drain" => new Look(Prepend: 2, Med: 7, Community: (64500, 90), IsDraining: true),
            "drain" => Look.Draining,
            _ => default,
        };
        var map = FrrRouteMap.Of(look, 4200000001);
        Assert.Equal(expected, map.Sets.Prepend(map.Name));
    }
}
