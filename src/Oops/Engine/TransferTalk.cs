using System.Collections.Immutable;
using System.Net;

namespace Oops.Engine;

/// <summary>Somebody was seen to ask a server for a zone.</summary>
/// <param name="Zone">Canonical.</param>
/// <param name="Client">Who asked, by an address that cannot be forged: over TCP, TLS or QUIC.</param>
/// <param name="Refused">The server said no.</param>
internal readonly record struct TransferSeen(string Zone, IPAddress Client, bool Refused);

/// <summary>Carries what sources see of transfers to who wants to know of it. Thread-safe; while nobody listens for a server, nothing is looked at for it.</summary>
internal sealed class TransferTalk
{
    readonly Lock gate = new();
    ImmutableDictionary<string, ImmutableArray<Action<TransferSeen>>> ears = ImmutableDictionary<string, ImmutableArray<Action<TransferSeen>>>.Empty;

    public bool IsHeard(string server) => Volatile.Read(ref ears).ContainsKey(server);

    /// <summary>From now on until it is disposed of.</summary>
    /// <param name="server">Of which server.</param>
    /// <param name="take">Called on the source's own task: it does not wait.</param>
    public IDisposable Hear(string server, Action<TransferSeen> take)
    {
        lock (gate) Volatile.Write(ref ears, ears.SetItem(server, ears.GetValueOrDefault(server, []).Add(take)));
        return new Ear(this, server, take);
    }

    public void Tell(string server, TransferSeen seen)
    {
        foreach (var ear in Volatile.Read(ref ears).GetValueOrDefault(server, [])) ear(seen);
    }

    void Leave(string server, Action<TransferSeen> take)
    {
        lock (gate)
        {
            var left = ears.GetValueOrDefault(server, []).Remove(take);
            Volatile.Write(ref ears, left.IsEmpty ? ears.Remove(server) : ears.SetItem(server, left));
        }
    }

    sealed class Ear(TransferTalk talk, string server, Action<TransferSeen> take) : IDisposable
    {
        public void Dispose() => talk.Leave(server, take);
    }
}
