using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Routers;

/// <summary>A prefix that a router has and tells nobody.</summary>
public sealed class UnheardPrefixTests : IDisposable
{
    static readonly IPNetwork Prefix = IPNetwork.Parse("192.0.2.0/24");

    readonly string directory = Directory.CreateTempSubdirectory("reach").FullName;

    public void Dispose() => Directory.Delete(directory, true);

    /// <summary>A router whose policies let nobody have anything.</summary>
    sealed class Mute : IPrefixLink
    {
        public List<PrefixChange> Told { get; } = [];

        public ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop) =>
            new(new LinkRead(null, "1", [new PrefixRead(Prefix, default(Look), "to nobody") { Unheard = true }]));

        public ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
        {
            Told.AddRange(changes);
            return new((string?)null);
        }

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task Is_withdrawn_for_the_machine_and_is_withdrawn_from_the_router_all_the_same()
    {
        var link = new Mute();
        using var router = new PrefixRouter("test", "edge", link, [new RouterRoute("a", [Prefix])], new LedgerFile(Path.Combine(directory, "edge.routes")), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        var seen = Assert.Single(Assert.IsType<RouterObserved>(await router.ReadAsync(null, default)).Routes);
        Assert.Equal((RouteForm.Withdrawn, "to nobody"), (seen.Form, seen.Detail));

        RouterIntent Intent(RouteForm form) => new("edge", 1, "a test", [new RouteWanted("a", [Prefix], form, new Degradation(Prepend: 1))]);
        Assert.Equal(Outcome.Done, await router.ApplyAsync(Intent(RouteForm.Plain), default));
        Assert.Empty(link.Told);
        Assert.Equal(Outcome.Done, await router.ApplyAsync(Intent(RouteForm.Withdrawn), default));
        Assert.Equal([new PrefixChange(Prefix, null)], link.Told);
    }
}
