using System.Text;
using Oops.Servers;
using Oops.Sources.Unbound;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Unbound;

/// <summary>The source before a control socket that answers as no Unbound should.</summary>
public sealed class HostileUnboundTests : HostileLines
{
    const string Zones = "a.test.\tserial 7\nb.test.\texpired\nc.test.\tno serial\n";

    int pid = 39;
    string list = Zones;

    [Fact]
    public async Task Auth_zones_are_read_and_listed()
    {
        Run();
        var said = await Engine.HearAsync("control opened", "control Answering 1", "control a.test Serial 7", "control b.test Serial absent (expired)", "control b.test Expiry 0 (expired)", "control c.test Serial absent (no serial)", "control list a.test b.test c.test .", "control read");
        Assert.Contains("control a.test Expiry absent", said);
        Assert.All(Lines.Asked, a => Assert.Matches("^UBCT1 (status|list_auth_zones|stats_noreset)$", a));
    }

    [Fact]
    public async Task A_resolver_without_auth_zones_answers_and_has_a_query_rate()
    {
        list = "";
        Strange = asked => asked == "list_auth_zones" ? new([]) : null!;
        Run();
        await Engine.HearAsync("control opened", "control Answering 1", "control read");
    }

    [Fact]
    public async Task An_expired_zone_is_looked_at_soon_and_recovers()
    {
        Run();
        await Engine.HearAsync("control b.test Expiry 0 (expired)", "control read");
        list = Zones.Replace("expired", "serial 7", StringComparison.Ordinal);
        await Engine.HearAsync(() => Time.Advance(TimeSpan.FromSeconds(0.25)), "control b.test Serial 7", "control b.test Expiry absent");
    }

    [Theory]
    [InlineData("zones:\n", "a line that no list_auth_zones has: zones:")]
    [InlineData("a.test.\tserial 7\nb.test.\tser", "the server ended the answer within a line")]
    [InlineData("error version mismatch\n", "the server says: error version mismatch")]
    public async Task A_broken_answer_is_no_complete_read(string answer, string why)
    {
        Engine.Zones = ["a.test", "b.test"];
        Strange = asked => asked == "list_auth_zones" ? LineReply.Of(answer) : null!;
        Run();
        NothingIsMissing(await Engine.HearAsync(Retry, "control opened", $"control lost: unbound: {why}"));
    }

    [Fact]
    public async Task A_server_that_was_started_anew_within_the_answer_is_read_again()
    {
        Engine.Zones = ["a.test", "b.test"];
        Strange = asked =>
        {
            if (asked != "list_auth_zones") return null!;
            pid++;
            return LineReply.Of("a.test.\tserial 7\n");
        };
        Run();
        NothingIsMissing(await Engine.HearAsync(Retry, "control opened", "control lost: unbound: started anew while it was read (pid *"));
    }

    [Fact]
    public async Task An_empty_list_is_believed_when_it_was_seen_three_times()
    {
        Run();
        await Engine.HearAsync("control read");
        Strange = asked => asked == "list_auth_zones" ? new([]) : null!;
        Lines.Asked.Clear();
        await Engine.HearAsync(Second, "control a.test Serial absent (not in the server's list)", "control read");
        Assert.Equal(3, Lines.Asked.Count(a => a == "UBCT1 list_auth_zones"));
    }

    [Fact]
    public async Task A_name_that_Unbound_veils_is_neither_there_nor_missing()
    {
        Engine.Zones = ["a\\009b.test", "d.test"];
        list = "a?b.test.\tserial 7\n";
        Run();
        var said = await Engine.HearAsync("control d.test Serial absent (not in the server's list)", "control read");
        Assert.DoesNotContain(said, s => s.Contains("009", StringComparison.Ordinal) && s.Contains("Serial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reloads_that_block_it_are_silence_and_never_down()
    {
        Run();
        await Engine.HearAsync("control read");
        Strange = _ => LineReply.Hang;
        var said = await Engine.HearAsync(Second, "control lost: unbound: silent for 60 s within an answer");
        NothingIsMissing(said);
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("Answering absent", StringComparison.Ordinal));
        Strange = null;
        await Engine.HearAsync(Second, "control opened", "control read");
    }

    [Fact]
    public async Task A_list_without_end_is_given_up()
    {
        Strange = asked => asked == "list_auth_zones" ? new(Enumerable.Range(0, int.MaxValue).Select(i => Encoding.ASCII.GetBytes($"z{i}.test.\tserial 1\n"))) : null!;
        Run(mostZones: 3000);
        NothingIsMissing(await Engine.HearAsync(Retry, "control opened", "control lost: unbound: a list of more than 3000 zones"));
    }

    private protected override LineReply Usual(string asked) => asked switch
    {
        "status" => LineReply.Of($"version: 1.17.1\nverbosity: 1\nthreads: 1\nuptime: 2 seconds\nunbound (pid {pid}) is running...\n"),
        "list_auth_zones" => LineReply.Of(list),
        "stats_noreset" => LineReply.Of("thread0.num.queries=9\ntotal.num.queries=9\n"),
        _ => LineReply.Of($"error unknown command '{asked}'\n"),
    };

    void Run(int mostZones = 5_000_000) =>
        Run(new UnboundSource(new UnboundOptions("r1", Way("unbound", "UBCT1"), true, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)) { MostZones = mostZones }));
}
