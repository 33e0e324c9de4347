using System.Net;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What routers are told at the end of oops.</summary>
public sealed class FarewellTests
{
    static readonly IPNetwork More = IPNetwork.Parse("2001:db8::/32");

    /// <summary>r stays, o leaves.</summary>
    static Policy Two(params IPNetwork[] more) => Rig.Simple(r => r with { Prefixes = [.. r.Prefixes, .. more] }) is var p ? p with { Routes = [p.Routes[0], p.Routes[0] with { Name = "o", Prefixes = [IPNetwork.Parse("198.51.100.0/24")], OnExit = OnExit.Withdraw }] } : null!;

    [Fact]
    public void What_waits_is_not_announced_and_what_is_held_is_left_alone()
    {
        var rig = new Rig(Two()).Say(new RouterObserved("edge", [new("r", RouteForm.Withdrawn), new("o", RouteForm.Withdrawn)], [])).Say([.. Rig.Healthy()]).Pass(4);
        var next = rig.Restarted(Two(More)).Say(new RouterObserved("edge", [new("r", RouteForm.Plain, "in part") { Lacks = [More] }, new("o", RouteForm.Plain)], []));
        Assert.Equal([More.ToString()], next.Route().Waiting);
        Assert.Equal(["r Plain 192.0.2.0/24", "o Withdrawn 198.51.100.0/24"], Farewell());
        next.Say(new Hold("root", ["r"], null, "look"));
        Assert.Equal(["o Withdrawn 198.51.100.0/24"], Farewell());
        next.Say(new Hold("root", ["o"], null, "look"), new Unhold("root", ["r"]));
        Assert.Empty(Farewell());

        IEnumerable<string> Farewell() => next.Machine.Farewell("edge").Select(r => $"{r.Route} {r.Form} {string.Join(' ', r.Prefixes)}");
    }
}
