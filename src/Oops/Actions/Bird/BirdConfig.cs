using System.ComponentModel;

namespace Oops.Actions.Bird;

/// <summary>One BIRD.</summary>
internal sealed record BirdConfig
{
    [Description("What routes call it in `via`.")]
    public required string Name { get; set; }

    [Description("Absolute path of BIRD's control socket. Our user must be in its group.")]
    public string Socket { get; set; } = "/run/bird/bird.ctl";

    [Description("The glob that bird.conf includes. Ours is the file with this action's name for the star; its folder must be writable for us and readable for BIRD.")]
    public string Include { get; set; } = "/run/oops/bird-*.conf";

    [Description("BIRD's configuration file, which is only read: a reconfiguration is withheld while it holds changes that BIRD has not taken, or while somebody else's protocol was switched by hand.")]
    public string Config { get; set; } = "/etc/bird/bird.conf";

    [Description("The local AS number, for degrading by prepending. Absent: that of the first BGP protocol.")]
    public uint? Asn { get; set; }

    [Description("The BGP protocols to look at when reading back. Empty: all that are up.")]
    public IReadOnlyList<string> Sessions { get; set; } = [];

    [Description("How long BIRD may take for one answer.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    [Description("How often the router is read when nothing happens.")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(5);
}
