using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>The keeper of a table, at a router that is a dictionary. Real ones are in the lab.</summary>
public sealed class PrefixRouterTests : IDisposable
{
    static readonly IPNetwork P4 = IPNetwork.Parse("192.0.2.0/24"), P6 = IPNetwork.Parse("2001:db8:53::/48"), Old = IPNetwork.Parse("198.51.100.0/24");
    static readonly Degradation Way = new(Prepend: 2);

    readonly Memory memory = new();
    readonly string directory = Directory.CreateTempSubdirectory("routers").FullName;

    public void Dispose() => Directory.Delete(directory, true);

    PrefixRouter Router(params RouterRoute[] routes) => new("test", "edge", memory, routes.Length > 0 ? routes : [new("a", [P4, P6]) { Degrade = Way }], new(Path.Combine(directory, "test-edge.routes")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));

    static RouterIntent Table(RouteForm form, params IPNetwork[] prefixes) => new("edge", 1, "a test", [new RouteWanted("a", prefixes.Length > 0 ? [.. prefixes] : [P4, P6], form, Way)]);

    static async Task<Outcome> ApplyAsync(PrefixRouter router, RouterIntent table)
    {
        var outcome = await router.ApplyAsync(table, default);
        await router.ReadAsync(table, default);
        return outcome;
    }

    async Task<RouterObserved> SeenAsync(PrefixRouter router) => Assert.IsType<RouterObserved>(await router.ReadAsync(null, default));

    [Theory]
    [InlineData(RouteForm.Plain, "plain")]
    [InlineData(RouteForm.Degraded, "prepended 2 times")]
    [InlineData(RouteForm.Draining, "community 65535:0")]
    [InlineData(RouteForm.DrainingDegraded, "prepended 2 times, community 65535:0")]
    public async Task Forms_go_from_one_to_another_by_one_change_each_and_never_by_a_withdraw(RouteForm form, string look)
    {
        using var router = Router();
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        memory.Said.Clear();
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(form)));
        Assert.Equal(form == RouteForm.Plain ? [] : [$"{P4} {look}", $"{P6} {look}"], memory.Said);
        Assert.Equal(form, (await SeenAsync(router)).Routes[0].Form);
    }

    [Fact]
    public async Task A_restart_of_ours_says_nothing_and_one_of_the_router_says_all_again()
    {
        using (var router = Router()) await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Said.Clear();
        using var after = Router();
        await after.ReadAsync(null, default);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Table(RouteForm.Plain)));
        Assert.Empty(memory.Said);
        memory.Restart();
        Assert.Equal(RouteForm.Withdrawn, (await SeenAsync(after)).Routes[0].Form);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Table(RouteForm.Plain)));
        Assert.Equal([$"{P4} plain", $"{P6} plain"], memory.Said);
    }

    [Fact]
    public async Task A_withdraw_is_said_also_to_a_router_that_was_not_read()
    {
        memory.Has[P4] = default(Look);
        using var router = Router();
        Assert.Equal(Outcome.Done, await router.ApplyAsync(Table(RouteForm.Withdrawn), default));
        Assert.Empty(memory.Has);
    }

    [Fact]
    public async Task One_family_that_is_missing_is_named_and_said_again()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Has.Remove(P6);
        var seen = (await SeenAsync(router)).Routes[0];
        Assert.Equal((RouteForm.Plain, P6), (seen.Form, Assert.Single(seen.Lacks)));
        memory.Said.Clear();
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        Assert.Equal([$"{P6} plain"], memory.Said);
    }

    [Fact]
    public async Task Another_writer_is_put_right_once_and_then_left_and_shown_and_a_withdraw_goes_over_them()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Has[P4] = new Look(Med: 7);
        var seen = (await SeenAsync(router)).Routes[0];
        Assert.Contains("MED 7, not as ours", seen.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        memory.Has[P4] = new Look(Med: 7);
        await router.ReadAsync(null, default);
        Assert.Contains("somebody else changed 192.0.2.0/24 again", Assert.IsType<Retry>(await ApplyAsync(router, Table(RouteForm.Plain))).Why, StringComparison.Ordinal);
        Assert.Equal(new Look(Med: 7), memory.Has[P4]);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Withdrawn)));
        Assert.Empty(memory.Has);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        Assert.Equal(2, memory.Has.Count);
    }

    [Fact]
    public async Task A_withdraw_ends_it_also_where_the_other_writer_has_taken_the_prefix_away_and_there_is_nothing_to_say()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        for (var change = 0; change < 2; change++)
        {
            memory.Has.Remove(P4);
            await router.ReadAsync(null, default);
            await ApplyAsync(router, Table(RouteForm.Plain));
        }

        Assert.Equal([P6], memory.Has.Keys);
        memory.Said.Clear();
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Withdrawn)));
        Assert.Equal([$"{P6} withdrawn"], memory.Said);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        Assert.Equal(2, memory.Has.Count);
        // They are put right once again, and not for ever.
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        Assert.IsType<Retry>(await ApplyAsync(router, Table(RouteForm.Plain)));
    }

    [Fact]
    public async Task What_we_told_and_somebody_changed_is_in_no_form_so_that_it_is_put_right_also_where_plain_is_wanted()
    {
        using var router = Router();
        memory.Has[P4] = memory.Has[P6] = null;
        var found = (await SeenAsync(router)).Routes[0];
        Assert.Equal((RouteForm.Plain, "announced, with other attributes, not as ours"), (found.Form, found.Detail));
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Has[P4] = new Look(Med: 77);
        var seen = (await SeenAsync(router)).Routes[0];
        Assert.Equal((null, $"{P4} changed (announced, MED 77, not as ours); {P6} plain (announced)"), (seen.Form, seen.Detail));
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Routes[0].Form);
    }

    [Fact]
    public async Task A_reading_that_fails_does_not_make_another_writer_forgotten_and_a_restart_is_nobodys_change()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Why = "test: silent";
        await router.ReadAsync(null, default);
        memory.Why = null;
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        Assert.IsType<Retry>(await ApplyAsync(router, Table(RouteForm.Plain)));
        for (var restart = 0; restart < 3; restart++)
        {
            memory.Restart();
            await router.ReadAsync(null, default);
            Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(SecondWriter.Long, false)]
    public async Task A_second_change_soon_after_the_first_was_put_right_is_left_and_one_long_after_is_not(int readings, bool left)
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        for (var i = 0; i < readings; i++) await router.ReadAsync(null, default);
        memory.Has.Remove(P4);
        await router.ReadAsync(null, default);
        Assert.Equal(left, await ApplyAsync(router, Table(RouteForm.Plain)) is Retry);
        Assert.Equal(left, !memory.Has.ContainsKey(P4));
    }

    [Fact]
    public async Task What_the_router_has_and_nobody_gets_is_withdrawn_is_not_said_again_and_can_be_withdrawn()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Unheard = true;
        memory.Said.Clear();
        Assert.Equal((RouteForm.Withdrawn, "a filter keeps it"), ((await SeenAsync(router)).Routes[0].Form, (await SeenAsync(router)).Routes[0].Detail));
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain)));
        Assert.Empty(memory.Said);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Withdrawn)));
        Assert.Empty(memory.Has);
    }

    [Fact]
    public async Task What_is_left_of_a_route_that_is_gone_is_followed_by_nobody()
    {
        using (var before = Router(new RouterRoute("a", [P4, Old]) { Degrade = Way })) await ApplyAsync(before, Table(RouteForm.Plain, P4, Old));
        foreach (var now in new RouterRoute[] { new("b", [P6]), new("a", [P6]), new("a", [P6, P4], Observed: true) })
        {
            using var router = Router(now);
            var seen = await SeenAsync(router);
            Assert.Contains(Old, seen.Orphans);
            Assert.Empty(seen.Followed);
        }
    }

    [Fact]
    public async Task What_left_the_config_goes_along_until_it_is_released_and_does_not_come_back_with_a_restart_of_the_router()
    {
        using (var before = Router(new RouterRoute("a", [P4, Old]) { Degrade = Way })) await ApplyAsync(before, Table(RouteForm.Plain, P4, Old));
        using var router = Router(new RouterRoute("a", [P4]) { Degrade = Way });
        Assert.Equal([Old], (await SeenAsync(router)).Orphans);
        Assert.Equal([Old], (await SeenAsync(router)).Followed);
        await ApplyAsync(router, Table(RouteForm.Degraded, P4));
        Assert.Equal(new Look(Prepend: 2), memory.Has[Old]);
        memory.Restart();
        await router.ReadAsync(null, default);
        await ApplyAsync(router, Table(RouteForm.Degraded, P4));
        Assert.Equal([P4], memory.Has.Keys);
        memory.Has[Old] = new Look(Prepend: 2);
        await router.ReadAsync(null, default);
        await ApplyAsync(router, Table(RouteForm.Degraded, P4) with { Released = [Old] });
        Assert.Equal([P4], memory.Has.Keys);
        Assert.Empty((await SeenAsync(router)).Orphans);
    }

    [Fact]
    public async Task A_router_that_cannot_be_read_is_unseen_and_one_that_refuses_is_asked_again()
    {
        using var router = Router();
        await ApplyAsync(router, Table(RouteForm.Plain));
        memory.Why = "test: is not running; start it";
        Assert.Equal(memory.Why, Assert.IsType<RouterUnseen>(await router.ReadAsync(null, default)).Why);
        Assert.Equal(memory.Why, Assert.IsType<Retry>(await router.ApplyAsync(Table(RouteForm.Withdrawn), default)).Why);
        memory.Why = null;
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Withdrawn)));
        Assert.Empty(memory.Has);
    }

    string LedgerOf(string action) => Path.Combine(directory, $"test-{action}.routes");

    PrefixRouter Heir(Heritage heritage, params IPNetwork[] prefixes) =>
        new("test", "rand", memory, [new("a", [.. prefixes]) { Degrade = Way }], new(LedgerOf("rand")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), heritage);

    Heritage At(string router, params string[] before) => new(router, () => [.. before.Select(b => Stray.Read(LedgerOf(b), "test")!)], []);

    [Fact]
    public async Task A_renamed_action_has_the_ledger_of_the_one_before_it_says_nothing_anew_and_writes_it_as_its_own()
    {
        using (var before = Router(new RouterRoute("a", [P4, Old]) { Degrade = Way })) await ApplyAsync(before, Table(RouteForm.Plain, P4, Old));
        memory.Said.Clear();
        using var router = Heir(At("here", "edge"), P4);
        var seen = await SeenAsync(router);
        Assert.Equal((RouteForm.Plain, Old), (seen.Routes[0].Form, Assert.Single(seen.Orphans)));
        Assert.True(File.Exists(LedgerOf("edge")));
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain, P4)));
        Assert.Empty(memory.Said);
        Assert.False(File.Exists(LedgerOf("edge")));
        Assert.Equal("here", Ledger.RouterOf(File.ReadAllText(LedgerOf("rand"))));
        Assert.Equal([Old], (await SeenAsync(router)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain, P4) with { Released = [Old] }));
        Assert.Equal([P4], memory.Has.Keys);
    }

    [Fact]
    public async Task What_an_inherited_ledger_still_announces_of_a_route_that_is_withdrawn_by_now_is_an_orphan_and_stays_until_it_is_released()
    {
        using (var before = Router(new RouterRoute("a", [P4, Old]) { Degrade = Way })) await ApplyAsync(before, Table(RouteForm.Plain, P4, Old));
        // The route moved while the other action was there yet, and was withdrawn.
        using (var moved = Heir(At("here"), P4))
        {
            await moved.ReadAsync(null, default);
            await ApplyAsync(moved, Table(RouteForm.Withdrawn, P4));
        }

        Assert.Equal([Old], memory.Has.Keys);
        using var router = Heir(At("here", "edge"), P4);
        var seen = await SeenAsync(router);
        Assert.Equal((RouteForm.Withdrawn, Old), (seen.Routes[0].Form, Assert.Single(seen.Orphans)));
        Assert.Empty(seen.Followed);
        memory.Said.Clear();
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Withdrawn, P4)));
        Assert.Empty(memory.Said);
        Assert.False(File.Exists(LedgerOf("edge")));
        // Also once its ledger is gone, and after a restart of ours.
        using var after = Heir(At("here"), P4);
        Assert.Equal([Old], (await SeenAsync(after)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(after, Table(RouteForm.Withdrawn, P4) with { Released = [Old] }));
        Assert.Empty(memory.Has);
    }

    [Fact]
    public async Task What_another_router_was_told_says_nothing_of_this_one_and_is_set_aside_not_lost()
    {
        using (var there = Heir(At("there"), P4, Old)) await ApplyAsync(there, Table(RouteForm.Plain, P4, Old));
        memory.Restart();
        memory.Has[Old] = default(Look);
        using var router = Heir(At("here"), P4);
        Assert.Empty((await SeenAsync(router)).Orphans);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain, P4)));
        var aside = Stray.Read(Assert.Single(Directory.GetFiles(directory, "test-rand@*.routes")), "test");
        Assert.Equal(("rand", "there", $"{P4} {Old}"), (aside!.Action, aside.Router, aside.Prefixes));
        Assert.Equal([P4], Ledger.Parse(File.ReadAllText(LedgerOf("rand"))).Single().Prefixes);
    }

    [Fact]
    public async Task What_was_set_aside_before_and_nobody_has_inherited_yet_is_not_lost_when_more_of_that_router_is()
    {
        var path = Strays.Aside(LedgerOf("rand"), "there");
        await File.WriteAllTextAsync(path, Ledger.Render("rand", [new RouteWanted("a", [Old], RouteForm.Plain, Way), new RouteWanted("b", [P6], RouteForm.Draining, Way)], "there"));
        using (var there = Heir(At("there"), P4)) await ApplyAsync(there, Table(RouteForm.Degraded, P4));
        using var router = Heir(At("here"), P4);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, Table(RouteForm.Plain, P4)));
        var aside = Stray.Read(Assert.Single(Directory.GetFiles(directory, "test-rand@*.routes")), "test")!;
        Assert.Equal(("there", $"{P4} {Old} {P6}"), (aside.Router, aside.Prefixes));
        Assert.Equal([RouteForm.Degraded, RouteForm.Draining], aside.Routes.Select(r => r.Form));
        Assert.Equal([P4], Ledger.Parse(await File.ReadAllTextAsync(LedgerOf("rand"))).Single().Prefixes);
    }

    [Fact]
    public void Ledgers_are_written_one_action_at_a_time()
    {
        Thread? writing = null;
        var during = true;
        var edge = new RouterLedger("edge", new(LedgerOf("edge")), Heritage.None);
        var rand = new RouterLedger("rand", new(LedgerOf("rand")), new("here", () =>
        {
            writing = new(() => edge.Write([]));
            writing.Start();
            during = SpinWait.SpinUntil(() => File.Exists(LedgerOf("edge")), TimeSpan.FromMilliseconds(300));
            return [];
        }, []));
        Assert.Null(rand.Write([]));
        Assert.False(during);
        writing!.Join();
        Assert.True(File.Exists(LedgerOf("edge")));
    }

    [Fact]
    public async Task What_is_of_another_action_at_the_same_router_by_now_is_no_orphan_and_goes_along_with_nothing()
    {
        using (var before = Router(new RouterRoute("a", [P4, Old]) { Degrade = Way })) await ApplyAsync(before, Table(RouteForm.Plain, P4, Old));
        using var router = new PrefixRouter("test", "edge", memory, [new("a", [P4]) { Degrade = Way }], new(LedgerOf("edge")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), new("", () => [], [Old]));
        Assert.Empty((await SeenAsync(router)).Orphans);
        memory.Said.Clear();
        await ApplyAsync(router, Table(RouteForm.Degraded, P4));
        await ApplyAsync(router, Table(RouteForm.Withdrawn, P4));
        Assert.DoesNotContain(memory.Said, s => s.StartsWith($"{Old} ", StringComparison.Ordinal));
        Assert.Equal([Old], memory.Has.Keys);
    }

    sealed class Memory : IPrefixLink
    {
        int restarts;

        public Dictionary<IPNetwork, Look?> Has { get; } = [];

        public List<string> Said { get; } = [];

        public string? Why { get; set; }

        /// <summary>Its filters let nobody have anything.</summary>
        public bool Unheard { get; set; }

        public void Restart()
        {
            Has.Clear();
            restarts++;
        }

        public ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop) =>
            new(Why is { } why ? LinkRead.Failed(why) : new(null, $"started {restarts}", [.. Has.Where(h => prefixes.Contains(h.Key)).Select(h => new PrefixRead(h.Key, h.Value, Unheard ? "a filter keeps it" : "announced") { Unheard = Unheard })]));

        public ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
        {
            if (Why is not null) return new(Why);
            foreach (var (prefix, look) in changes)
            {
                Said.Add($"{prefix} {look?.ToString() ?? "withdrawn"}");
                if (look is null) Has.Remove(prefix);
                else Has[prefix] = look;
            }

            return new((string?)null);
        }

        public void Dispose()
        {
        }
    }
}
