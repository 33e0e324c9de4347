using System.Buffers.Binary;
using System.Text;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class TsigTests
{
    const long Now = 1795181164;
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("sixteen-octets-k");
    static readonly TsigKey[] Keys =
    [
        Key("k-sha1", TsigAlgorithm.HmacSha1), Key("k-sha224", TsigAlgorithm.HmacSha224), Key("k-sha256", TsigAlgorithm.HmacSha256),
        Key("k-sha384", TsigAlgorithm.HmacSha384), Key("k-sha512", TsigAlgorithm.HmacSha512),
    ];

    [Theory]
    [InlineData("kdig-sha1")]
    [InlineData("kdig-sha224")]
    [InlineData("kdig-sha256")]
    [InlineData("kdig-sha384")]
    [InlineData("kdig-sha512")]
    [InlineData("dig-sha1")]
    [InlineData("dig-sha224")]
    [InlineData("dig-sha256")]
    [InlineData("dig-sha384")]
    [InlineData("dig-sha512")]
    [InlineData("nsd")]
    [InlineData("notify")]
    public void Queries_of_dig_and_kdig_and_answers_of_knotd_and_nsd_verify(string name)
    {
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(Vector(name + "-query"), Keys, Now, out var context));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyResponse(Vector(name + "-answer"), context, Now, out var error));
        Assert.Equal(0, error);
        Assert.EndsWith(name.Contains("sha", StringComparison.Ordinal) ? name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..] : "sha256", context.Key!.Name.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_notify_of_nsd_verifies() => Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(DnsVectors.Get("notify", "nsd-signed"), Keys, Now, out _));

    [Theory]
    [InlineData("bad-secret", TsigStatus.BadSig)]
    [InlineData("bad-key", TsigStatus.BadKey)]
    public void What_knotd_refuses_we_refuse_with_the_same_octets(string name, TsigStatus status)
    {
        var request = Vector(name + "-query");
        Assert.Equal(status, Tsig.VerifyRequest(request, Keys, Now, out var context));
        Assert.Null(context.Key);
        // knotd's answer without its TSIG record, signed by us, is knotd's answer.
        var expected = Vector(name + "-answer");
        Assert.Equal(TsigStatus.Valid, TsigRecord.Find(expected, out var tsig));
        var ours = new byte[512];
        expected.AsSpan(0, tsig.Start).CopyTo(ours);
        ours[11]--;
        var length = tsig.Start;
        Assert.True(Tsig.TrySignResponse(ours, ref length, request, context, Now));
        Assert.Equal(expected, ours[..length]);
    }

    [Theory]
    [InlineData("bad-secret-answer", 16)]
    [InlineData("bad-key-answer", 17)]
    [InlineData("nsd-bad-secret-answer", 16)]
    public void An_unsigned_refusal_by_the_peer_is_told_apart(string vector, int code)
    {
        Tsig.VerifyRequest(Vector("dig-sha256-query"), Keys, Now, out var context);
        Assert.Equal(TsigStatus.PeerRefused, Tsig.VerifyResponse(Vector(vector), context, Now, out var error));
        Assert.Equal(code, error);
    }

    [Fact]
    public void A_shortened_MAC_is_taken_only_by_a_key_that_allows_it()
    {
        var request = Vector("truncated-query");
        Assert.Equal(TsigStatus.BadTrunc, Tsig.VerifyRequest(request, Keys, Now, out var context));
        Assert.NotNull(context.Key); // its complaint is signed
        TsigKey[] lenient = [new(DnsNameTests.Name("k-sha256"), TsigAlgorithm.HmacSha256, Secret) { MacSize = 16 }];
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(request, lenient, Now, out context));
        var response = Answer(request, out var length);
        Assert.True(Tsig.TrySignResponse(response, ref length, request, context, Now));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyResponse(response.AsSpan(0, length), context, Now, out _));
        Assert.Equal(16, FindMac(response.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(9, TsigStatus.FormErr)]
    [InlineData(15, TsigStatus.FormErr)]
    [InlineData(16, TsigStatus.BadTrunc)]
    [InlineData(31, TsigStatus.BadTrunc)]
    [InlineData(32, TsigStatus.Valid)]
    [InlineData(33, TsigStatus.FormErr)]
    public void MAC_sizes_follow_RFC_8945_5_2_2_1(int size, TsigStatus status)
    {
        var good = Vector("kdig-sha256-query");
        TsigRecord.Find(good, out var tsig);
        var mac = new byte[size];
        tsig.Mac[..Math.Min(size, 32)].CopyTo(mac);
        tsig.Mac = mac;
        var buffer = new byte[512];
        good.AsSpan(0, tsig.Start).CopyTo(buffer);
        buffer[11]--;
        var writer = DnsWriter.Resume(buffer, tsig.Start);
        tsig.WriteRecord(ref writer);
        Assert.Equal(status, Tsig.VerifyRequest(buffer.AsSpan(0, writer.Length), Keys, Now, out _));
    }

    [Theory]
    [InlineData(300, TsigStatus.Valid)]
    [InlineData(-299, TsigStatus.Valid)]
    [InlineData(302, TsigStatus.BadTime)]
    [InlineData(-302, TsigStatus.BadTime)]
    public void The_clocks_may_differ_by_the_fudge(int late, TsigStatus status) =>
        Assert.Equal(status, Tsig.VerifyRequest(Vector("kdig-sha256-query"), Keys, Now + late, out _));

    [Fact]
    public void BADTIME_is_answered_signed_with_the_clients_time_and_ours()
    {
        var request = Vector("kdig-sha256-query");
        Assert.Equal(TsigStatus.BadTime, Tsig.VerifyRequest(request, Keys, Now + 1000, out var context));
        var response = Answer(request, out var length);
        Assert.True(Tsig.TrySignResponse(response, ref length, request, context, Now + 1000));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyResponse(response.AsSpan(0, length), context, Now, out var error));
        Assert.Equal(18, error);
        Assert.Equal(TsigStatus.Valid, TsigRecord.Find(response.AsSpan(0, length), out var tsig));
        Assert.Equal(Now + 1000, BinaryPrimitives.ReadUInt32BigEndian(tsig.Other[2..]));
    }

    [Theory]
    [InlineData(TsigAlgorithm.HmacSha1)]
    [InlineData(TsigAlgorithm.HmacSha224)]
    [InlineData(TsigAlgorithm.HmacSha256)]
    [InlineData(TsigAlgorithm.HmacSha384)]
    [InlineData(TsigAlgorithm.HmacSha512)]
    public void What_we_sign_verifies_and_no_bit_may_change(TsigAlgorithm algorithm)
    {
        var key = Key("our.key", algorithm);
        var buffer = new byte[512];
        var length = SoaQuery.Write(buffer, 4711, DnsNameTests.Name("x.test"), SoaQueryOptions.Expire);
        Assert.True(Tsig.TrySignRequest(buffer, ref length, key, Now, out var asked));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyRequest(buffer.AsSpan(0, length), [key], Now, out var context));
        for (var bit = 0; bit < 8 * length; bit++)
        {
            buffer[bit / 8] ^= (byte)(1 << bit % 8);
            var status = Tsig.VerifyRequest(buffer.AsSpan(0, length), [key], Now, out _);
            // Not signed: the id (the original id is) and letter case of the key's and the algorithm's name.
            if (bit >= 16 && !IsCase(buffer, bit, length))
                Assert.NotEqual(TsigStatus.Valid, status);
            buffer[bit / 8] ^= (byte)(1 << bit % 8);
        }

        var response = Answer(buffer.AsSpan(0, length), out var size);
        Assert.True(Tsig.TrySignResponse(response, ref size, buffer.AsSpan(0, length), context, Now));
        Assert.Equal(TsigStatus.Valid, Tsig.VerifyResponse(response.AsSpan(0, size), asked, Now, out _));
        response[3] ^= 1;
        Assert.Equal(TsigStatus.BadSig, Tsig.VerifyResponse(response.AsSpan(0, size), asked, Now, out _));
    }

    [Fact]
    public void A_response_to_another_request_does_not_verify()
    {
        Tsig.VerifyRequest(Vector("kdig-sha256-query"), Keys, Now, out var context);
        Assert.Equal(TsigStatus.BadSig, Tsig.VerifyResponse(Vector("dig-sha256-answer"), context, Now, out _));
        Assert.Equal(TsigStatus.BadKey, Tsig.VerifyResponse(Vector("dig-sha512-answer"), context, Now, out _));
        Assert.Equal(TsigStatus.Absent, Tsig.VerifyResponse(DnsVectors.Get("soa", "knot-primary"), context, Now, out _));
    }

    [Fact]
    public void An_unsigned_request_gets_an_unsigned_response()
    {
        var request = DnsVectors.Get("notify", "nsd-plain");
        Assert.Equal(TsigStatus.Absent, Tsig.VerifyRequest(request, Keys, Now, out var context));
        var response = Answer(request, out var length);
        var before = length;
        Assert.True(Tsig.TrySignResponse(response, ref length, request, context, Now));
        Assert.Equal(before, length);
    }

    [Fact]
    public void TSIG_must_be_last_and_alone()
    {
        var good = Vector("kdig-sha256-query");
        byte[] twice = [.. good, .. good[TsigStart(good)..]];
        twice[11]++;
        Assert.Equal(TsigStatus.FormErr, Tsig.VerifyRequest(twice, Keys, Now, out _));
        byte[] opt = [.. good, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
        opt[11]++;
        Assert.Equal(TsigStatus.FormErr, Tsig.VerifyRequest(opt, Keys, Now, out _));
        Assert.Equal(TsigStatus.FormErr, Tsig.VerifyRequest((byte[])[.. good, 0], Keys, Now, out _));
        for (var length = 0; length < good.Length; length++)
            Assert.Equal(TsigStatus.FormErr, Tsig.VerifyRequest(good.AsSpan(0, length), Keys, Now, out _));
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_said_so()
    {
        var buffer = new byte[60];
        var length = SoaQuery.Write(buffer, 1, DnsNameTests.Name("x"), SoaQueryOptions.None);
        Assert.False(Tsig.TrySignRequest(buffer, ref length, Keys[0], Now, out _));
    }

    [Theory]
    [InlineData("hmac-sha256", TsigAlgorithm.HmacSha256)]
    [InlineData("HMAC-SHA224.", TsigAlgorithm.HmacSha224)]
    public void Algorithms_are_known_by_name(string text, TsigAlgorithm algorithm)
    {
        Assert.True(TsigKey.TryParseAlgorithm(text, out var got));
        Assert.Equal(algorithm, got);
        Assert.False(TsigKey.TryParseAlgorithm("hmac-md5.sig-alg.reg.int", out _));
    }

    static TsigKey Key(string name, TsigAlgorithm algorithm) => new(DnsNameTests.Name(name), algorithm, Secret);

    static byte[] Vector(string name) => DnsVectors.Get("tsig", name);

    static int TsigStart(byte[] message)
    {
        TsigRecord.Find(message, out var tsig);
        return tsig.Start;
    }

    static int FindMac(ReadOnlySpan<byte> message)
    {
        TsigRecord.Find(message, out var tsig);
        return tsig.Mac.Length;
    }

    static byte[] Answer(ReadOnlySpan<byte> request, out int length)
    {
        var buffer = new byte[1024];
        request[..12].CopyTo(buffer);
        buffer[2] |= 0x80;
        buffer.AsSpan(4, 8).Clear();
        length = 12;
        return buffer;
    }

    static bool IsCase(byte[] buffer, int bit, int length) => bit % 8 == 5 && char.IsAsciiLetter((char)buffer[bit / 8]) && bit / 8 >= TsigStartOf(buffer, bit, length);

    static int TsigStartOf(byte[] buffer, int bit, int length)
    {
        var copy = buffer[..length];
        copy[bit / 8] ^= (byte)(1 << bit % 8);
        return TsigStart(copy);
    }
}
