namespace Oops.Actions.Speaker;

/// <summary>The peers and listeners that run. Those that another cast does not have are stopped before the new ones begin: of one address there is one at a time.</summary>
/// <param name="stop">Ends them all.</param>
internal sealed class SpeakerStaging(CancellationToken stop)
{
    readonly Dictionary<object, (CancellationTokenSource Stop, Task Task)> running = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<Task> Running => [.. running.Values.Select(r => r.Task)];

    /// <summary>Makes those run that the cast has, and no others.</summary>
    public async Task PlayAsync(SpeakerCast cast)
    {
        HashSet<object> wanted = new([.. cast.Peers, .. cast.Listeners], ReferenceEqualityComparer.Instance);
        var gone = running.Keys.Where(r => !wanted.Contains(r)).ToList();
        // Who listens first, so that nobody comes to a peer that goes.
        foreach (var listener in gone.OfType<SpeakerListener>()) await EndAsync(listener).ConfigureAwait(false);
        var peers = gone.OfType<SpeakerPeer>().ToList();
        peers.ForEach(p => p.Retire());
        await Task.WhenAll(peers.Select(EndAsync)).ConfigureAwait(false);
        foreach (var peer in cast.Peers) Begin(peer, peer.RunAsync);
        foreach (var listener in cast.Listeners) Begin(listener, listener.RunAsync);
    }

    /// <summary>They are stopped already: waits for their ends.</summary>
    public Task CloseAsync() => Task.WhenAll(running.Keys.ToList().Select(EndAsync));

    void Begin(object one, Func<CancellationToken, Task> run)
    {
        if (running.ContainsKey(one)) return;
        var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        running.Add(one, (ending, run(ending.Token)));
    }

    async Task EndAsync(object one)
    {
        running.Remove(one, out var part);
        await part.Stop.CancelAsync().ConfigureAwait(false);
        await part.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        part.Stop.Dispose();
    }
}
