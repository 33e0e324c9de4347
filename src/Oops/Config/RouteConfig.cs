using System.ComponentModel;
using System.Net;
using Oops.Core;

namespace Oops.Config;

/// <summary>One route: prefixes that are announced where and while the DNS works.</summary>
internal sealed record RouteConfig : IValidate
{
    [Description("The prefixes, IPv4 or IPv6; they move together.")]
    [NotEmpty]
    public required IReadOnlyList<IPNetwork> Prefixes { get; set; }

    [Description("The action (router) that announces them.")]
    [Reference(Named.Action)]
    public required string Via { get; set; }

    [Description("The servers that answer behind the prefixes. Absent: all servers of the config.")]
    [Reference(Named.Server)]
    [NotEmpty]
    public IReadOnlyList<string>? Servers { get; set; }

    [Description("How many of the servers are enough. It must be written as soon as the route has more than one.")]
    [Bounds("1")]
    public int? Need { get; set; }

    [Description("Announce when all of these are met for 'rise'. Conditions that are good when met, or 'not' and one that is bad.")]
    [NotEmpty]
    public required IReadOnlyList<EntryConfig> AnnounceWhen { get; set; }

    [Description("Withdraw when any of these is met, by proof, for 'fall'. Conditions that are bad when met, or 'not' and one that is good. Data conditions need zones or share; load conditions are refused. An empty list: never on its own.")]
    public IReadOnlyList<EntryConfig> WithdrawWhen { get; set; } = [EntryConfig.Of("server-down"), EntryConfig.Of("server-shutting-down")];

    [Description("Degrade while any of these is met. Load conditions may stand here.")]
    public IReadOnlyList<EntryConfig> DegradeWhen { get; set; } = [];

    [Description("How the degraded route looks: 'prepend N', 'med N', 'community N:N' or 'large-community N:N:N'.")]
    public DegradeAs Degrade { get; set; } = new(new Degradation(Prepend: 3));

    [Description("How long announce-when must be met without a break before the route is announced. It doubles with each withdraw, up to limits.rise-ceiling, unless budget is off.")]
    [Bounds("0s", "1d")]
    public TimeSpan Rise { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long a reason to withdraw must stand. 0s where another server covers.")]
    [Bounds("0s", "1h")]
    public TimeSpan Fall { get; set; } = TimeSpan.FromSeconds(1);

    [Description("true on the named few hosts of a service that never withdraw on their own, whatever the cause: they degrade. A person's 'drain --force' is obeyed.")]
    public bool LastResort { get; set; }

    [Description("How often the route may be announced before it stays withdrawn and alarms; withdraws are never budgeted, and neither are the first announcement and those after a person's drain or confirm. off: no budget and no doubling of rise, for labs.")]
    public BudgetConfig Budget { get; set; } = new();

    [Description("The mode of this route; the stricter of this and the global one wins. Absent: the global one.")]
    public Mode? Mode { get; set; }

    [Description("When oops itself is stopped. hold: the route stays. withdraw: it is withdrawn (refused on a last resort).")]
    public OnExit OnExit { get; set; }

    [Description("How the route is drained.")]
    public DrainConfig Drain { get; set; } = new();

    [Description("A look beyond our router: a looking glass, or the table of a router that oops does not drive. What it shows stands beside what is wanted and what our router shows; a missing effect is alarmed. Absent: nobody looks.")]
    public UpstreamConfig? Upstream { get; set; }

    public void Validate(ConfigErrors errors, string path)
    {
        for (var i = 0; i < Prefixes.Count; i++)
        {
            if (Prefixes.Take(i).Contains(Prefixes[i]))
                errors.Add($"{path}.prefixes[{i}]", $"{Prefixes[i]} is listed twice; remove one");
            if (Prefixes[i].PrefixLength == 0)
                errors.Add($"{path}.prefixes[{i}]", $"{Prefixes[i]} is the default route; write the service's own prefix");
        }

        if (LastResort && OnExit == OnExit.Withdraw)
            errors.Add($"{path}.on-exit", "a last resort cannot withdraw when oops stops; write hold");
    }
}

/// <summary>One entry of a route's lists. A name alone stands for {is: NAME}.</summary>
[ShortForm("is")]
internal sealed record EntryConfig
{
    [Description("The condition's name, or 'not' and the name.")]
    [Reference(Named.Condition)]
    public required NameOrNot Is { get; set; }

    [Description("Of a zone condition: the zones it is judged over; names, '*.example' or '*'. Absent: the server's expected zones.")]
    [NotEmpty]
    public IReadOnlyList<ZonePattern>? Zones { get; set; }

    [Description("Of a zone condition: the share of the zones for which it must hold. Absent: all of them in announce-when, one of them elsewhere.")]
    public Share? Share { get; set; }

    [Description("It counts only after it has held for so long.")]
    [Bounds("0s", "30d")]
    public TimeSpan For { get; set; }

    [Description("Of a data condition: true: it counts only if this server is worse than its reference (primaries, peers), so that a zone that is bad everywhere does not take the service down everywhere. false is the written choice for named zones.")]
    public bool Relative { get; set; } = true;

    internal static EntryConfig Of(string name) => new() { Is = new NameOrNot(name, false) };
}

/// <summary>How often a route may be announced.</summary>
[ShortForm("off", Text = "off")]
internal sealed record BudgetConfig : IValidate
{
    [Description("Announcements within 'per', the retries included.")]
    [Bounds("1", "1000")]
    public int Announcements { get; set; } = 2;

    [Description("The window.")]
    [Bounds("1m", "30d")]
    public TimeSpan Per { get; set; } = TimeSpan.FromMinutes(30);

    [Description("Waits before the route is tried again once the budget is spent; after the last it stays withdrawn until 'oops confirm'.")]
    [Bounds("1s", "30d")]
    public IReadOnlyList<TimeSpan> Retries { get; set; } = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30)];

    [Description("true: no budget. Written as 'budget: off'.")]
    public bool Off { get; set; }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Off && (errors.IsWritten($"{path}.announcements") || errors.IsWritten($"{path}.per") || errors.IsWritten($"{path}.retries")))
            errors.Add(path, "is off and has limits; write one of them");
    }
}

/// <summary>A command that looks beyond our router.</summary>
internal sealed record UpstreamConfig : IValidate
{
    [Description("The program and its arguments. No shell: for one, write [/bin/sh, -c, '...']. Exit code 0: the upstream has all prefixes of the route from here; 1: it has none; any other, a signal or a timeout: not known. With anycast it must look for our own path or next hop, since other sites announce the same prefix. It gets OOPS_ROUTE, OOPS_PREFIXES (separated by spaces) and OOPS_SITE.")]
    [NotEmpty]
    public required IReadOnlyList<string> Command { get; set; }

    [Description("From the start of one run to the start of the next. A drain waits for one that began after the withdraw.")]
    [Bounds("1s", "1d")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long it may run; then it is killed with all that it started, and nothing is known.")]
    [Bounds("100ms", "1h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long the upstream may take to follow our router before an alarm is raised and the router is told again.")]
    [Bounds("1s", "1h")]
    public TimeSpan Within { get; set; } = TimeSpan.FromMinutes(1);

    public void Validate(ConfigErrors errors, string path) => CommandRules.Check(Command, $"{path}.command", errors);
}

/// <summary>How a route is taken out in an orderly way.</summary>
internal sealed record DrainConfig
{
    [Description("How long the graceful-shutdown community (RFC 8326) stands before the route is withdrawn.")]
    [Bounds("0s", "1h")]
    public TimeSpan Graceful { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long the router must have shown the route withdrawn before the drain counts as done, and 'oops drain --wait' returns. Other routers send the old way for a moment longer, and the server should still answer.")]
    [Bounds("0s", "1h")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(2);
}
