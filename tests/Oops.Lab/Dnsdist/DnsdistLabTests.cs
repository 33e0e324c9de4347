using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Servers;
using Oops.Sources.Dnsdist;
using Xunit;

namespace Oops.Lab.Dnsdist;

/// <summary>The source against a real dnsdist, with a real knotd behind it.</summary>
public sealed class DnsdistLabTests
{
    const string Backends = """
        newServer({address="127.0.0.1:53", name="knot", checkName="one.test.", checkType="SOA", checkInterval=1, maxCheckFailures=1})
        newServer({address="127.0.0.1:5", name="nobody", checkInterval=1, maxCheckFailures=1})
        newServer({address="127.0.0.1:6", name="forced", pool="side"}):setUp()
        """;

    [Fact]
    public async Task Backends_that_go_and_come_begin_and_end_a_condition()
    {
        LabRequires.Programs("dnsdist", "knotd", "knotc");
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        await using var dnsdist = new Harness.Dnsdist { Backends = Backends };
        await dnsdist.StartAsync();
        await using var source = new RunningPart(Source(dnsdist, new BackendsRule("backends-ok", Polarity.Good, Evidence.Proof, "", 1, TimeSpan.FromSeconds(1))));
        await source.UntilAsync("one is up", s => s.Exists(w => Claims(w, State.Met) && w.Contains("1 of 2 backends of the default pool up", StringComparison.Ordinal)));
        await knot.EndAsync();
        var said = await source.UntilAsync("none is", s => s.Exists(w => Claims(w, State.NotMet)));
        Assert.Contains(said, w => w.Contains("0 of 2 backends of the default pool up, at least 1 wanted; down: knot, nobody", StringComparison.Ordinal) && w.Contains("Evidence = Proof", StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.StartsWith("api lost", StringComparison.Ordinal));
        await knot.StartAsync();
        await source.UntilAsync("it is up again", s => s.Exists(w => Claims(w, State.Met)));
    }

    [Fact]
    public async Task A_backend_that_a_person_forces_up_is_counted_and_a_pool_without_backends_is_unknown()
    {
        LabRequires.Programs("dnsdist");
        await using var dnsdist = new Harness.Dnsdist { Backends = Backends };
        await dnsdist.StartAsync();
        await using var source = new RunningPart(Source(dnsdist,
            new BackendsRule("side-ok", Polarity.Bad, Evidence.Suspicion, "side", 1, TimeSpan.Zero),
            new BackendsRule("typo-ok", Polarity.Good, Evidence.Proof, "sidde", 1, TimeSpan.Zero)));
        var said = await source.UntilAsync("both are told", s => s.Exists(w => w.Contains("typo-ok", StringComparison.Ordinal)) && s.Exists(w => w.Contains("side-ok", StringComparison.Ordinal)));
        Assert.Contains(said, w => Claims(w, State.NotMet) && w.Contains("Condition = side-ok", StringComparison.Ordinal) && w.Contains("1 of 1 backends of pool 'side' up", StringComparison.Ordinal));
        Assert.Contains(said, w => Claims(w, State.Unknown) && w.Contains("Condition = typo-ok", StringComparison.Ordinal) && w.Contains("has no backends of pool 'sidde'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_end_a_kill_and_a_silence_make_the_claim_unknown()
    {
        LabRequires.Programs("dnsdist");
        await using var dnsdist = new Harness.Dnsdist { Backends = Backends };
        await dnsdist.StartAsync();
        await using var source = new RunningPart(Source(dnsdist, new BackendsRule("side-ok", Polarity.Good, Evidence.Proof, "side", 1, TimeSpan.Zero)));
        foreach (var signal in new[] { LabProcess.Term, LabProcess.KillNow })
        {
            await source.UntilAsync("it is met", s => s.Contains("api opened") && s.Exists(w => Claims(w, State.Met)));
            await dnsdist.EndAsync(signal);
            var said = await source.UntilAsync("it is lost", s => s.Exists(w => w.StartsWith("api lost: dnsdist: Connection refused", StringComparison.Ordinal)) && s.Exists(w => Claims(w, State.Unknown)));
            Assert.DoesNotContain(said, w => Claims(w, State.NotMet) || w.Contains("Stopping", StringComparison.Ordinal));
            await dnsdist.StartAsync();
        }

        await source.UntilAsync("it is met", s => s.Exists(w => Claims(w, State.Met)));
        dnsdist.Process.Signal(LabProcess.Stop);
        var silent = await source.UntilAsync("it is silent", s => s.Exists(w => w.StartsWith("api lost: dnsdist: silent for 2 s", StringComparison.Ordinal)) && s.Exists(w => Claims(w, State.Unknown)));
        Assert.DoesNotContain(silent, w => Claims(w, State.NotMet) || w == "api Answering 0");
        dnsdist.Process.Signal(LabProcess.Cont);
        await source.UntilAsync("it is met again", s => s.Exists(w => Claims(w, State.Met)));
    }

    [Fact]
    public async Task A_wrong_key_is_told()
    {
        LabRequires.Programs("dnsdist");
        await using var dnsdist = new Harness.Dnsdist { Backends = Backends };
        await dnsdist.StartAsync();
        var wrong = ApiKey.File(Harness.Lab.FreshDirectory("wrong"), "wrong");
        await using var source = new RunningPart(Source(wrong));
        await source.HearAsync("api lost: dnsdist: 401: the key is wrong, or our address is not allowed, at 127.0.0.1:8083/api/v1/servers/localhost");
    }

    [Fact]
    public async Task The_rate_is_that_of_its_counter_and_falls_again()
    {
        LabRequires.Programs("dnsdist", "knotd", "knotc", "dnsperf");
        await using var knot = new Knotd { Files = ["one.test"] };
        await knot.StartAsync();
        await using var dnsdist = new Harness.Dnsdist { Backends = Backends };
        await dnsdist.StartAsync();
        await using var source = new RunningPart(Source(dnsdist));
        await source.HearAsync("rate QueryRate *");
        await using (Dnsperf.Start(new(IPAddress.Loopback, Harness.Dnsdist.Port), "www.one.test", 500))
            await source.UntilAsync("the rate rises", s => s.Exists(w => Rate(w) > 100));
        await source.UntilAsync("the rate falls", s => s.Exists(w => Rate(w) is >= 0 and < 50));
    }

    static bool Claims(string words, State state) => words.StartsWith("ExternalClaim", StringComparison.Ordinal) && words.Contains($"State = {state},", StringComparison.Ordinal);

    static long Rate(string words) => words.StartsWith("rate QueryRate ", StringComparison.Ordinal) ? long.Parse(words["rate QueryRate ".Length..], CultureInfo.InvariantCulture) : -1;

    static DnsdistSource Source(Harness.Dnsdist dnsdist, params BackendsRule[] rules) => Source(dnsdist.KeyFile, rules);

    static DnsdistSource Source(string keyFile, params BackendsRule[] rules) =>
        new(new DnsdistOptions("lb1", new HttpApiOptions("dnsdist", Harness.Dnsdist.Api, TimeSpan.FromSeconds(2)) { ReadKey = () => SecretFile.Read(keyFile) }, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), rules));
}
