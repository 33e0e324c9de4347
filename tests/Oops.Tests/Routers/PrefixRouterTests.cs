using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>The keeper of a table, at a router that is a dictionary.</summary>
public sealed class PrefixRouterTests : IDisposable
{
    static readonly IPNetwork One = IPNetwork.Parse("192.0.2.53/32");
    static readonly IPNetwork Two = IPNetwork.Parse("2001:db8:53::/48");

    readonly string directory = Directory.CreateTempSubdirectory("prefixrouter").FullName;
    readonly Table table = new();
    readonly PrefixRouter router;

    public PrefixRouterTests() => router = new("test", "edge", table, [new RouterRoute("anycast", [One, Two])], new LedgerFile(Path.Combine(directory, "test-edge.routes")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));

    public void Dispose()
    {
        router.Dispose();
        Directory.Delete(directory, true);
    }

    /// <summary>A router's memory.</summary>
    sealed class Table : IPrefixLink
    {
        public Dictionary<IPNetwork, Look?> Has { get; } = [];

        public string Incarnation { get; set; } = "first";

        public string? Unread { get; set; }

        public int Changes { get; private set; }

        public ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop) => ValueTask.FromResult(
            Unread is { } why ? LinkRead.Failed(why) : new(null, Incarnation, [.. prefixes.Where(Has.ContainsKey).Select(p => new PrefixRead(p, Has[p], "announced"))]));

        public ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
        {
            foreach (var change in changes)
            {
                Changes++;
                if (change.Look is { } look) Has[change.Prefix] = look;
                else Has.Remove(change.Prefix);
            }

            return ValueTask.FromResult<string?>(null);
        }

        public void Dispose()
        {
        }
    }

    async Task<Outcome> ApplyAsync(RouteForm form) => await router.ApplyAsync(new RouterIntent("edge", 1, "a test", [new RouteWanted("anycast", [One, Two], form, new Degradation(Prepend: 2))]), default);

    async Task<RouteSeen> SeenAsync() => Assert.IsType<RouterObserved>(await router.ReadAsync(null, default)).Routes.Single();

    [Fact]
    public async Task What_is_found_with_other_attributes_is_announced_by_whoever_it_is()
    {
        table.Has[One] = table.Has[Two] = null;
        var seen = await SeenAsync();
        Assert.Equal((RouteForm.Plain, "announced, with other attributes, not as ours"), (seen.Form, seen.Detail));
    }

    [Fact]
    public async Task What_we_told_and_somebody_changed_is_in_no_form_so_that_it_is_put_right_once_and_then_left()
    {
        await SeenAsync();
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Plain));
        Assert.Equal(RouteForm.Plain, (await SeenAsync()).Form);

        table.Has[One] = new Look(Med: 77);
        var seen = await SeenAsync();
        Assert.Null(seen.Form);
        Assert.Contains("192.0.2.53/32 changed (announced, MED 77, not as ours); 2001:db8:53::/48 plain", seen.Detail, StringComparison.Ordinal);
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Plain));
        Assert.Equal(default(Look), table.Has[One]);
        Assert.Equal(RouteForm.Plain, (await SeenAsync()).Form);

        table.Has[One] = new Look(Med: 77);
        Assert.Null((await SeenAsync()).Form);
        var changes = table.Changes;
        Assert.Contains("somebody else changed 192.0.2.53/32 again", Assert.IsType<Retry>(await ApplyAsync(RouteForm.Plain)).Why, StringComparison.Ordinal);
        Assert.Equal(changes, table.Changes);
        Assert.Null((await SeenAsync()).Form);

        // A withdraw is always said.
        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Withdrawn));
        Assert.Empty(table.Has);
    }

    [Fact]
    public async Task A_reading_that_fails_does_not_make_another_writer_forgotten()
    {
        await SeenAsync();
        await ApplyAsync(RouteForm.Plain);
        table.Has.Remove(One);
        await SeenAsync();
        await ApplyAsync(RouteForm.Plain);
        table.Unread = "test: silent";
        Assert.IsType<RouterUnseen>(await router.ReadAsync(null, default));
        table.Unread = null;
        table.Has.Remove(One);
        await SeenAsync();
        Assert.IsType<Retry>(await ApplyAsync(RouteForm.Plain));
    }

    [Fact]
    public async Task A_restart_is_nobodys_change()
    {
        await SeenAsync();
        for (var restart = 0; restart < 3; restart++)
        {
            Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Degraded));
            table.Has.Clear();
            table.Incarnation = $"restart {restart}";
            Assert.Equal(RouteForm.Withdrawn, (await SeenAsync()).Form);
        }

        Assert.Equal(Outcome.Done, await ApplyAsync(RouteForm.Degraded));
        Assert.Equal(new Look(Prepend: 2), table.Has[Two]);
    }
}
