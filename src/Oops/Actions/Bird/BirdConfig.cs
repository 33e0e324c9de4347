using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>One BIRD.</summary>
internal sealed record BirdConfig : IKeepsLedger, IValidate
{
    [Description("What routes call it in `via`.")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Absolute path of BIRD's control socket, at most 107 bytes. oops must be in the socket's group ('bird' on Debian).")]
    [Path]
    public string Socket { get; set; } = "/run/bird/bird.ctl";

    [Description("The glob that bird.conf includes: an absolute path with one star in the file's name. Ours is the file with this action's name for the star; its folder must be writable for oops and readable for BIRD.")]
    [Path]
    public string Include { get; set; } = "/run/oops/bird-*.conf";

    [Description("Absolute path of BIRD's configuration, which is only read: no reconfiguration is asked for while it holds changes that BIRD has not taken, or while a protocol of somebody else was switched by hand.")]
    [Path]
    public string Config { get; set; } = "/etc/bird/bird.conf";

    [Description("The local AS number, which is prepended to degrade a route. Absent: that of BIRD's first BGP protocol.")]
    [Bounds("1", "4294967295")]
    public long? Asn { get; set; }

    [Description("The BGP protocols that are looked at when a route is read back. Empty: all that are up.")]
    public IReadOnlyList<string> Sessions { get; set; } = [];

    [Description("How long BIRD may take for one answer.")]
    [Bounds("50ms", "30s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often the router is read when nothing happens.")]
    [Bounds("1s", "10m")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The file that it writes.</summary>
    internal string FilePath => Include.Replace("*", Name, StringComparison.Ordinal);

    internal static RouterKind Kind { get; } = new("bird", ".conf",
        stray => $"and BIRD announces {stray.Prefixes} because of it, also after a restart",
        stray => $"`rm {stray.Path} && birdc configure` takes it away, the action back in the config keeps it")
    { Doubles = BirdStrays.Doubles };

    RouterKind IKeepsLedger.Kind => Kind;

    string IKeepsLedger.Router => Strays.Normal(Socket);

    string IKeepsLedger.LedgerPath(OopsConfig config) => FilePath;

    string IKeepsLedger.LedgerGlob(OopsConfig config) => Include;

    /// <summary>Two files that define the same symbols are none that BIRD takes: so who has its routes takes a stray's place, and no other.</summary>
    bool IKeepsLedger.Inherits(Stray stray, OopsConfig config) =>
        Strays.Matches(Include, stray.Path) && stray.Shares(RouterRoute.Via(Name, config).Where(r => !r.Observed).Select(r => r.Name));

    bool IKeepsLedger.Shows(Stray stray, OopsConfig config) =>
        Strays.Matches(Include, stray.Path) && !stray.Announced.Any(RouterRoute.Via(Name, config).SelectMany(r => r.Prefixes).Contains);

    bool IActionConfig.CarriesRoutes => true;

    public IAction Create(OopsConfig config) => new BirdAction(this, RouterRoute.Via(Name, config), BootTime.Instance, Strays.Kept(config), Heritage.Of(this, config).Beside,
        [.. config.Actions.Bird.Where(b => b.Name != Name).SelectMany(b => RouterRoute.Via(b.Name, config)).SelectMany(r => r.Prefixes)]);

    public void Validate(ConfigErrors errors, string path)
    {
        string file = System.IO.Path.GetFileName(Include);
        if (Include.Count(c => c == '*') != 1 || !file.Contains('*', StringComparison.Ordinal) || file.StartsWith('*') || Include.AsSpan().IndexOfAny('?', '"', '[') >= 0)
            errors.Add($"{path}.include", $"{ConfigErrors.Show(Include)} is not a path with one star within the file's name, such as /run/oops/bird-*.conf");
        SocketRules.Check(Socket, $"{path}.socket", errors);
        for (int i = 0; i < Sessions.Count; i++)
            if (!Sessions[i].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':'))
                errors.Add($"{path}.sessions[{i}]", $"{ConfigErrors.Show(Sessions[i])} is not a protocol's name as `birdc show protocols` prints it");
    }
}
