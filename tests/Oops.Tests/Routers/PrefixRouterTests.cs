using System.Net;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>The keeper of a table at a router of prefixes, with a router that has what the test gives it.</summary>
public sealed class PrefixRouterTests : IDisposable
{
    static readonly IPNetwork Prefix = IPNetwork.Parse("192.0.2.0/24");
    static readonly Degradation AsDraining = new(Community: Look.GracefulShutdown);

    readonly string directory = Directory.CreateTempSubdirectory("prefixrouter").FullName;
    readonly Table table = new();

    public void Dispose() => Directory.Delete(directory, true);

    /// <summary>A router in memory: it takes all.</summary>
    sealed class Table : IPrefixLink
    {
        public Dictionary<IPNetwork, PrefixRead> Has { get; } = [];

        public List<PrefixChange> Told { get; } = [];

        public string? Silent { get; set; }

        public string Incarnation { get; set; } = "one";

        public ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop) =>
            ValueTask.FromResult(new LinkRead(Silent, Incarnation, [.. prefixes.Where(Has.ContainsKey).Select(p => Has[p])]));

        public ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
        {
            Told.AddRange(changes);
            foreach (var change in changes)
            {
                Has.Remove(change.Prefix);
                if (change.Look is { } look) Has[change.Prefix] = new(change.Prefix, look, "there");
            }

            return ValueTask.FromResult<string?>(null);
        }

        public void Dispose()
        {
        }
    }

    PrefixRouter Router(Degradation degrade) => new("test", "edge", table, [new RouterRoute("a", [Prefix]) { Degrade = degrade }], new LedgerFile(Path.Combine(directory, "edge.routes")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2));

    static async Task<RouteSeen> SeenAsync(PrefixRouter router) => Assert.IsType<RouterObserved>(await router.ReadAsync(null, default)).Routes[0];

    static ValueTask<Outcome> ApplyAsync(PrefixRouter router, RouteForm form, Degradation degrade) => router.ApplyAsync(new RouterIntent("edge", 1, "a test", [new RouteWanted("a", [Prefix], form, degrade)]), default);

    [Fact]
    public async Task What_the_router_has_and_nobody_gets_is_withdrawn_and_nobody_has_changed_it()
    {
        using var router = Router(new(Prepend: 1));
        await SeenAsync(router);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1)));
        Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Form);
        table.Has[Prefix] = table.Has[Prefix] with { Detail = "a filter keeps it", Unheard = true };
        for (var i = 0; i < 3; i++)
        {
            var seen = await SeenAsync(router);
            Assert.Equal((RouteForm.Withdrawn, "a filter keeps it"), (seen.Form, seen.Detail));
            // Telling it again would change nothing, and nobody else is accused.
            Assert.Equal(Outcome.Done, await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1)));
        }

        Assert.Single(table.Told);
        // It can be taken out all the same.
        Assert.Equal(Outcome.Done, await ApplyAsync(router, RouteForm.Withdrawn, new(Prepend: 1)));
        Assert.Empty(table.Has);
    }

    [Theory]
    [InlineData(RouteForm.Degraded)]
    [InlineData(RouteForm.Draining)]
    public async Task Of_two_forms_that_look_alike_the_one_that_was_told_is_seen(RouteForm form)
    {
        using (var router = Router(AsDraining))
        {
            await ApplyAsync(router, form, AsDraining);
            Assert.Equal(form, (await SeenAsync(router)).Form);
        }

        // Also by the one that comes after, which has it from the ledger.
        using var next = Router(AsDraining);
        Assert.Equal(form, (await SeenAsync(next)).Form);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(SecondWriter.Long, false)]
    public async Task A_second_change_soon_after_the_first_was_put_right_is_left_and_one_long_after_is_not(int readings, bool left)
    {
        using var router = Router(new(Prepend: 1));
        await SeenAsync(router);
        await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1));
        await SeenAsync(router);
        table.Has.Clear();
        Assert.Equal(RouteForm.Withdrawn, (await SeenAsync(router)).Form);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1)));
        for (var i = 0; i < readings; i++) Assert.Equal(RouteForm.Plain, (await SeenAsync(router)).Form);
        table.Has.Clear();
        Assert.Equal(RouteForm.Withdrawn, (await SeenAsync(router)).Form);
        var outcome = await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1));
        Assert.Equal(left, outcome is Retry { Why: var why } && why.Contains("somebody else changed", StringComparison.Ordinal));
        Assert.Equal(left, table.Has.Count == 0);
    }

    [Theory]
    [InlineData("one", true)]
    [InlineData("two", false)]
    public async Task A_router_that_was_silent_for_a_while_has_forgotten_nothing_unless_it_was_restarted(string after, bool left)
    {
        // Told before it was first read.
        using var router = Router(new(Prepend: 1));
        await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1));
        await SeenAsync(router);
        table.Has.Clear();
        await SeenAsync(router);
        Assert.Equal(Outcome.Done, await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1)));
        table.Silent = "no answer";
        Assert.IsType<RouterUnseen>(await router.ReadAsync(null, default));
        (table.Silent, table.Incarnation) = (null, after);
        table.Has.Clear();
        await SeenAsync(router);
        Assert.Equal(left, await ApplyAsync(router, RouteForm.Plain, new(Prepend: 1)) is Retry);
        Assert.Equal(left, table.Has.Count == 0);
    }
}
