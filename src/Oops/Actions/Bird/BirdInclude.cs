using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Config;
using Oops.Core;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// The file that BIRD includes: the whole wanted state, so that a reconfiguration or a restart of BIRD, ours or anybody's, ends in it. Per route a comment that
/// says how it stands, from which the file is read again, and one static protocol per form and family with rising preference, `disabled` unless it shall be up.
/// </summary>
internal static class BirdInclude
{
    /// <summary>The file's text. A degraded form by prepending needs to know the local AS; it is left out while that is null.</summary>
    public static string Render(string action, IEnumerable<RouteWanted> routes, uint? asn)
    {
        var text = new StringBuilder();
        foreach (RouteWanted route in routes.OrderBy(r => r.Route, StringComparer.Ordinal))
        {
            text.Append('\n').Append(Ledger.Line(route)).Append('\n');
            // The highest preference first: BIRD starts protocols in the order of the file, and what is hidden is then never exported.
            for (int form = BirdNames.Forms.Length - 1; form >= 0; form--)
                foreach (bool six in new[] { false, true })
                    Protocol(text, route, BirdNames.Forms[form], six, 200 + 10 * form, asn);
        }
        return Whole(action, text.ToString());
    }

    /// <summary>Another action's text without some of its routes, and some prefixes of the others; what it says of the rest is its own, and stays as it is.</summary>
    public static string Without(string action, string text, IReadOnlyCollection<string> routes, IReadOnlyCollection<IPNetwork> prefixes)
    {
        const string Mark = "\n# route ";
        return Whole(action, string.Concat(text.Split(Mark).Skip(1).Select(p => Section(p.TrimEnd('\n').Split('\n'), routes, prefixes)).OfType<string>().Select(p => $"{Mark}{p}\n")));
    }

    /// <summary>A constant in the file, by which BIRD is asked (`eval`) whether it runs with this very text.</summary>
    public static string ConstantName(string action) => "oops_text_" + action.Replace('-', '_');

    /// <summary>The value of the constant in a text that <see cref="Render"/> gave.</summary>
    public static string ConstantOf(string text) => Number(text[(text.IndexOf('\n', text.IndexOf('\n', StringComparison.Ordinal) + 1) + 1)..]);

    /// <summary>What the file's protocols are called, and whether each shall be up.</summary>
    public static IEnumerable<(string Protocol, bool Up)> Protocols(RouteWanted route, uint? asn)
    {
        foreach (RouteForm form in BirdNames.Forms)
            foreach (bool six in new[] { false, true })
                if (Has(route, form, asn) && route.Prefixes.Any(p => IsSix(p) == six))
                    yield return (BirdNames.Protocol(route.Route, form, six), BirdNames.IsUp(route.Form, form));
    }

    /// <summary>A route's lines without some prefixes; null: nothing of it is left.</summary>
    static string? Section(string[] lines, IReadOnlyCollection<string> routes, IReadOnlyCollection<IPNetwork> prefixes)
    {
        string[] words = lines[0].Split(' ');
        List<string> gone = [.. words.Skip(3).Where(w => IPNetwork.TryParse(w, out IPNetwork prefix) && prefixes.Contains(prefix))];
        if (routes.Contains(words[0]) || gone.Count == words.Length - 3)
            return null;
        var left = new List<string> { string.Join(' ', words.Except(gone)) };
        var protocol = new List<string>();
        foreach (string line in lines.Skip(1))
        {
            if (!gone.Any(g => line.StartsWith($"    route {g} ", StringComparison.Ordinal)))
                protocol.Add(line);
            if (line != "}")
                continue;
            if (protocol.Any(l => l.StartsWith("    route ", StringComparison.Ordinal)))
                left.AddRange(protocol);
            protocol.Clear();
        }
        return string.Join('\n', left);
    }

    static string Whole(string action, string body) =>
        $"{Ledger.Header}{action}`. It is replaced at each change: edits are lost.\ndefine {ConstantName(action)} = {Number(body)};\n{body}";

    /// <summary>31 bits of the body's hash: BIRD's numbers have 32, and some versions print them signed.</summary>
    static string Number(string body) =>
        ((uint)(Fingerprint.Of(body) >> 32) >> 1).ToString(CultureInfo.InvariantCulture);

    static void Protocol(StringBuilder text, RouteWanted route, RouteForm form, bool six, int preference, uint? asn)
    {
        var prefixes = Ledger.Ordered(route.Prefixes).Where(p => IsSix(p) == six).ToList();
        if (prefixes.Count == 0 || !Has(route, form, asn))
            return;
        string attributes = form switch
        {
            RouteForm.Degraded => Attributes(route.Degrade, asn),
            // RFC 8326: GRACEFUL_SHUTDOWN is 65535:0, and the path is the last resort within our own AS too.
            RouteForm.Draining => (route.Form == RouteForm.DrainingDegraded ? Attributes(route.Degrade, asn) : "") + " bgp_community.add((65535,0)); bgp_local_pref = 0;",
            _ => "",
        };
        text.Append(CultureInfo.InvariantCulture, $"protocol static {BirdNames.Protocol(route.Route, form, six)} {{\n");
        if (!BirdNames.IsUp(route.Form, form))
            text.Append("    disabled;\n");
        text.Append(CultureInfo.InvariantCulture, $"    {(six ? "ipv6" : "ipv4")} {{ preference {preference}; }};\n");
        foreach (IPNetwork prefix in prefixes)
            text.Append("    route ").Append(prefix).Append(" blackhole").Append(attributes.Length == 0 ? "" : " {" + attributes + " }").Append(";\n");
        text.Append("}\n");
    }

    static bool Has(RouteWanted route, RouteForm form, uint? asn) => form != RouteForm.Degraded || Attributes(route.Degrade, asn).Length > 0;

    static string Attributes(Degradation degrade, uint? asn)
    {
        if (degrade.Med is { } med)
            return string.Create(CultureInfo.InvariantCulture, $" bgp_med = {med};");
        if (degrade.Community is { } community)
            return string.Create(CultureInfo.InvariantCulture, $" bgp_community.add(({community.Asn},{community.Value}));");
        if (degrade.Large is { } large)
            return string.Create(CultureInfo.InvariantCulture, $" bgp_large_community.add(({large.Asn},{large.Data1},{large.Data2}));");
        return asn is null ? "" : string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $" bgp_path.prepend({asn});"), degrade.Prepend));
    }

    static bool IsSix(IPNetwork prefix) => prefix.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;
}
