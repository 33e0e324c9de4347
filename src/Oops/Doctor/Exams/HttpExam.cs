using System.Net;

namespace Oops.Doctor.Exams;

/// <summary>An HTTP API with a key, of PowerDNS and dnsdist.</summary>
internal static class HttpExam
{
    /// <summary>Who may reach it.</summary>
    public static void Open(Chart chart, string id, IPEndPoint endpoint, IEnumerable<string> allowed, string at, Remedy remedy)
    {
        chart.Api = Addresses.Yaml(Addresses.IsAny(endpoint.Address) ? new IPEndPoint(IPAddress.Loopback, endpoint.Port) : endpoint);
        if (!IPAddress.IsLoopback(endpoint.Address) && allowed.Any(IsEverybody))
            chart.Say(Grade.Unsafe, $"{id}-api-open", $"{at}: its API is open to every address on {endpoint}; only its key stands before a change of its zones", Pages.Doctor, remedy);
    }

    /// <summary>Who may read its key.</summary>
    public static void Key(Chart chart, string id, string file)
    {
        if (chart.Around.Readable(file) == true)
            chart.Say(Grade.Unsafe, $"{id}-key-readable", $"everybody on this machine may read {file}, and the API's key in it", Pages.Doctor, Remedy.CloseToOthers(file));
    }

    static bool IsEverybody(string network) => network.Trim() is "0.0.0.0/0" or "::/0" or "0.0.0.0" or "::";
}
