using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Notify;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Notify;

public sealed class NotifyKeyTests : IAsyncDisposable
{
    readonly NotifyRig rig = new();
    readonly TemporaryFolder folder = new();

    public async ValueTask DisposeAsync()
    {
        await rig.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData(TsigAlgorithm.HmacSha1)]
    [InlineData(TsigAlgorithm.HmacSha224)]
    [InlineData(TsigAlgorithm.HmacSha256)]
    [InlineData(TsigAlgorithm.HmacSha384)]
    [InlineData(TsigAlgorithm.HmacSha512)]
    public async Task A_signed_NOTIFY_gets_a_signed_reply(TsigAlgorithm algorithm)
    {
        var key = Key("k", algorithm, "secret");
        await rig.SettleAsync(Needs(key));
        rig.Serials["example.net"] = 101;
        var reply = rig.Ask(rig.Notify("example.net", DnsType.Soa, null, key, 0, out var signed))!;
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(reply));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyResponse(reply, signed, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), out _));
        Assert.Equal(101, rig.NextSerial().Value);
    }

    [Fact]
    public async Task Without_the_key_nobody_notifies()
    {
        var key = Key("k", TsigAlgorithm.HmacSha256, "secret");
        await rig.SettleAsync(Needs(key));
        Assert.Equal((DnsRcode.Refused, 0), Told(rig.Notify("example.net")));
        Assert.Equal((DnsRcode.NotAuth, 17), Told(rig.Notify("example.net", key: Key("other", TsigAlgorithm.HmacSha256, "secret"))));
        Assert.Equal((DnsRcode.NotAuth, 17), Told(rig.Notify("example.net", key: Key("k", TsigAlgorithm.HmacSha512, "secret"))));
        Assert.Equal((DnsRcode.NotAuth, 16), Told(rig.Notify("example.net", key: Key("k", TsigAlgorithm.HmacSha256, "wrong"))));
        Assert.Equal((DnsRcode.NotAuth, 18), Told(rig.Notify("example.net", key: key, late: 1000)));
        byte[] trailing = [.. rig.Notify("example.net", key: key), 0];
        Assert.Equal((DnsRcode.FormErr, 0), Told(trailing));
        Assert.Equal(4, rig.Source.Counts[NotifyCount.BadSignature]);
        Assert.Empty(rig.Server.Seen);
    }

    [Fact]
    public async Task A_rule_without_a_key_takes_signed_NOTIFYs_too()
    {
        var key = Key("k", TsigAlgorithm.HmacSha256, "secret");
        await rig.SettleAsync(Needs(key) with { Rules = rig.Target.Rules });
        Assert.Equal((DnsRcode.NoError, 0), Told(rig.Notify("example.net")));
        Assert.Equal(DnsRcode.NoError, Told(rig.Notify("example.net", key: key)).Rcode);
    }

    [Fact]
    public async Task A_key_alone_is_enough_from_anywhere_and_only_with_its_own_rule()
    {
        var (one, two) = (Key("one", TsigAlgorithm.HmacSha256, "secret"), Key("two", TsigAlgorithm.HmacSha256, "secret"));
        await rig.SettleAsync(Needs(one, two) with
        {
            Rules = [new NotifyRule([], one.Name), new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.9/32"))], two.Name)],
        });
        Assert.Equal(DnsRcode.NoError, Told(rig.Notify("example.net", key: one)).Rcode);
        Assert.Equal(DnsRcode.Refused, Told(rig.Notify("example.net", key: two)).Rcode);
        Assert.Equal(DnsRcode.NoError, NotifyRig.RcodeOf(NotifyRig.Ask(rig.Address, rig.Notify("example.net", key: two), from: IPAddress.Parse("127.0.0.9"))));
    }

    [Fact]
    public async Task A_missing_file_or_key_is_told_and_tried_again()
    {
        var key = Key("k", TsigAlgorithm.HmacSha256, "secret");
        var target = Needs(key);
        File.Move(target.Keys!, target.Keys + ".away");
        var starting = rig.StartAsync(target);
        Assert.EndsWith("there is no such file", rig.Engine.Next<ChannelLost>().Why, StringComparison.Ordinal);
        File.WriteAllText(target.Keys!, "key x { algorithm hmac-sha256; secret c2VjcmV0; };");
        Assert.EndsWith("there is no key k", rig.Engine.Next<ChannelLost>(l => !l.Why.EndsWith("such file", StringComparison.Ordinal)).Why, StringComparison.Ordinal);
        File.Move(target.Keys + ".away", target.Keys!, overwrite: true);
        await starting;
        Assert.Equal(DnsRcode.NoError, Told(rig.Notify("example.net", key: key)).Rcode);
    }

    [Fact]
    public async Task Our_queries_are_signed_where_the_config_says_so()
    {
        var key = Key("k", TsigAlgorithm.HmacSha256, "secret");
        var queries = 0;
        rig.Answer = request =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            var status = Tsig.VerifyRequest(request, new[] { key }, now, out var signed);
            var answer = new byte[1500];
            var plain = Oops.Tests.Dns.FakeDnsServer.Soa(request, 100);
            plain.CopyTo(answer, 0);
            var length = plain.Length;
            Tsig.TrySignResponse(answer, ref length, request, signed, now);
            if (status == TsigStatus.Valid)
                Interlocked.Increment(ref queries);
            return [answer[..length]];
        };
        await rig.SettleAsync(Needs(key) with { QueryKey = key.Name });
        Assert.True(Volatile.Read(ref queries) >= 2);
    }

    static TsigKey Key(string text, TsigAlgorithm algorithm, string secret)
    {
        DnsName.TryParse(text, out var name);
        return new TsigKey(name, algorithm, System.Text.Encoding.ASCII.GetBytes(secret));
    }

    NotifyTarget Needs(params TsigKey[] keys)
    {
        var path = folder.File("keys");
        File.WriteAllLines(path, keys.Select(k => $"key \"{k.Name}\" {{ algorithm {k.AlgorithmName}; secret \"{Convert.ToBase64String("secret"u8)}\"; }};"));
        return rig.Target with { Keys = path, Rules = [new NotifyRule([new PeerPrefix(IPNetwork.Parse("127.0.0.0/8"))], keys[0].Name)] };
    }

    /// <summary>The reply's code, and the error in its TSIG record: the two octets before the length of its Other Data.</summary>
    (DnsRcode Rcode, int Error) Told(byte[] request)
    {
        var reply = rig.Ask(request)!;
        if (reply[11] == 0)
            return (NotifyRig.RcodeOf(reply), 0);
        var other = reply[^2] == 0 && reply[^1] == 0 ? 0 : 6;
        return (NotifyRig.RcodeOf(reply), reply[^(other + 4)] << 8 | reply[^(other + 3)]);
    }
}
