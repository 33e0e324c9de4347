using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

public sealed class LedgerTests
{
    static RouteWanted Route(string name, RouteForm form, params string[] prefixes) =>
        new(name, [.. prefixes.Select(IPNetwork.Parse)], form, new Degradation(Prepend: 2));

    static string Say(ImmutableArray<RouteWanted> routes) =>
        string.Join(" | ", routes.OrderBy(r => r.Route, StringComparer.Ordinal).Select(r => $"{r.Route} {r.Form} {string.Join(' ', r.Prefixes)}"));

    [Fact]
    public void What_was_written_is_read_again()
    {
        ImmutableArray<RouteWanted> routes =
        [
            Route("a", RouteForm.Plain, "192.0.2.0/24", "2001:db8:53::/48"),
            Route("b-2", RouteForm.Draining, "198.51.100.0/24") with { Degrade = new Degradation(Med: 4294967295) },
            Route("c", RouteForm.Withdrawn, "203.0.113.0/24") with { Degrade = new Degradation(Community: (65000, 1)) },
            Route("d", RouteForm.Degraded, "203.0.113.128/25") with { Degrade = new Degradation(Large: (4200000000, 1, 2)) },
        ];
        string text = Ledger.Render("edge", routes);
        ImmutableArray<RouteWanted> again = Ledger.Parse(text);
        Assert.Equal(routes.Select(r => (r.Route, r.Form, r.Degrade, string.Join(' ', r.Prefixes))), again.Select(r => (r.Route, r.Form, r.Degrade, string.Join(' ', r.Prefixes))));
        Assert.Equal(text, Ledger.Render("edge", again));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# route a plain prepend=2\n")]
    [InlineData("# route a plain prepend=2 nonsense\n")]
    [InlineData("# route a plain prepend=99999999999 192.0.2.0/24\n")]
    [InlineData("# route a announced prepend=2 192.0.2.0/24\n")]
    [InlineData("# route A;b plain prepend=2 192.0.2.0/24\n")]
    [InlineData("protocol static x { }\n\0\u0001")]
    public void A_text_that_we_did_not_write_has_no_routes(string text) => Assert.Empty(Ledger.Parse(text));

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

    [Theory]
    [InlineData("a Withdrawn 1", "a Plain 1 2", "a Plain 2", "a Withdrawn 1")]
    [InlineData("a Withdrawn 1", "a Degraded 1", "a Withdrawn 1", "a Withdrawn 1")]
    [InlineData("a Withdrawn 1", "a Plain 1 2 & a Plain 1 3", "a Plain 2 3", "a Withdrawn 1")]
    [InlineData("", "a Withdrawn 1 & a Plain 1 3", "a Plain 3", "a Withdrawn 1")]
    [InlineData("a Withdrawn 1", "a Withdrawn 1 2", "a Withdrawn 1", "a Withdrawn 1")]
    [InlineData("a Plain 1", "a Withdrawn 1 2", "a Plain 1", "a Plain 1")]
    [InlineData("a Degraded 1", "a Plain 1 2 | b Plain 3", "a Degraded 1 2 | b Plain 3", "a Degraded 1 2 | b Plain 3")]
    public void What_another_ledger_announces_and_the_own_one_has_not_withdrawn_is_kept_where_a_router_holds_each_prefix_by_itself(string own, string other, string each, string whole)
    {
        Assert.Equal(Say(Read(each)), Say(Ledger.JoinEach(Read(own), other.Split(" & ").Select(Read))));
        Assert.Equal(Say(Read(whole)), Say(other.Split(" & ").Select(Read).Aggregate(Read(own), Ledger.Join)));
    }

    static IPNetwork Net(int n) => IPNetwork.Parse($"192.0.{n}.0/24");

    static ImmutableArray<RouteWanted> Read(string text) =>
        [.. text.Split(" | ", StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split(' ')).Select(w => Route(w[0], Enum.Parse<RouteForm>(w[1]), [.. w[2..].Select(n => $"192.0.{n}.0/24")]))];

    [Fact]
    public void The_file_is_replaced_as_a_whole_and_readable_for_routers_and_a_failure_is_a_sentence()
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
