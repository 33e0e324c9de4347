using System.Globalization;

namespace Oops.Actions.Bird;

/// <summary>
/// A reconfiguration is not ours alone: it takes in the router's whole file, and it resets what somebody enabled or disabled by hand (measured with BIRD 2.0.12).
/// Before each, the router is compared with its files.
/// </summary>
internal static class BirdSecondWriter
{
    /// <summary>Null when none of these, which are in our file and of which nothing was said, stands otherwise than the file has it.</summary>
    public static string? Finds(BirdRouter router, IEnumerable<(string Protocol, bool Up)> untouched)
    {
        foreach ((string protocol, bool up) in untouched)
            if (router.Protocols.TryGetValue(protocol, out BirdProtocol? row) && row.Down == up)
                return $"not reconfigured: protocol {protocol} is {(up ? "down" : "up")} and would come {(up ? "up" : "down")}, but its route is held, not read yet, or out of the config: `oops unhold`, `oops release`, or switch it as it was";
        return null;
    }

    /// <summary>Null when a reconfiguration would change nothing that is not ours; else who would be surprised by it, and what to do.</summary>
    public static string? Finds(BirdRouter router, string config, string ours)
    {
        (BirdConfigText? text, string? why) = BirdConfigText.Read(config, ours);
        if (text is null)
        {
            BirdProtocol? down = router.Protocols.Values.FirstOrDefault(p => !p.Ours && p.Down);
            return down is null ? null : $"not reconfigured: protocol {down.Name} is down, and whether by hand cannot be told ({why})";
        }
        if (router.Reconfigured is { } last && text.Newest.At > last)
            return string.Create(CultureInfo.InvariantCulture, $"not reconfigured: {text.Newest.Path} was changed after the router's last reconfiguration; run `birdc configure` or undo the change");
        foreach (BirdProtocol protocol in router.Protocols.Values)
            if (!protocol.Ours && text.Disabled(protocol.Name) is { } disabled && disabled != protocol.Down)
                return $"not reconfigured: protocol {protocol.Name} was {(protocol.Down ? "disabled" : "enabled")} by hand, which a reconfiguration would undo";
        return null;
    }
}
