using System.Collections.Immutable;
using System.Net;
using Oops.Wire.Gobgp;

namespace Oops.Actions.Gobgp;

/// <summary>GoBGP's calls, in whichever of its two APIs it has. What cannot be had is null, with the reason.</summary>
internal sealed class GobgpSession(GobgpClient client) : IDisposable
{
    GobgpApi? api;

    public GobgpClient Client => client;

    /// <summary>Which API it has; null: not asked yet.</summary>
    public GobgpApi? Api => api;

    /// <summary>The local AS number; 0: not asked yet.</summary>
    public uint Asn { get; private set; }

    /// <summary>Finds out which API it has, and its AS number. Null, or why not.</summary>
    public async ValueTask<string?> GreetAsync(CancellationToken stop)
    {
        foreach (var known in api is GobgpApi.V4 ? (GobgpApi[])[GobgpApi.V4, GobgpApi.V3] : [GobgpApi.V3, GobgpApi.V4])
        {
            var answer = await client.CallAsync(GobgpCalls.Path(known, GobgpCall.GetBgp), GrpcFrames.Write(GobgpRequests.Nothing), stop);
            if (answer.Status == GrpcAnswer.Unimplemented) continue;
            if (Refusal(answer, GobgpCall.GetBgp) is { } why) return why;
            if (answer.Messages is not [var message] || GobgpAnswers.LocalAs(message.Span) is not { } asn) return Malformed(GobgpCall.GetBgp);
            if (asn == 0) return $"gobgp: BGP is not started at {client.Where}: it has no [global.config] yet";
            (api, Asn) = (known, asn);
            return null;
        }

        api = null;
        return $"gobgp: neither the API of GoBGP 3 (apipb.GobgpApi) nor that of GoBGP 4 (api.GoBgpService) is at {client.Where}: which version is it?";
    }

    public async ValueTask<(IReadOnlyList<GobgpPeer>? Peers, string Why)> PeersAsync(CancellationToken stop)
    {
        var answer = await CallAsync(GobgpCall.ListPeer, stop, GobgpRequests.Nothing);
        if (Refusal(answer, GobgpCall.ListPeer) is { } why) return (null, why);
        var peers = new List<GobgpPeer>();
        foreach (var message in answer.Messages)
        {
            if (GobgpAnswers.Peer(api!.Value, message.Span) is not { } peer) return (null, Malformed(GobgpCall.ListPeer));
            peers.Add(peer);
        }

        return (peers, "");
    }

    /// <summary>The paths of these prefixes, of one family, in a table. None is asked for the whole of it.</summary>
    public async ValueTask<(ILookup<IPNetwork, GobgpPath>? Paths, string Why)> PathsAsync(GobgpTable table, string peer, IReadOnlyList<IPNetwork> prefixes, CancellationToken stop)
    {
        var answer = await CallAsync(GobgpCall.ListPath, stop, GobgpRequests.ListPath(api!.Value, table, peer, prefixes));
        if (Refusal(answer, GobgpCall.ListPath) is { } why) return (null, why);
        var paths = new List<GobgpPath>();
        foreach (var message in answer.Messages)
        {
            if (GobgpAnswers.Destination(api!.Value, message.Span) is not { } found) return (null, Malformed(GobgpCall.ListPath));
            paths.AddRange(found);
        }

        return (paths.ToLookup(p => p.Prefix), "");
    }

    /// <summary>Null when it took all. The lists go one after the other, each as a whole: what is refused of one does not undo those before it.</summary>
    public async ValueTask<string?> AddAsync(CancellationToken stop, params ImmutableArray<IReadOnlyList<GobgpPath>> lists)
    {
        var answer = await CallAsync(GobgpCall.AddPathStream, stop, [.. lists.Where(l => l.Count > 0).Select(l => GobgpRequests.AddPaths(api!.Value, l))]);
        // It may be another version by now.
        if (answer.Status == GrpcAnswer.Unimplemented) api = null;
        return Refusal(answer, GobgpCall.AddPathStream);
    }

    public void Dispose() => client.Dispose();

    ValueTask<GrpcAnswer> CallAsync(GobgpCall call, CancellationToken stop, params ReadOnlyMemory<byte>[] messages) => client.CallAsync(GobgpCalls.Path(api!.Value, call), GrpcFrames.Write(messages), stop);

    static string? Refusal(GrpcAnswer answer, GobgpCall call) => answer.Why ?? (answer.Status == 0 ? null : $"gobgp: refused {call}: {(answer.Message.Length > 0 ? answer.Message : "no reason given")} (status {answer.Status})");

    string Malformed(GobgpCall call) => $"gobgp: the answer to {call} is malformed, at {client.Where}";
}
