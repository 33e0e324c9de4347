using System.Net;
using Oops.Dns;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Reports;

/// <summary>Asks one monitoring agent, with a client cookie of its own (RFC 7873).</summary>
internal sealed class AgentClient(IPEndPoint server, TimeSpan timeout, TimeProvider time)
{
    readonly byte[] cookie = NewCookie();

    public IPEndPoint Server { get; } = server;

    /// <summary>Our client cookie, and nothing behind it.</summary>
    public ReadOnlyMemory<byte> Cookie => cookie;

    /// <summary>Where TLS is; the same unless it was said.</summary>
    public int? TlsPort { get; init; }

    public Task<Exchanged> AskAsync(PlainQuery query, Transport over, CancellationToken stop) =>
        Exchange.RunAsync(over == Transport.Tls && TlsPort is { } port ? new IPEndPoint(Server.Address, port) : Server, over, query, timeout, time, stop);

    /// <summary>Over UDP, and over TCP what is truncated.</summary>
    public Task<Exchanged> WholeAsync(PlainQuery query, CancellationToken stop) => Exchange.WholeAsync(Server, query, timeout, time, stop);

    /// <summary>The resolvers in the text of a resolv.conf(5): at most three, as there.</summary>
    public static IReadOnlyList<IPEndPoint> SystemResolvers(string text) =>
    [
        .. text.Split('\n').Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w is ["nameserver", _, ..])
            .Select(w => IPAddress.TryParse(w[1], out var address) ? address : null).OfType<IPAddress>().Take(3).Select(a => new IPEndPoint(a, 53)),
    ];

    static byte[] NewCookie()
    {
        var cookie = new byte[ServerCookie.ClientSize];
        for (var i = 0; i < cookie.Length; i += 2) BitConverter.TryWriteBytes(cookie.AsSpan(i), Unpredictable.UInt16());
        return cookie;
    }
}
