using System.Text.RegularExpressions;
using Oops.Actions.NotifySend;
using Oops.Config;
using Oops.Core;
using Oops.Tests.Dns;
using Oops.Tests.Engine;
using Oops.Wire.Dns;
using Xunit;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Tests.Actions.NotifySend;

public sealed class NotifySendActionTests : IAsyncDisposable
{
    readonly FakeDnsServer one = new(), two = new();
    readonly string keys = Path.GetTempFileName();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public NotifySendActionTests()
    {
        one.Udp = request => [FakeDnsServer.Notified(request)];
        two.Udp = request => [FakeDnsServer.Notified(request)];
        one.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Notified(request));
        two.Tcp = request => FakeDnsServer.Framed(FakeDnsServer.Notified(request));
    }

    public async ValueTask DisposeAsync()
    {
        await one.DisposeAsync();
        await two.DisposeAsync();
        File.Delete(keys);
    }

    ValueTask<Outcome> RunAsync(string? zone = "example", bool tcp = false, bool key = false) => RunAsync(New(tcp, key), zone);

    ValueTask<Outcome> RunAsync(NotifySendAction action, string? zone = "example", long sequence = 1, DateTimeOffset? when = null) =>
        action.ApplyAsync(new ReactionIntent("tell", sequence, "zone-updated") { Rule = 0, Condition = "zone-updated", Server = "ns1", Zone = zone, State = State.Met, When = when }, Stop);

    NotifySendAction New(bool tcp = false, bool key = false, string? learnt = null)
    {
        File.WriteAllText(keys, "key \"k\" { algorithm hmac-sha256; secret \"AAAAAAAAAAAAAAAAAAAAAA==\"; };\n");
        return new NotifySendAction(new()
        {
            Name = "tell",
            To = [new() { Address = new Endpoint(one.Address.Address, one.Address.Port) }, new() { Address = new Endpoint(two.Address.Address, two.Address.Port) }],
            Tcp = tcp,
            Keys = key ? keys : null,
            Key = key ? ZoneName.Parse("k", out _) : null,
            Timeout = TimeSpan.FromMilliseconds(200),
            Tries = 2,
            Learn = learnt is null ? null : ["ns1"],
        }, learnt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_targets_are_notified(bool tcp)
    {
        var done = Assert.IsType<Done>(await RunAsync(tcp: tcp));
        Assert.Equal("NOTIFY of example: 127.0.0.1 answered NOERROR; 127.0.0.1 answered NOERROR", done.Detail);
        foreach (var request in tcp ? (byte[][])[Assert.Single(one.SeenTcp), Assert.Single(two.SeenTcp)] : [Assert.Single(one.Seen).Request, Assert.Single(two.Seen).Request])
        {
            Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(request, out var notify));
            Assert.Equal((DnsType.Soa, "example", false), (notify.Type, notify.Zone.ToString(), notify.HasTsig));
        }
    }

    [Fact]
    public async Task What_one_does_not_take_is_tried_again_or_not()
    {
        two.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.Refused)];
        Assert.Equal("127.0.0.1 answered NOERROR; 127.0.0.1 answered REFUSED", Assert.IsType<Failed>(await RunAsync()).Why);
        two.Udp = _ => [];
        Assert.Equal($"127.0.0.1 answered NOERROR; 127.0.0.1@{two.Address.Port}: no answer to 2 NOTIFYs (127.0.0.1: no answer)", Assert.IsType<Retry>(await RunAsync()).Why);
        Assert.IsType<Failed>(await RunAsync(zone: null));
    }

    [Fact]
    public async Task Who_has_answered_is_not_told_again_of_the_same_change_and_who_has_not_is()
    {
        var action = New();
        two.Udp = _ => [];
        Assert.IsType<Retry>(await RunAsync(action));
        Assert.IsType<Retry>(await RunAsync(action));
        Assert.Equal((1, 4), (one.Seen.Count, two.Seen.Count));
        two.Udp = request => [FakeDnsServer.Notified(request)];
        Assert.Equal("NOTIFY of example: 127.0.0.1 answered NOERROR; 127.0.0.1 answered NOERROR", Assert.IsType<Done>(await RunAsync(action)).Detail);
        Assert.Equal((1, 5), (one.Seen.Count, two.Seen.Count));
        Assert.IsType<Done>(await RunAsync(action, sequence: 2));
        Assert.Equal((2, 6), (one.Seen.Count, two.Seen.Count));
    }

    [Theory]
    [InlineData("other", 0)]
    [InlineData("example", 1)]
    public async Task A_number_that_a_crash_has_given_twice_is_another_change(string zone, int seconds)
    {
        var action = New();
        two.Udp = _ => [];
        Assert.IsType<Retry>(await RunAsync(action, when: DateTimeOffset.UnixEpoch));
        two.Udp = request => [FakeDnsServer.Notified(request)];
        Assert.IsType<Done>(await RunAsync(action, zone, when: DateTimeOffset.UnixEpoch.AddSeconds(seconds)));
        Assert.Equal(2, one.Seen.Count);
    }

    [Fact]
    public async Task Who_said_no_said_so_for_this_change_also_when_another_answers_later()
    {
        var action = New();
        one.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.Refused)];
        two.Udp = request => [FakeDnsServer.Notified(request, DnsRcode.ServFail)];
        Assert.IsType<Retry>(await RunAsync(action));
        two.Udp = request => [FakeDnsServer.Notified(request)];
        Assert.Equal("127.0.0.1 answered REFUSED; 127.0.0.1 answered NOERROR", Assert.IsType<Failed>(await RunAsync(action)).Why);
        Assert.Single(one.Seen);
    }

    [Fact]
    public async Task Who_is_learnt_is_told_once_of_a_change_however_often_it_is_tried()
    {
        var (engine, file) = (new Recorder(), keys + ".learnt");
        await File.WriteAllTextAsync(file, "example 203.0.113.9 1\n", Stop);
        var action = New(learnt: file);
        using var ended = new CancellationTokenSource();
        var run = action.RunAsync(engine, ended.Token);
        engine.Transfers.Tell("ns1", new("example", System.Net.IPAddress.Parse("203.0.113.1"), Refused: false));
        two.Udp = _ => [];
        Assert.Contains("1 learnt: 0 answered NOERROR", await WhyAsync(1), StringComparison.Ordinal);
        engine.Transfers.Tell("ns1", new("example", System.Net.IPAddress.Parse("203.0.113.2"), Refused: false));
        Assert.Contains("1 learnt: 0 answered NOERROR", await WhyAsync(1), StringComparison.Ordinal);
        Assert.Matches("; 2 learnt: 0 answered NOERROR", await WhyAsync(2));
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        File.Delete(file);

        async Task<string> WhyAsync(long sequence)
        {
            var tried = RunAsync(action, sequence: sequence).AsTask();
            for (; !tried.IsCompleted; engine.Clock.Advance(TimeSpan.FromMilliseconds(100)))
                await Task.Delay(20, Stop);
            return Assert.IsType<Retry>(await tried).Why;
        }
    }

    [Fact]
    public async Task Who_has_answered_before_a_try_was_cut_short_is_not_told_again()
    {
        var (engine, file) = (new Recorder(), keys + ".learnt");
        var action = New(learnt: file);
        using var ended = new CancellationTokenSource();
        var run = action.RunAsync(engine, ended.Token);
        // It never answers, and time stands still.
        engine.Transfers.Tell("ns1", new("example", System.Net.IPAddress.Parse("203.0.113.1"), Refused: false));
        for (var i = 0; i < 2; i++)
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var tried = action.ApplyAsync(new ReactionIntent("tell", 1, "zone-updated") { Rule = 0, Condition = "zone-updated", Server = "ns1", Zone = "example", State = State.Met }, cut.Token).AsTask();
            while (one.Seen.IsEmpty || two.Seen.IsEmpty)
                await Task.Delay(10, Stop);
            await Task.Delay(200, Stop);
            await cut.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tried);
        }

        Assert.Equal((1, 1), (one.Seen.Count, two.Seen.Count));
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        File.Delete(file);
    }

    [Fact]
    public async Task With_a_key_it_is_signed_and_only_a_signed_answer_counts()
    {
        Assert.Contains("NOERROR, not signed (TSIG: the answer is not signed)", Assert.IsType<Retry>(await RunAsync(key: true)).Why, StringComparison.Ordinal);
        NotifyRequest.TryRead(one.Seen.First().Request, out var notify);
        Assert.True(notify.HasTsig);
    }

    [Theory]
    [InlineData("name: a, to: []", "at least one")]
    [InlineData("name: a, to: 192.0.2.1, key: k", "needs a key file; write keys: /path")]
    [InlineData("name: a, to: [ { address: 192.0.2.1, key: k } ]", "192.0.2.1 has the key k, and there is no key file")]
    [InlineData("name: a", "whom? Write addresses, or learn: the server whose dnstap tells who transfers")]
    [InlineData("name: a, learn: ns2", "'ns2'")]
    [InlineData("name: a, to: 192.0.2.1, most-learnt: 5", "learn-for and most-learnt mean nothing without learn")]
    [InlineData("name: a, to: [192.0.2.1, 192.0.2.1@53]", "192.0.2.1@53 is listed twice; remove one")]
    public void What_cannot_work_is_refused(string options, string why) => Assert.Contains(Load($"actions: {{ notify-send: [ {{ {options} }} ] }}").Errors.Lines, l => l.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void Nobody_is_learnt_of_a_server_without_dnstap()
    {
        File.WriteAllText(keys, "mode: observe\nservers: { ns1: { kind: other } }\nactions: { notify-send: [ { name: a, learn: ns1 } ] }\n");
        Assert.Contains(ConfigCheck.Load(keys).Errors.Lines, static l => l.Contains("nobody tells who transfers zones from ns1; add a source under sources: dnstap, or remove this", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/NotifySend/sample.yaml"));
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2").Replace("      to: [192.0.2.10, 192.0.2.11@5353]\n", "", StringComparison.Ordinal);
        Assert.Empty(Load(all + "sources: { dnstap: [ { server: ns1, listen: /run/oops/ns1.dnstap } ] }\n").Errors.Lines);
    }

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: observe\nservers: { ns1: { kind: other } }\n" + text));
}
