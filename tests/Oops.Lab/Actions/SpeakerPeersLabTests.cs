using Oops.Core;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>The `speaker` action and routers of other makes.</summary>
public sealed class SpeakerPeersLabTests
{
    [Theory]
    [InlineData("frr")]
    [InlineData("gobgp")]
    [InlineData("exabgp")]
    public async Task Another_router_has_each_form_of_both_families(string kind)
    {
        if (kind == "frr")
            LabRequires.Nothing(File.Exists(OtherUpstream.Program(kind)) ? Harness.Lab.Missing() : "bgpd is not installed (Debian package frr)");
        else
            LabRequires.Programs(OtherUpstream.Program(kind));
        await using var upstream = new OtherUpstream(kind);
        await upstream.StartAsync();
        await using var speaker = new Speaking(peer: p => p.Passive = kind == "exabgp", listen: kind == "exabgp" ? [Harness.Lab.Node4] : []);
        foreach ((RouteForm form, int path, bool draining) in new[] { (RouteForm.Plain, 1, false), (RouteForm.Degraded, 3, false), (RouteForm.Draining, 1, true), (RouteForm.Plain, 1, false) })
        {
            Assert.IsType<Done>(await speaker.ApplyAsync(form));
            await upstream.WaitAsync(Harness.Lab.Prefix4, (path, draining));
            await upstream.WaitAsync(Harness.Lab.Prefix6, (path, draining));
        }

        Assert.Equal(RouteForm.Plain, (await speaker.SeenAsync()).Form);
        await speaker.ApplyAsync(RouteForm.Withdrawn);
        await upstream.WaitAsync(Harness.Lab.Prefix4, null);
        await upstream.WaitAsync(Harness.Lab.Prefix6, null);
    }
}
