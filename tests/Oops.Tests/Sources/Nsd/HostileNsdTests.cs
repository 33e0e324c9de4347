using System.Text;
using Oops.Servers;
using Oops.Sources.Nsd;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Nsd;

/// <summary>The source before a control socket that answers as no NSD should.</summary>
public sealed class HostileNsdTests : HostileLines
{
    const string A = "zone:\ta.test\n\tstate: ok\n\tserved-serial: \"7 since 2026-01-02T03:04:05\"\n\tcommit-serial: \"7 since 2026-01-02T03:04:05\"\n\twait: \"3600 sec between attempts\"\n";
    const string Gone = "zone:\tb.test\n\tstate: expired\n\tserved-serial: \"7 since 2026-01-02T03:04:05\"\n\tcommit-serial: \"7 since 2026-01-02T03:04:05\"\n\twait: \"2 sec between attempts\"\n";

    string list = A;

    [Fact]
    public async Task All_is_read_listed_and_then_complete()
    {
        list = A + Gone;
        Run();
        var said = await Engine.HearAsync("control opened", "control Answering 1", "control a.test Serial 7", "control b.test Serial absent (expired)", "control b.test Expiry 0 (expired)", "control list a.test b.test .", "control read");
        Assert.Contains("control b.test RefreshFailures 1", said);
        Assert.Contains("control a.test RefreshFailures 0", said);
        Assert.Contains("NSDCT1 zonestatus", Lines.Asked);
    }

    [Fact]
    public async Task Only_these_commands_are_asked()
    {
        list = A + Gone;
        Strange = asked => asked == "status" ? LineReply.Of("version: 4.8.0\n") : asked == "stats_noreset" ? LineReply.Of("num.queries=5\n") : null!;
        Run();
        await Engine.HearAsync(Second, "control read");
        for (var i = 0; i < 100; i++) await MoveAsync(TimeSpan.FromSeconds(1));
        Assert.All(Lines.Asked, a => Assert.Matches("^NSDCT1 (status|zonestatus|zonestatus b.test|stats_noreset)$", a));
    }

    public static TheoryData<string, string, object> Broken => new()
    {
        { "zonestatus, please\n", "a line that no zonestatus has: zonestatus, please", LineFault.Garbled },
        { "<html>\n", "a line that no zonestatus has: <html>", LineFault.Garbled },
        { "\u0000\u00ff\u001b[2J\n", "a line that no zonestatus has: ???[2J", LineFault.Garbled },
        { "error version mismatch\n", "the server says: error version mismatch", LineFault.Error },
        { A + "zone:\tb.te", "the server ended the answer within a line", LineFault.Cut },
        { A + "zone:\tb.test\n\tstate: ok\n", "half an answer about b.test, or one in words that are not known", LineFault.Last },
        { "zone:\tb.test\n\tstate: dreaming\n" + A, "half an answer about b.test, or one in words that are not known", LineFault.Last },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_answer_is_no_complete_read(string answer, string why, object fault)
    {
        Engine.Zones = ["a.test", "b.test"];
        Strange = asked => asked == "zonestatus" ? LineReply.Of(answer) : null!;
        Run();
        NothingIsMissing(await Engine.HearAsync(Retry, "control opened", $"control lost: nsd: {why}"));
        if ((LineFault)fault != LineFault.Last) Assert.True(Counts[(LineFault)fault] >= 3);
    }

    [Fact]
    public async Task Who_greets_and_never_lists_is_met_and_lost_once_and_met_again_when_it_lists()
    {
        Engine.Zones = ["a.test", "b.test"];
        Strange = asked => asked == "zonestatus" ? LineReply.Of("<html>\n") : null!;
        Run();
        await Engine.HearAsync(Retry, "control opened", "control lost: nsd: a line that no zonestatus has: <html>");
        var before = Lists();
        var deadline = Environment.TickCount64 + 60_000;
        while (Lists() < before + 5 && Environment.TickCount64 < deadline) await MoveAsync(TimeSpan.FromSeconds(5));
        Assert.True(Lists() >= before + 5);
        // A list that is cut where nothing marks its end is none either.
        Strange = asked => asked == "zonestatus" ? LineReply.Of(A) : null!;
        list = A + Gone.Replace("expired", "ok", StringComparison.Ordinal);
        before = Lists();
        while (Lists() < before + 3 && Environment.TickCount64 < deadline) await MoveAsync(TimeSpan.FromSeconds(5));
        Assert.All(Engine.Take(), s => Assert.StartsWith("control lost: ", s, StringComparison.Ordinal));
        Strange = null;
        await Engine.HearAsync(Second, "control opened", "control Answering 1", "control a.test Serial 7", "control b.test Serial 7", "control list a.test b.test .", "control read");

        int Lists() => Lines.Asked.Count(a => a == "NSDCT1 zonestatus");
    }

    [Fact]
    public async Task Names_of_answers_that_are_none_are_not_kept_for_ever()
    {
        var lists = 0;
        Strange = asked => asked == "zonestatus" ? LineReply.Of(string.Concat(Enumerable.Range(0, 8_000).Select(i => $"zone:\tz{i}.n{lists}.test\n\tstate: master\n")) + $"<html {++lists}>\n") : null!;
        using var look = new Look();
        var witness = NsdSession.Witness(Options(), new(), Engine, look);
        Running = witness.RunAsync(Stop.Token);
        var deadline = Environment.TickCount64 + 60_000;
        while (Volatile.Read(ref lists) < 10 && Environment.TickCount64 < deadline) await MoveAsync(TimeSpan.FromSeconds(5));
        Assert.True(lists >= 10);
        Assert.InRange(witness.Held, 0, 34_000);
        // Those that it denies by name are not either.
        Strange = null;
        await Engine.HearAsync(Second, "control opened", "control read");
        for (var i = 0; i < 5; i++)
        {
            look.At($"no{i}.test");
            await Engine.HearAsync(Second, $"control no{i}.test Serial absent (not configured)");
        }

        await Engine.HearAsync(Second, "control read");
        await Engine.HearAsync(Second, "control read");
        Assert.Equal(1, witness.Held);
    }

    [Fact]
    public async Task A_list_that_was_cut_between_two_zones_is_found_out_by_asking_for_the_rest()
    {
        list = A + Gone.Replace("expired", "ok", StringComparison.Ordinal);
        Run();
        await Engine.HearAsync("control b.test Serial 7", "control list a.test b.test .", "control read");
        Strange = asked => asked == "zonestatus" ? LineReply.Of(A) : null!;
        NothingIsMissing(await Engine.HearAsync(Second, "control lost: nsd: a list that was cut, though nobody said that there is no b.test"));
        Assert.Contains("NSDCT1 zonestatus b.test", Lines.Asked);
    }

    [Fact]
    public async Task A_zone_that_left_the_list_and_is_denied_by_name_is_not_there()
    {
        list = A + Gone.Replace("expired", "ok", StringComparison.Ordinal);
        Run();
        await Engine.HearAsync("control b.test Serial 7", "control read");
        list = A;
        await Engine.HearAsync(Second, "control b.test Serial absent (not configured)", "control list a.test .", "control read");
    }

    [Fact]
    public async Task A_primarys_zone_that_comes_back_is_not_missing_any_more_also_where_nobody_can_ask_for_its_serial()
    {
        const string Primary = "zone:\tb.test\n\tstate: master\n";
        Engine.Zones = ["a.test", "b.test"];
        list = A + Primary;
        Run();
        await Engine.HearAsync("control read");
        list = A;
        await Engine.HearAsync(Second, "control b.test Serial absent (not configured)", "control read");
        list = A + Primary;
        await Engine.HearAsync(Second, "control b.test Serial unsaid", "control list a.test b.test .", "control read");
    }

    [Fact]
    public async Task An_empty_list_is_not_believed_while_zones_asked_by_name_are_there()
    {
        Run();
        await Engine.HearAsync("control list a.test .", "control read");
        Strange = asked => asked == "zonestatus" ? LineReply.Of("") : null!;
        NothingIsMissing(await Engine.HearAsync(Second, "control lost: nsd: an empty list, though nobody said that there is no a.test"));
    }

    [Fact]
    public async Task A_list_of_more_zones_than_can_be_is_given_up()
    {
        Strange = asked => asked == "zonestatus" ? new(Enumerable.Range(0, int.MaxValue).Select(i => Encoding.ASCII.GetBytes($"zone:\tz{i}.test\n\tstate: master\n"))) : null!;
        Run(mostZones: 3000);
        NothingIsMissing(await Engine.HearAsync(Retry, "control opened", "control lost: nsd: a list of more than 3000 zones"));
    }

    [Fact]
    public async Task A_hundred_megabytes_with_few_zones_in_them_are_no_list()
    {
        var zone = Encoding.ASCII.GetBytes("zone:\ta.test\n\tstate: master\n" + string.Concat(Enumerable.Repeat($"\tpattern: {new string('x', 15_000)}\n", 40)));
        Strange = asked => asked == "zonestatus" ? new(Enumerable.Repeat(zone, 200)) : null!;
        Run();
        var said = await Engine.HearAsync(Retry, "control opened", "control lost: nsd: *");
        NothingIsMissing(said);
        Assert.EndsWith("zones in them are no list", said.Single(s => s.StartsWith("control lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Three_silences_in_a_row_are_a_loss_and_never_down()
    {
        // Who looks at its statistics would meet silences, too.
        Run(every: TimeSpan.Zero);
        await Engine.HearAsync("control read");
        Strange = _ => LineReply.Hang;
        var said = await Engine.HearAsync(Second, "control lost: nsd: silent for 60 s within an answer");
        NothingIsMissing(said);
        Assert.DoesNotContain(said, s => s.Contains("Answering 0", StringComparison.Ordinal) || s.Contains("Answering absent", StringComparison.Ordinal) || s.Contains("Stopping", StringComparison.Ordinal));
        Assert.Equal(3, Counts[LineFault.Silent]);
    }

    [Fact]
    public async Task A_server_that_vanishes_and_comes_back_is_read_again()
    {
        Run();
        await Engine.HearAsync("control read");
        await Lines.VanishAsync();
        NothingIsMissing(await Engine.HearAsync(Second, $"control lost: nsd: no such socket at {Lines.Path}"));
        Lines.Begin();
        await Engine.HearAsync(Retry, "control opened", "control Answering 1", "control a.test Serial 7", "control list a.test .", "control read");
    }

    [Fact]
    public async Task Names_of_every_octet_are_known_by_their_true_names_or_passed_over()
    {
        var names = Enumerable.Range(1, 255).Where(b => b is not ('\n' or ' ' or '\t' or '\r')).Select(b => $"zone:\tx{(char)b}y.test\n\tstate: master\n");
        Strange = asked => asked == "zonestatus" ? LineReply.Of(string.Concat(names)) : null!;
        Run();
        var said = await Engine.HearAsync("control opened", "control list*", "control read");
        Assert.All(said, s => Assert.DoesNotContain(s, c => c is < ' ' or > '~'));
        Assert.Contains(said, s => s.Contains(" x\\255y.test", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_statistics_are_left_alone_where_a_look_at_them_forks_its_servers()
    {
        Run();
        await Engine.HearAsync(Retry, "rate lost: nsd: 4.6.1 forks all its servers for each look at its statistics (from 4.8 on it does not): write rate-interval to have it all the same");
        for (var i = 0; i < 60; i++) await MoveAsync(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("NSDCT1 stats_noreset", Lines.Asked);
    }

    [Theory]
    [InlineData(null, "4.8.0")]
    [InlineData(10, "4.6.1")]
    public async Task The_query_rate_is_counted_where_that_costs_nothing_or_was_asked_for(int? every, string version)
    {
        var count = 0L;
        Strange = asked => asked == "status" ? LineReply.Of($"version: {version}\n") : asked == "stats_noreset" ? LineReply.Of($"server0.queries=1\nnum.queries={count += 5000}\n") : null!;
        Run(every: every is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        var said = await Engine.HearAsync(Second, "rate opened", "rate QueryRate *", "rate QueryRateSlope *", "rate read");
        // The clock moves while it reads, and so it reads more seldom.
        Assert.InRange(long.Parse(said.First(s => s.StartsWith("rate QueryRate ", StringComparison.Ordinal))["rate QueryRate ".Length..], System.Globalization.CultureInfo.InvariantCulture), 100, 501);
    }

    private protected override LineReply Usual(string asked)
    {
        if (asked == "status") return LineReply.Of("version: 4.6.1\nverbosity: 0\nratelimit: 200\n");
        if (asked == "zonestatus") return LineReply.Of(list);
        if (!asked.StartsWith("zonestatus ", StringComparison.Ordinal)) return LineReply.Of($"error unknown command '{asked}'\n");
        var name = asked["zonestatus ".Length..];
        var at = list.IndexOf($"zone:\t{name}\n", StringComparison.Ordinal);
        if (at < 0) return LineReply.Of($"error zone {name} not configured\n");
        var end = list.IndexOf("zone:", at + 1, StringComparison.Ordinal);
        return LineReply.Of(end < 0 ? list[at..] : list[at..end]);
    }

    void Run(int mostZones = 5_000_000, TimeSpan? every = null) => Run(new NsdSource(Options(mostZones, every)));

    NsdOptions Options(int mostZones = 5_000_000, TimeSpan? every = null) => new("ns1", Way("nsd", "NSDCT1"), null, true, TimeSpan.FromSeconds(60), every) { MostZones = mostZones };
}
