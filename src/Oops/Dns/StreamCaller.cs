using Oops.Native;

namespace Oops.Dns;

/// <summary>One connection to a <see cref="StreamEar"/>: what both kinds have. There may be ten thousand, so it is small.</summary>
internal abstract class StreamCaller(StreamEar ear, int fd, in Peer peer) : IDisposable
{
    readonly Peer peer = peer;

    public int Fd { get; } = fd;

    /// <summary>What the ear knows it by.</summary>
    public long Token { get; init; }

    public ref readonly Peer Peer => ref peer;

    /// <summary>The same as the sender of a request that has come now.</summary>
    protected Peer Sender => peer with { At = Ear.Now };

    /// <summary>Whose connections are counted together: an IPv4 address, an IPv6 /64.</summary>
    public UInt128 Party => PartyOf(peer.Address);

    /// <summary>What epoll is to report.</summary>
    public EpollEvents Asked { get; set; }

    public bool IsClosed { get; set; }

    // The list that it is in, and its place there.
    public QuietList? List { get; set; }

    public StreamCaller? Before { get; set; }

    public StreamCaller? Behind { get; set; }

    /// <summary>When it was put there.</summary>
    public long Since { get; set; }

    public static UInt128 PartyOf(PeerAddress address) => address.IsV4 ? address.Bits : address.Bits >> 64;

    protected StreamEar Ear { get; } = ear;

    /// <summary>What it waits for now.</summary>
    public abstract EpollEvents Wanted { get; }

    /// <summary>It was accepted.</summary>
    public abstract void Start();

    /// <summary>It can be read or written, or has failed.</summary>
    public abstract void Ready(EpollEvents events);

    /// <summary>It is being closed: gives back what it holds. Its descriptor is still open.</summary>
    public abstract void Dispose();
}
