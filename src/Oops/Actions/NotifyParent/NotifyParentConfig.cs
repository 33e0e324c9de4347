using System.ComponentModel;
using Oops.Config;
using Oops.Engine;
using Oops.Wire.Dns;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Actions.NotifyParent;

/// <summary>NOTIFY(CDS) to the parent.</summary>
internal sealed record NotifyParentConfig : IActionConfig, IValidate
{
    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Resolvers that are asked where the parent wants to be notified (DSYNC) and for the addresses of that: IP addresses, with a port if it is not 53. They should validate: what they say is believed. The next is asked when one does not answer.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? Resolver { get; set; }

    [Description("Whom to notify, without asking for DSYNC: IP addresses, with a port if it is not 53.")]
    [NotEmpty]
    public IReadOnlyList<Endpoint>? To { get; set; }

    [Description("The agent domain to which the parent may report what is wrong with the CDS (RFC 9567). Default: none is told.")]
    public ZoneName? ReportTo { get; set; }

    [Description("How long the answer to the first NOTIFY is waited for; to each next one twice as long.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("How often it is sent while nobody answers; then the whole is tried again later.")]
    [Bounds("1", "6")]
    public int Tries { get; set; } = 4;

    [Description("Whether a DSYNC may lead to an address that is not public (a loopback, of a private network, a group; also behind NAT64 or 6to4): whoever writes the parent's zone could have us send there. Addresses in to are not looked at.")]
    public bool AllowPrivate { get; set; }

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) => new NotifyParentAction(this);

    internal DnsName? Agent => ReportTo is { } agent && DnsName.TryParse(agent.Text, out var name) ? name : null;

    public void Validate(ConfigErrors errors, string path)
    {
        if (Resolver is null == To is null) errors.Add(path, Resolver is null ? "whom to notify? write resolver, or to" : "write resolver or to, not both");
    }
}
