using System.Net;
using Oops.Lab.Harness;
using Oops.Lab.Knot;
using Oops.Servers;
using Oops.Sources.Nsd;
using NsdServer = Oops.Lab.Harness.Nsd;

namespace Oops.Lab.Nsd;

/// <summary>A source that runs against a real NSD.</summary>
internal static class NsdLab
{
    public static LineControlOptions Way(NsdServer nsd, TimeSpan? timeout = null) => new("nsd", "NSDCT1", nsd.Control, timeout ?? TimeSpan.FromSeconds(5))
    {
        Address = nsd.Tls ? new(IPAddress.Loopback, 8952) : null,
        Keys = nsd.Tls ? new(nsd.ServerCert, nsd.Key, nsd.Cert) : null,
    };

    public static RunningSource Run(NsdServer nsd, TimeSpan? interval = null, TimeSpan? rate = null, TimeSpan? timeout = null, LineControlOptions? way = null) =>
        new(new NsdSource(new NsdOptions("ns1", way ?? Way(nsd, timeout), new(IPAddress.Loopback, 53), true, interval ?? TimeSpan.FromSeconds(60), rate ?? TimeSpan.Zero)));

    /// <summary>What it says until all of these were said, in any order; `word*` is a beginning.</summary>
    public static async Task<List<string>> UntilAsync(RunningSource source, TimeSpan limit, params string[] words)
    {
        List<string> said = [];
        await Wait.UntilAsync(string.Join(", ", words), () =>
        {
            said.AddRange(source.Engine.Take());
            return words.All(w => said.Exists(s => w.EndsWith('*') ? s.StartsWith(w[..^1], StringComparison.Ordinal) : s == w));
        }, limit, TimeSpan.FromMilliseconds(20), () => string.Join('\n', said.TakeLast(60)));
        return said;
    }
}
