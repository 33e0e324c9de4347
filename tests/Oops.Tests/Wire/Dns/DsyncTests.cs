using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class DsyncTests
{
    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    [Fact]
    public void A_DSYNC_is_read()
    {
        Assert.True(Dsync.TryRead([0, 59, 1, 0x14, 0xEF, .. Name("rr-endpoint.example").Wire], out var dsync));
        Assert.Equal((DnsType.Cds, Dsync.Notify, 5359, "rr-endpoint.example"), (dsync.For, dsync.Scheme, (int)dsync.Port, dsync.Target.ToString()));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 59, 1, 20, 239 })]
    [InlineData(new byte[] { 0, 59, 1, 20, 239, 3, 1 })]
    [InlineData(new byte[] { 0, 59, 1, 20, 239, 0, 0 })]
    [InlineData(new byte[] { 0, 59, 1, 20, 239, 0xC0, 12 })]
    public void What_is_none_is_not(byte[] data) => Assert.False(Dsync.TryRead(data, out _));

    [Theory]
    [InlineData("child.example", "example", "child._dsync.example")]
    [InlineData("a.b.example", "example", "a.b._dsync.example")]
    [InlineData("a.b.example", "b.example", "a._dsync.b.example")]
    [InlineData("example", ".", "example._dsync")]
    public void The_label_stands_before_the_parent(string zone, string parent, string name)
    {
        Assert.True(Dsync.TryName(Name(zone), Name(parent), out var found));
        Assert.Equal(name, found.ToString());
    }

    [Theory]
    [InlineData("example", "example")]
    [InlineData("example", "child.example")]
    [InlineData("child.example", "test")]
    public void What_is_not_above_is_no_parent(string zone, string parent) => Assert.False(Dsync.TryName(Name(zone), Name(parent), out _));

    [Fact]
    public void A_name_that_would_be_too_long_is_none()
    {
        var label = new string('a', 61);
        Assert.False(Dsync.TryName(Name($"{label}.{label}.{label}.{label}.a"), Name("a"), out _));
    }

    [Fact]
    public void A_NOTIFY_is_what_our_own_listener_takes()
    {
        var message = new byte[NotifyQuery.MostSize];
        var length = NotifyQuery.Write(message, 4711, Name("d1.test"), DnsType.Cds, Name("agent.example"));
        Assert.Equal(NotifyReading.Notify, NotifyRequest.TryRead(message.AsSpan(0, length), out var notify));
        Assert.Equal((DnsType.Cds, "d1.test", true), (notify.Type, notify.Zone.ToString(), notify.HasEdns));
        Assert.Contains(Convert.ToHexString(Name("agent.example").Wire), Convert.ToHexString(message.AsSpan(0, length)), StringComparison.Ordinal);
        var reply = new byte[NotifyRequest.MaxReply];
        foreach (var rcode in new[] { DnsRcode.NoError, DnsRcode.Refused, DnsRcode.NotImp })
        {
            var size = notify.WriteReply(message.AsSpan(0, length), reply, rcode);
            Assert.Equal(rcode, NotifyQuery.Read(reply.AsSpan(0, size), 4711, Name("d1.test"), DnsType.Cds));
        }
    }

    [Fact]
    public void What_answers_something_else_is_no_answer()
    {
        var message = new byte[NotifyQuery.MostSize];
        var length = NotifyQuery.Write(message, 1, Name("d1.test"), DnsType.Cds);
        var sent = message.AsSpan(0, length).ToArray();
        // The NOTIFY itself, sent back.
        Assert.Null(NotifyQuery.Read(sent, 1, Name("d1.test"), DnsType.Cds));
        sent[2] |= 0x80;
        Assert.Equal(DnsRcode.NoError, NotifyQuery.Read(sent, 1, Name("d1.test"), DnsType.Cds));
        Assert.Null(NotifyQuery.Read(sent, 2, Name("d1.test"), DnsType.Cds));
        Assert.Null(NotifyQuery.Read(sent, 1, Name("d2.test"), DnsType.Cds));
        Assert.Null(NotifyQuery.Read(sent, 1, Name("d1.test"), DnsType.Csync));
        for (var cut = 0; cut < 20; cut++) Assert.Null(NotifyQuery.Read(sent.AsSpan(0, cut), 1, Name("d1.test"), DnsType.Cds));
    }
}
