using System.Security.Cryptography;
using System.Text;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class TsigStreamTests
{
    const long Captured = 1795746755;
    const long Now = 1_800_000_000;
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("sixteen-octets-k");
    static readonly TsigKey Key = new(DnsNameTests.Name("k-sha256"), TsigAlgorithm.HmacSha256, Secret);

    [Theory]
    [InlineData("named-axfr-signed", 3)]
    [InlineData("named-ixfr-signed", 2)]
    [InlineData("knot-axfr-signed", 1)]
    [InlineData("knot-ixfr-signed", 1)]
    [InlineData("nsd-axfr-signed", 1)]
    [InlineData("pdns-axfr-signed", 3)]
    [InlineData("pdns-ixfr-signed", 3)]
    public void Signed_streams_of_each_server_verify(string name, int messages)
    {
        using var stream = Asked(name);
        for (var i = 1; i <= messages; i++)
            Assert.Equal(TsigStatus.Valid, stream.Take(DnsVectors.Get("transfer", $"{name}-{i}"), Captured, out _, out _));
        Assert.Equal(0, stream.Unsigned);
    }

    [Theory]
    [InlineData("named-axfr-signed")]
    [InlineData("pdns-axfr-signed")]
    public void Messages_in_another_order_do_not_verify(string name)
    {
        using var stream = Asked(name);
        Assert.Equal(TsigStatus.Valid, stream.Take(DnsVectors.Get("transfer", $"{name}-1"), Captured, out _, out _));
        Assert.Equal(TsigStatus.BadSig, stream.Take(DnsVectors.Get("transfer", $"{name}-3"), Captured, out _, out _));
    }

    [Theory]
    [InlineData("named-bad-secret")]
    [InlineData("knot-bad-secret")]
    [InlineData("nsd-bad-secret")]
    public void A_refusal_of_our_signature_is_told_apart(string name)
    {
        using var stream = Asked(name);
        Assert.Equal(TsigStatus.PeerRefused, stream.Take(DnsVectors.Get("transfer", name + "-1"), Captured, out var error, out _));
        Assert.Equal(16, error);
    }

    [Fact]
    public void Ninety_nine_unsigned_messages_may_lie_between_two_signed_ones()
    {
        var (stream, signer) = Pair();
        using (stream)
        {
            Assert.Equal(TsigStatus.Valid, stream.Take(signer.Signed(Message(0), Now), Now, out _, out _));
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < 99; i++)
                {
                    Assert.Equal(TsigStatus.Absent, stream.Take(signer.Unsigned(Message(i)), Now, out _, out var may));
                    Assert.True(may);
                }

                Assert.Equal(99, stream.Unsigned);
                Assert.Equal(TsigStatus.Valid, stream.Take(signer.Signed(Message(100), Now), Now, out _, out _));
                Assert.Equal(0, stream.Unsigned);
            }
        }
    }

    [Fact]
    public void A_hundredth_unsigned_message_may_not_follow()
    {
        var (stream, signer) = Pair();
        using (stream)
        {
            stream.Take(signer.Signed(Message(0), Now), Now, out _, out _);
            for (var i = 0; i < 99; i++)
                stream.Take(signer.Unsigned(Message(i)), Now, out _, out _);
            Assert.Equal(TsigStatus.Absent, stream.Take(signer.Unsigned(Message(99)), Now, out _, out var may));
            Assert.False(may);
        }
    }

    [Fact]
    public void The_first_message_must_be_signed()
    {
        var (stream, _) = Pair();
        using (stream)
        {
            Assert.Equal(TsigStatus.Absent, stream.Take(Message(0), Now, out _, out var may));
            Assert.False(may);
        }
    }

    [Fact]
    public void A_changed_unsigned_message_spoils_the_next_signature()
    {
        var (stream, signer) = Pair();
        using (stream)
        {
            stream.Take(signer.Signed(Message(0), Now), Now, out _, out _);
            signer.Unsigned(Message(1));
            stream.Take(Message(2), Now, out _, out _);
            Assert.Equal(TsigStatus.BadSig, stream.Take(signer.Signed(Message(3), Now), Now, out _, out _));
        }
    }

    [Fact]
    public void A_later_message_out_of_time_is_BADTIME()
    {
        var (stream, signer) = Pair();
        using (stream)
        {
            stream.Take(signer.Signed(Message(0), Now), Now, out _, out _);
            Assert.Equal(TsigStatus.BadTime, stream.Take(signer.Signed(Message(1), Now - 301), Now, out _, out _));
        }
    }

    [Fact]
    public void Garbage_never_verifies_and_never_throws()
    {
        var corpus = DnsVectors.All("transfer").Where(v => v.Name.StartsWith("named-axfr-signed-", StringComparison.Ordinal)).Select(v => v.Bytes).ToList();
        var whole = corpus.ToHashSet(new Octets());
        FuzzRun.Mutate(corpus, 5_000, 8945, (bytes, random) =>
        {
            using var stream = Asked("named-axfr-signed");
            if (stream.Take(bytes, Captured, out _, out _) == TsigStatus.Valid)
                Assert.Contains(bytes, whole);
        });
    }

    [Theory]
    [InlineData(TsigAlgorithm.HmacSha1)]
    [InlineData(TsigAlgorithm.HmacSha224)]
    [InlineData(TsigAlgorithm.HmacSha256)]
    [InlineData(TsigAlgorithm.HmacSha384)]
    [InlineData(TsigAlgorithm.HmacSha512)]
    public void A_MAC_in_pieces_is_the_MAC_of_the_whole(TsigAlgorithm algorithm)
    {
        var random = new Random(7);
        foreach (var length in new[] { 0, 1, 63, 64, 65, 128, 1000, 70_000 })
        {
            var data = new byte[length];
            random.NextBytes(data);
            var key = new TsigKey(DnsNameTests.Name("k"), algorithm, data.Length > 200 ? data.AsSpan(0, 150) : Secret);
            byte[] whole = new byte[TsigKey.MaxMac], pieces = new byte[TsigKey.MaxMac];
            key.Mac(data, whole);
            using var mac = key.Pieces();
            for (var twice = 0; twice < 2; twice++)
            {
                for (var rest = data.AsSpan(); !rest.IsEmpty;)
                {
                    var n = Math.Min(rest.Length, random.Next(1, 150));
                    mac.Append(rest[..n]);
                    rest = rest[n..];
                }

                mac.Finish(pieces);
                Assert.Equal(whole[..key.FullMac], pieces[..key.FullMac]);
            }
        }
    }

    static TsigStream Asked(string name)
    {
        Tsig.VerifyRequest(DnsVectors.Get("transfer", name + "-query"), [Key], Captured, out var context);
        if (context.Key is not null)
            return new(context);
        var other = new TsigKey(Key.Name, TsigAlgorithm.HmacSha256, Encoding.ASCII.GetBytes("wrong-octets-key"));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(DnsVectors.Get("transfer", name + "-query"), [other], Captured, out context));
        return new(context);
    }

    static (TsigStream Stream, SignedStream Signer) Pair()
    {
        var request = new byte[1024];
        var length = TransferQuery.Write(request, 7, DnsNameTests.Name("cat.test"), null);
        Assert.True(Tsig.TrySignRequest(request, ref length, Key, Now, out var context));
        return (new(context), new(SignedStream.MacOf(request[..length]), Secret));
    }

    static byte[] Message(int n) => new TransferMessage(7, "cat.test", DnsType.Axfr).Ptr($"m{n}.zones.cat.test", "a.example").Bytes();

    sealed class Octets : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => BitConverter.ToInt32(SHA256.HashData(obj));
    }
}
