using Oops.Config;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.Speaker;

/// <summary>A config with those who do what it says: its peers, and where we listen for them. A peer that another config has as it is goes on in it, and so does its session.</summary>
internal sealed class SpeakerCast
{
    readonly Func<SpeakerConfig, SpeakerPeerConfig, SpeakerPeer> join;
    readonly Func<Endpoint, IReadOnlyList<SpeakerPeer>, SpeakerListener> listen;

    public SpeakerCast(SpeakerConfig config, Func<SpeakerConfig, SpeakerPeerConfig, SpeakerPeer> join, Func<Endpoint, IReadOnlyList<SpeakerPeer>, SpeakerListener> listen, SpeakerCast? before = null)
    {
        (Config, this.join, this.listen) = (config, join, listen);
        Peers = [.. config.Peers.Select(p => before?.Goes(p.Address, config) ?? join(config, p))];
        // A listener has the passwords of all peers: with others it is another.
        var same = before is not null && before.Peers.SequenceEqual(Peers);
        Listeners = [.. config.Listen.Select(l => (same ? before!.Listeners.FirstOrDefault(b => b.At.Equals(l.ToIPEndPoint(SpeakerPeer.Port))) : null) ?? listen(l, Peers))];
    }

    public SpeakerConfig Config { get; }

    public IReadOnlyList<SpeakerPeer> Peers { get; }

    public IReadOnlyList<SpeakerListener> Listeners { get; }

    public SpeakerCast With(SpeakerConfig next) => new(next, join, listen, this);

    /// <summary>The peer that goes on with another config as it is; null: there is none.</summary>
    public SpeakerPeer? Goes(Endpoint to, SpeakerConfig next) =>
        next.Asn == Config.Asn && next.RouterId == Config.RouterId ? Peers.FirstOrDefault(p => p.Config.Address == to && next.Peers.Contains(p.Config)) : null;
}
