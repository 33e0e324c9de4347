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

    [Theory]
    [InlineData("")]
    [InlineData("# route a plain prepend=2\n")]
    [InlineData("# route a plain prepend=2 nonsense\n")]
    [InlineData("# route a plain prepend=99999999999 192.0.2.0/24\n")]
    [InlineData("# route a announced prepend=2 192.0.2.0/24\n")]
    [InlineData("# route A;b plain prepend=2 192.0.2.0/24\n")]
    [InlineData("protocol static x { }\n\0\u0001")]
    public void A_file_that_we_did_not_write_has_no_routes(string text) => Assert.Empty(Ledger.Parse(text));

    [Theory]
    [InlineData("a Plain 1", "a Withdrawn 1", "a Withdrawn 1")]
    [InlineData("a Plain 1 | old Plain 2", "a Withdrawn 1", "a Withdrawn 1 | old Plain 2")]
    [InlineData("a Plain 1 2", "a Degraded 1", "a Degraded 1 2")]
    [InlineData("a Plain 1 2", "a Withdrawn 1", "a Withdrawn 1 2")]
    [InlineData("a Withdrawn 1 2", "a Plain 1", "a Plain 1")]
    [InlineData("a Plain 1 | old Withdrawn 2", "a Plain 1", "a Plain 1 | old Withdrawn 2")]
    [InlineData("old Plain 1 2", "new Plain 1", "new Plain 1 | old Plain 2")]
    [InlineData("old Plain 1", "new Plain 1", "new Plain 1")]
    [InlineData("a Plain 1 2", "a Plain 1", "a Plain 1", 2)]
    [InlineData("a Plain 1 | old Plain 2 3", "a Plain 1", "a Plain 1 | old Plain 3", 2)]
    [InlineData("a Plain 1 | old Plain 2", "a Plain 1", "a Plain 1", 2)]
    [InlineData("a Plain 1", "", "a Plain 1")]
    [InlineData("a Plain 1 2", "a Withdrawn 3", "a Plain 1 2")]
    [InlineData("a Plain 1 2", "a Plain 3", "a Plain 3 1 2")]
    [InlineData("a Plain 1 2", "a Withdrawn 3 2", "a Withdrawn 3 2 1")]
    [InlineData("a Plain 2", "a Withdrawn 3", "a Withdrawn 3", 2)]
    public void What_the_intent_does_not_speak_of_stays_as_it_stands_until_it_is_released(string file, string intent, string merged, int released = 99)
    {
        Assert.Equal(Say(Read(merged)), Say(Ledger.Merge(Read(file), Read(intent), [IPNetwork.Parse($"192.0.{released}.0/24")], [])));
    }

    [Theory]
    [InlineData("a Plain 1 2 | b Plain 3", "a Withdrawn 1", "a Withdrawn 1 | b Plain 2 3")]
    [InlineData("a Plain 1 2", "a Withdrawn 1 | b Degraded 3", "a Withdrawn 1 | b Degraded 3 2")]
    [InlineData("a Plain 1 2", "a Withdrawn 1", "a Withdrawn 1 | b Plain 2")]
    [InlineData("a Plain 1 2 | b Withdrawn 3", "a Withdrawn 1", "a Withdrawn 1 | b Plain 2")]
    [InlineData("a Plain 1 2 | b Plain 3", "a Withdrawn 1 | b Withdrawn 3", "a Withdrawn 1 2 | b Withdrawn 3")]
    [InlineData("a Plain 1 4", "a Withdrawn 1", "a Withdrawn 1 4")]
    public void A_prefix_that_is_another_routes_by_now_does_not_go_with_the_one_that_it_left(string file, string intent, string merged)
    {
        RouterRoute[] config = [new("a", [Net(1)]), new("b", [Net(3), Net(2)]), new("observed", [Net(4)], Observed: true)];
        Assert.Equal(Say(Read(merged)), Say(Ledger.Merge(Read(file), Read(intent), [], config)));
        Assert.Equal(file.Contains('4', StringComparison.Ordinal), Ledger.IsAlone(Read(file), Read(intent)[0], config));
    }

    static IPNetwork Net(int n) => IPNetwork.Parse($"192.0.{n}.0/24");

    static ImmutableArray<RouteWanted> Read(string text) =>
        [.. text.Split(" | ", StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split(' ')).Select(w => Route(w[0], Enum.Parse<RouteForm>(w[1]), [.. w[2..].Select(n => $"192.0.{n}.0/24")]))];

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

    [Fact]
    public void The_file_is_replaced_as_a_whole_and_readable_for_bird_and_a_failure_is_a_sentence()
    {
        string directory = Directory.CreateTempSubdirectory("include").FullName;
        try
        {
            var file = new LedgerFile(Path.Combine(directory, "made", "bird-edge.conf"));
            Assert.Null(file.Read());
            Assert.Null(file.Write("one"));
            Assert.Null(file.Write("two"));
            Assert.Equal("two", file.Read());
            Assert.Equal(["bird-edge.conf"], Directory.GetFiles(Path.Combine(directory, "made")).Select(Path.GetFileName));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(file.Path));
            var impossible = new LedgerFile(Path.Combine(file.Path, "below-a-file", "bird-edge.conf"));
            Assert.StartsWith("cannot write", impossible.Write("x"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }
}
