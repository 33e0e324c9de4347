using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Oops.Native;

namespace Oops.Control;

/// <summary>Who is at the other end of the control socket, by the kernel's word (SO_PEERCRED).</summary>
/// <param name="Name">For the history: `root`, `anna (1000)`.</param>
/// <param name="MayWrite">Root, the daemon's own user, or somebody of the socket's group.</param>
internal sealed record Peer(string Name, bool MayWrite)
{
    static readonly Peer Nobody = new("unknown", false);

    public static Peer Of(HttpContext context, uint socketGroup)
    {
        // The kernel's word is about the connection, not about the request: asked once.
        var items = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(typeof(Peer), out var asked) && asked is Peer known) return known;
        var found = Ask(context, socketGroup);
        if (items is not null) items[typeof(Peer)] = found;
        return found;
    }

    static Peer Ask(HttpContext context, uint socketGroup)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: AddressFamily.Unix } socket || !PeerCredentials.TryRead(socket, out var peer)) return Nobody;
        var name = Accounts.NameOf(peer.Uid);
        var may = peer.Uid == 0 || peer.Uid == Accounts.OwnUser || peer.Gid == socketGroup || (name is not null && Accounts.IsMember(name, socketGroup));
        return new(name is null ? string.Create(CultureInfo.InvariantCulture, $"uid {peer.Uid}") : name, may);
    }
}
