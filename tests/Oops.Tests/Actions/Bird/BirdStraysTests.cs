using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Config;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Actions.Bird;

/// <summary>Include files of ours that no action of the config owns.</summary>
public sealed class BirdStraysTests : IDisposable
{
    static readonly ImmutableArray<IPNetwork> One = [IPNetwork.Parse("192.0.2.0/24")];
    static readonly ImmutableArray<IPNetwork> Two = [IPNetwork.Parse("198.51.100.0/24")];

    readonly string directory = Directory.CreateTempSubdirectory("birdstrays").FullName;

    public void Dispose() => Directory.Delete(directory, true);

    string Include => Path.Combine(directory, "bird-*.conf");

    string At(string action) => Include.Replace("*", action, StringComparison.Ordinal);

    void Write(string action, params RouteWanted[] routes) => File.WriteAllText(At(action), BirdInclude.Render(action, routes, 64501));

    static RouteWanted Route(string name, ImmutableArray<IPNetwork> prefixes, RouteForm form = RouteForm.Plain) => new(name, prefixes, form, new Degradation(Prepend: 1));

    Inheritance Look(params string[] names) => Inheritance.Look(Include, [At("rand")], new LedgerFile(At("rand")), names, []);

    [Fact]
    public void Only_what_has_our_header_and_no_owner_is_a_stray()
    {
        Write("edge", Route("a", One));
        Write("rand", Route("b", Two));
        File.WriteAllText(At("mine"), "protocol static oops_a_plain4 {}\n");
        Stray stray = Assert.Single(Strays.In(Include, [Path.Combine(directory, ".", "bird-rand.conf")]));
        Assert.Equal((At("edge"), "edge"), (stray.Path, stray.Action));
        Assert.Equal(One, stray.Announced);
    }

    [Fact]
    public void The_file_of_a_renamed_action_becomes_its_own_in_one_step()
    {
        Write("edge", Route("a", One), Route("b", Two));
        string text = File.ReadAllText(At("edge"));
        Inheritance left = Look("a");
        Assert.Null(left.Before);
        Assert.Equal(["a", "b"], left.Routes.Select(r => r.Route));
        Assert.Null(left.Enter());
        Assert.False(File.Exists(At("edge")));
        Assert.Equal(text, File.ReadAllText(At("rand")));
    }

    [Fact]
    public void Where_both_stand_already_the_own_file_keeps_its_word_and_the_other_goes_after_it_was_written()
    {
        Write("edge", Route("a", One), Route("b", Two));
        Write("rand", Route("a", One, RouteForm.Withdrawn));
        Assert.Contains("both define route a", Assert.Single(BirdStrays.Doubles(Include)), StringComparison.Ordinal);
        Inheritance left = Look("a");
        Assert.Equal([RouteForm.Withdrawn, RouteForm.Plain], left.Routes.Select(r => r.Form));
        Assert.Null(left.Enter());
        Assert.True(File.Exists(At("edge")));
        Assert.Null(left.Leave([], 64501));
        Assert.False(File.Exists(At("edge")));
        Assert.Empty(BirdStrays.Doubles(Include));
    }

    [Fact]
    public void A_route_that_moved_between_two_actions_leaves_the_file_of_the_one_before_it_enters_that_of_the_other()
    {
        Write("edge", Route("a", One), Route("b", Two));
        Write("rand", Route("c", [IPNetwork.Parse("203.0.113.0/24")]));
        string before = File.ReadAllText(At("rand"));
        Inheritance moved = Inheritance.Look(Include, [At("rand"), At("edge")], new LedgerFile(At("rand")), ["b", "c"], []);
        Assert.Equal(["b", "c"], moved.Routes.Select(r => r.Route).Order());
        Assert.True(moved.IsMore([]));
        Assert.Null(moved.Enter());
        Assert.Equal(before, File.ReadAllText(At("rand")));
        // What it says of the others is as it would have written it itself.
        Assert.Equal(BirdInclude.Render("edge", [Route("a", One)], 64501), File.ReadAllText(At("edge")));
        Assert.Empty(BirdStrays.Doubles(Include));
        // One of which the intent does not speak stays where it is.
        Assert.False(Inheritance.Look(Include, [At("rand"), At("edge")], new LedgerFile(At("rand")), ["c"], []).IsMore([]));
    }

    [Theory]
    [InlineData("bird-rand.conf")]
    [InlineData(".bird-rand.conf.tmp")]
    public void What_cannot_enter_the_one_file_stays_in_the_other(string inTheWay)
    {
        Write("edge", Route("a", One), Route("b", Two));
        string text = File.ReadAllText(At("edge"));
        Directory.CreateDirectory(Path.Combine(directory, inTheWay));
        Inheritance moved = Inheritance.Look(Include, [At("rand"), At("edge")], new LedgerFile(At("rand")), ["b"], []);
        string own = BirdInclude.Render("rand", moved.Routes, 64501);
        Assert.StartsWith($"cannot write {At("rand")}", moved.Write(own), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(At("edge")));
        // Tried again, all of it moves.
        Directory.Delete(Path.Combine(directory, inTheWay));
        Inheritance again = Inheritance.Look(Include, [At("rand"), At("edge")], new LedgerFile(At("rand")), ["b"], []);
        Assert.Null(again.Write(BirdInclude.Render("rand", again.Routes, 64501)));
        Assert.Equal(own, File.ReadAllText(At("rand")));
        Assert.Equal(BirdInclude.Render("edge", [Route("a", One)], 64501), File.ReadAllText(At("edge")));
    }

    [Fact]
    public void Where_one_of_several_files_cannot_be_written_none_loses_anything()
    {
        Write("edge", Route("a", One), Route("b", Two));
        Write("far", Route("c", [IPNetwork.Parse("203.0.113.0/24")]));
        string[] before = [File.ReadAllText(At("edge")), File.ReadAllText(At("far"))];
        Directory.CreateDirectory(Path.Combine(directory, ".bird-far.conf.tmp"));
        Inheritance moved = Inheritance.Look(Include, [At("rand"), At("edge"), At("far")], new LedgerFile(At("rand")), ["b", "c"], []);
        Assert.StartsWith($"cannot write {At("far")}", moved.Write(BirdInclude.Render("rand", moved.Routes, 64501)), StringComparison.Ordinal);
        Assert.Equal(before[0], File.ReadAllText(At("edge")));
        Assert.Equal(before[1], File.ReadAllText(At("far")));
        Assert.False(File.Exists(At("rand")));
    }

    [Fact]
    public void A_prefix_that_moved_alone_leaves_the_route_that_it_was_in_and_no_protocol_without_a_route_stays()
    {
        IPNetwork six = IPNetwork.Parse("2001:db8:53::/48");
        Write("edge", Route("a", [.. One, .. Two, six]), Route("b", Two));
        Inheritance moved = Inheritance.Look(Include, [At("rand"), At("edge")], new LedgerFile(At("rand")), ["c"], [.. Two, six]);
        Assert.Empty(moved.Routes);
        Assert.Null(moved.Enter());
        Assert.Equal(BirdInclude.Render("edge", [Route("a", One)], 64501), File.ReadAllText(At("edge")));
    }

    [Fact]
    public void What_nobody_owns_stays_until_a_person_releases_it()
    {
        Write("edge", Route("b", [.. One, .. Two]));
        Inheritance left = Look("a");
        Assert.Empty(left.Routes);
        Assert.False(left.IsMore([]));
        Assert.Null(left.Leave([], 64501));
        Assert.True(File.Exists(At("edge")));
        Assert.True(left.IsMore(One));
        Assert.Null(left.Leave(One, 64501));
        Assert.Equal(Two, Strays.In(Include, [])[0].Announced);
        Assert.Null(Look("a").Leave(Two, 64501));
        Assert.False(File.Exists(At("edge")));
    }

    [Theory]
    [InlineData("", "`rm {0} && birdc configure` takes it away")]
    [InlineData("b: { prefixes: [198.51.100.0/24], via: rand, announce-when: [server-running] }", "`oops release PREFIX` takes each away")]
    [InlineData("a: { prefixes: [192.0.2.0/24], via: rand, announce-when: [server-running], mode: observe }", "`rm {0} && birdc configure` takes it away")]
    [InlineData("a: { prefixes: [192.0.2.0/24], via: rand, announce-when: [server-running] }", null)]
    public void What_a_config_leaves_without_an_owner_is_told_with_its_prefixes_and_what_to_do(string route, string? told)
    {
        Write("edge", Route("a", One));
        string path = Path.Combine(directory, "oops.yaml");
        string rest = route.Length == 0 ? "" : $"actions:\n  bird: [ {{ name: rand, include: \"{Include}\" }} ]\nroutes:\n  {route}\n";
        File.WriteAllText(path, $"mode: act\nservers: {{ ns1: {{ kind: knot, address: 127.0.0.1, pidfile: /run/knot/knot.pid }} }}\nsources: {{ process: [ {{ server: ns1 }} ] }}\nruntime-directory: {directory}\n{rest}");
        var good = ConfigCheck.Load(path);
        Assert.True(good.Config is not null, string.Join('\n', good.Errors.Lines));
        IReadOnlyList<string> lines = Strays.Wrong(good.Config);
        if (told is null)
            Assert.Empty(lines);
        else
            Assert.Contains(told.Replace("{0}", At("edge"), StringComparison.Ordinal), Assert.Single(lines), StringComparison.Ordinal);
        if (told is not null)
            Assert.Contains("BIRD announces 192.0.2.0/24 because of it", lines[0], StringComparison.Ordinal);
    }
}
