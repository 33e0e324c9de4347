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
        Assert.Equal(("Established", 1, null, null), (speaker.Session.State, speaker.Session.Transitions, speaker.Session.Down, speaker.Session.LastError));
        await speaker.ApplyAsync(RouteForm.Withdrawn);
        await upstream.WaitAsync(Harness.Lab.Prefix4, null);
        await upstream.WaitAsync(Harness.Lab.Prefix6, null);

        // It ends as its make does, with a NOTIFICATION or without one: that stays beside what every try finds from then on.
        await upstream.Process.EndAsync();
        await Wait.UntilAsync("nobody is there any more", () => speaker.Session is { State: not "Established", LastError: not null, Down: { } down } && (kind == "exabgp" || down.EndsWith("connection refused", StringComparison.OrdinalIgnoreCase)),
            TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(50), () => $"{speaker.Session}");
        TestContext.Current.SendDiagnosticMessage($"{kind}: {speaker.Session}");
        Assert.Matches("^it (ended the session: |closed the connection$)|reset", speaker.Session.LastError);
    }
}
