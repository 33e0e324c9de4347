using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Bird;

public sealed class BirdIncludeTests
{
    static RouteWanted Route(string name, RouteForm form, params string[] prefixes) =>
        new(name, [.. prefixes.Select(IPNetwork.Parse)], form, new Degradation(Prepend: 2));

    static string Say(ImmutableArray<RouteWanted> routes) =>
        string.Join(" | ", routes.OrderBy(r => r.Route, StringComparer.Ordinal).Select(r => $"{r.Route} {r.Form} {string.Join(' ', r.Prefixes)}"));

    [Fact]
    public void The_text_is_one_group_of_protocols_per_route_with_rising_preference()
    {
        string text = BirdInclude.Render("edge", [Route("any-cast", RouteForm.Degraded, "192.0.2.0/24", "2001:db8:53::/48")], 64501);
        string body = text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        Assert.StartsWith($"# Written by oops, action `edge`. It is replaced at each change: edits are lost.\ndefine oops_text_edge = {BirdInclude.ConstantOf(text)};\n\n", text, StringComparison.Ordinal);
        Assert.Equal("""
            # route any-cast degraded prepend=2 192.0.2.0/24 2001:db8:53::/48
            protocol static oops_any_cast_draining4 {
                disabled;
                ipv4 { preference 220; };
                route 192.0.2.0/24 blackhole { bgp_community.add((65535,0)); bgp_local_pref = 0; };
            }
            protocol static oops_any_cast_draining6 {
                disabled;
                ipv6 { preference 220; };
                route 2001:db8:53::/48 blackhole { bgp_community.add((65535,0)); bgp_local_pref = 0; };
            }
            protocol static oops_any_cast_degraded4 {
                ipv4 { preference 210; };
                route 192.0.2.0/24 blackhole { bgp_path.prepend(64501); bgp_path.prepend(64501); };
            }
            protocol static oops_any_cast_degraded6 {
                ipv6 { preference 210; };
                route 2001:db8:53::/48 blackhole { bgp_path.prepend(64501); bgp_path.prepend(64501); };
            }
            protocol static oops_any_cast_plain4 {
                ipv4 { preference 200; };
                route 192.0.2.0/24 blackhole;
            }
            protocol static oops_any_cast_plain6 {
                ipv6 { preference 200; };
                route 2001:db8:53::/48 blackhole;
            }

            """, body);
    }

    [Theory]
    [InlineData(RouteForm.Withdrawn, "")]
    [InlineData(RouteForm.Plain, "plain")]
    [InlineData(RouteForm.Degraded, "degraded plain")]
    [InlineData(RouteForm.Draining, "draining plain")]
    public void What_is_up_is_what_the_form_needs_and_plain_beneath_it(RouteForm form, string up) =>
        Assert.Equal(up, string.Join(' ', BirdInclude.Protocols(Route("a", form, "192.0.2.0/24"), 64501).Where(p => p.Up).Select(p => p.Protocol["oops_a_".Length..^1]).Order(StringComparer.Ordinal)));

    [Fact]
    public void Med_and_community_degrade_without_knowing_the_as_and_prepending_waits_for_it()
    {
        RouteWanted route = Route("a", RouteForm.Degraded, "192.0.2.0/24");
        Assert.Contains("{ bgp_med = 50; }", BirdInclude.Render("e", [route with { Degrade = new Degradation(Med: 50) }], null), StringComparison.Ordinal);
        Assert.Contains("{ bgp_large_community.add((64501,1,4294967295)); }", BirdInclude.Render("e", [route with { Degrade = new Degradation(Large: (64501, 1, 4294967295)) }], null), StringComparison.Ordinal);
        Assert.Contains("{ bgp_community.add((64501,666)); }", BirdInclude.Render("e", [route with { Degrade = new Degradation(Community: (64501, 666)) }], null), StringComparison.Ordinal);
        Assert.DoesNotContain("degraded4", BirdInclude.Render("e", [route], null), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_rendered_is_read_again()
    {
        ImmutableArray<RouteWanted> routes =
        [
            Route("a", RouteForm.Plain, "192.0.2.0/24", "2001:db8:53::/48"),
            Route("b-2", RouteForm.Draining, "198.51.100.0/24") with { Degrade = new Degradation(Med: 4294967295) },
            Route("d", RouteForm.Degraded, "203.0.113.128/25") with { Degrade = new Degradation(Large: (4200000000, 1, 2)) },
            Route("c", RouteForm.Withdrawn, "203.0.113.0/24") with { Degrade = new Degradation(Community: (65000, 1)) },
        ];
        string text = BirdInclude.Render("edge", routes, 64501);
        ImmutableArray<RouteWanted> again = Ledger.Parse(text);
        Assert.Equal(Say(routes), Say(again));
        Assert.Equal(text, BirdInclude.Render("edge", again, 64501));
    }

    [Fact]
    public void Long_names_are_cut_to_what_bird_takes_and_stay_apart()
    {
        string one = BirdNames.Protocol(new string('a', 200) + "-1", RouteForm.Degraded, true);
        string two = BirdNames.Protocol(new string('a', 200) + "-2", RouteForm.Degraded, true);
        Assert.NotEqual(one, two);
        Assert.InRange(one.Length, 1, 63);
        Assert.InRange(BirdNames.Protocol(new string('a', 45), RouteForm.Degraded, true).Length, 1, 63);
    }

    [Fact]
    public void The_constant_is_that_of_the_text_and_changes_with_it()
    {
        string plain = BirdInclude.Render("my-edge", [Route("a", RouteForm.Plain, "192.0.2.0/24")], null);
        string withdrawn = BirdInclude.Render("my-edge", [Route("a", RouteForm.Withdrawn, "192.0.2.0/24")], null);
        Assert.NotEqual(BirdInclude.ConstantOf(plain), BirdInclude.ConstantOf(withdrawn));
        Assert.Contains($"define oops_text_my_edge = {BirdInclude.ConstantOf(plain)};", plain, StringComparison.Ordinal);
    }
}
