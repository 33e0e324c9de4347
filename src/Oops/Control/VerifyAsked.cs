using System.Globalization;
using Microsoft.AspNetCore.Http;
using Oops.Config;
using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Severity = Oops.Zones.Verification.Severity;

namespace Oops.Control;

/// <summary>What who asks the daemon for a verdict relies on. The daemon judges by its config, and must not be believed to ask for what is not there.</summary>
/// <param name="Options">What is to be required, the policy and the canaries.</param>
/// <param name="Brake">How much the size may change at most; null: that is not asked for.</param>
internal sealed record VerifyAsked(VerifyOptions Options, SizeLimit? Brake)
{
    const string Require = "require", Policy = "policy", Canary = "canary", Limit = "brake", Dnssec = "dnssec", Zonemd = "zonemd";

    /// <summary>As words of a request, each with a &amp; before it.</summary>
    public string Query => string.Concat(
    [
        .. Requirements(Options).Select(static r => $"&{Require}={r}"),
        .. Options.Policy.Select(static p => $"&{Policy}={ZoneFaults.Of(p.Key).Name}%3D{Word(p.Value)}"),
        .. Options.Canaries.Select(static c => $"&{Canary}={Uri.EscapeDataString(c.ToString())}"),
        Brake is { } limit ? $"&{Limit}={Uri.EscapeDataString(limit.ToString())}" : "",
    ]);

    /// <summary>Null: a word could not be read; <paramref name="why"/> says which. A word that is not known would be one that is not applied.</summary>
    public static VerifyAsked? Read(IQueryCollection words, out string? why)
    {
        var (policy, canaries, brake) = (new Dictionary<ZoneFault, Severity>(), new List<DnsName>(), (SizeLimit?)null);
        why = null;
        foreach (var word in words[Require])
        {
            if (word is not (Dnssec or Zonemd))
                why = $"{Require}: {Dnssec} or {Zonemd}, not {ConfigErrors.Show(word ?? "")}";
        }

        foreach (var word in words[Policy])
        {
            if (TryPolicy(word ?? "", out var pair, out var wrong))
                policy[pair.Key] = pair.Value;
            else
                why = $"{Policy}: {wrong}";
        }

        foreach (var word in words[Canary])
        {
            if (DnsName.TryParse(word ?? "", out var name))
                canaries.Add(name);
            else
                why = $"{Canary}: {ConfigErrors.Show(word ?? "")} is no domain name";
        }

        if ((string?)words[Limit] is { } text)
        {
            if (SizeLimit.TryParse(text, out var limit))
                brake = limit;
            else
                why = $"{Limit}: {ConfigErrors.Show(text)} is not PERCENT,LEAST";
        }

        return why is not null ? null : new(new VerifyOptions { Now = 0, RequireDnssec = words[Require].Contains(Dnssec), RequireZonemd = words[Require].Contains(Zonemd), Policy = policy, Canaries = canaries }, brake);
    }

    /// <summary>Null: all that is asked for is in the config. Else what is not, and where to write it: one terminal-safe line.</summary>
    /// <param name="has">What the source asks of each zone.</param>
    /// <param name="brake">Its brake; null: none.</param>
    /// <param name="server">Whose zones it judges.</param>
    public string? Lacks(VerifyOptions has, SizeLimit? brake, string server)
    {
        var wanting = new List<string>();
        if (Requirements(Options).Except(Requirements(has)).ToList() is { Count: > 0 } lacking)
            wanting.Add($"require: [{string.Join(", ", Requirements(has).Concat(lacking))}]");
        foreach (var (fault, severity) in Options.Policy.Where(p => has.Of(p.Key) != p.Value))
            wanting.Add($"policy: {{ {ZoneFaults.Of(fault).Name}: {Word(severity)} }}");
        if (Options.Canaries.Except(has.Canaries).ToList() is { Count: > 0 } missing)
            wanting.Add($"canaries: [{string.Join(", ", missing)}]");
        if (Brake is { } limit && brake?.IsAsStrictAs(limit) != true)
            wanting.Add(string.Create(CultureInfo.InvariantCulture, $"brake: {{ percent: {limit.Percent}, least: {limit.Least} }}"));
        return wanting.Count == 0 ? null : $"the source verify of {server} does not ask what the command does, and it is the one that judges: write {string.Join(", ", wanting)} there";
    }

    /// <summary>FAULT=SEVERITY. False: <paramref name="why"/> says what is wrong with it.</summary>
    public static bool TryPolicy(string text, out KeyValuePair<ZoneFault, Severity> policy, out string why)
    {
        (policy, why) = (default, "");
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            why = $"FAULT=SEVERITY, such as {ZoneFaults.Of(ZoneFault.TtlMismatch).Name}=warning";
        else if (ZoneFaults.Named(text[..equals]) is not { } words)
            why = $"no fault {ConfigErrors.Show(text[..equals])}{Suggest.DidYouMean(text[..equals], ZoneFaults.All.Select(static w => w.Name))}; `oops schema zone-faults` lists them";
        else if (Enum.TryParse<Severity>(text[(equals + 1)..], ignoreCase: true, out var severity) && Enum.IsDefined(severity) && !char.IsDigit(text[^1]))
            policy = new(words.Fault, severity);
        else
            why = "the severity is error, warning or ignore";
        return why.Length == 0;
    }

    static IEnumerable<string> Requirements(VerifyOptions options) => [.. options.RequireDnssec ? [Dnssec] : (string[])[], .. options.RequireZonemd ? [Zonemd] : (string[])[]];

    static string Word(Severity severity) => severity.ToString().ToLowerInvariant();
}
