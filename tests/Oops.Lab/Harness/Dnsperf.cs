using System.Globalization;
using System.Net;

namespace Oops.Lab.Harness;

/// <summary>A steady stream of queries by dnsperf, until it is disposed of.</summary>
internal static class Dnsperf
{
    public static LabProcess Start(IPEndPoint server, string name, int perSecond, int seconds = 120)
    {
        string directory = Lab.FreshDirectory("dnsperf");
        string queries = Path.Combine(directory, "queries");
        File.WriteAllText(queries, $"{name} A\n");
        return LabProcess.Start(Path.Combine(directory, "log"), Side.Node, null, "dnsperf", "-s", server.Address.ToString(), "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-d", queries,
            "-Q", perSecond.ToString(CultureInfo.InvariantCulture), "-l", seconds.ToString(CultureInfo.InvariantCulture), "-c", "2", "-q", "50", "-t", "1");
    }
}
