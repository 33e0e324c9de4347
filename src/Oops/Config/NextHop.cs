using System.Net;
using System.Net.Sockets;

namespace Oops.Config;

/// <summary>What routers that are told prefix by prefix share: where the packets shall go.</summary>
internal static class NextHop
{
    /// <summary>The router's own address of each session.</summary>
    public const string Own = "its own address";

    /// <summary>An error unless the text is an address of the family, and nothing more.</summary>
    public static void Check(string? text, AddressFamily family, ConfigErrors errors, string path, string besides = "")
    {
        if (text is null || Endpoint.TryAddress(text, family, out _)) return;
        var (name, example) = family == AddressFamily.InterNetwork ? ("IPv4", "192.0.2.1") : ("IPv6", "2001:db8::1");
        errors.Add(path, $"{ConfigErrors.Show(text)} is not an {name} address, such as {example}{besides}");
    }

    /// <summary>IPv6 prefixes go via a router that takes its own address of the session for a next hop, which has none over IPv4.</summary>
    public static void WarnOfSix(string action, string word, OopsConfig config, ConfigErrors errors)
    {
        foreach (var (name, route) in config.Routes.Where(r => r.Value.Via == action && errors.Unbound.IsWhole($"routes.{r.Key}")))
            if (route.Prefixes.FirstOrDefault(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) is { PrefixLength: > 0 } six)
                errors.Warn($"routes.{name}.prefixes", $"{six} goes via '{action}', which has no next-hop6: over a session of IPv4 {word} has no next hop for it, and no peer gets it; write next-hop6 there, unless all sessions are of IPv6");
    }
}
