using System.Text.RegularExpressions;
using Oops.Actions.NotifySend;
using Oops.Config;
using Oops.Core;
using Oops.Tests.Dns;
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

    ValueTask<Outcome> RunAsync(string? zone = "example", bool tcp = false, bool key = false)
    {
        File.WriteAllText(keys, "key \"k\" { algorithm hmac-sha256; secret \"AAAAAAAAAAAAAAAAAAAAAA==\"; };\n");
        var action = new NotifySendAction(new()
        {
            Name = "tell",
            To = [new() { Address = new Endpoint(one.Address.Address, one.Address.Port) }, new() { Address = new Endpoint(two.Address.Address, two.Address.Port) }],
            Tcp = tcp,
            Keys = key ? keys : null,
            Key = key ? ZoneName.Parse("k", out _) : null,
            Timeout = TimeSpan.FromMilliseconds(200),
            Tries = 2,
        });
        return action.ApplyAsync(new ReactionIntent("tell", 1, "zone-updated") { Rule = 0, Condition = "zone-updated", Server = "ns1", Zone = zone, State = State.Met }, Stop);
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
