using System.Buffers.Binary;
using Oops.Keys;
using Oops.Wire.Dns;
using Xunit;
using static Oops.Tests.Keys.Made;

namespace Oops.Tests.Keys;

public sealed class KeyAnswersTests
{
    internal sealed record Rr(DnsName Owner, DnsType Type, byte[] Data, uint Ttl = 300);

    static readonly Rr SoaOfParent = new(Name("test"), DnsType.Soa, [0, 0, .. new byte[20]]), SoaOfZone = SoaOfParent with { Owner = Zone };

    /// <summary>A message as a server would send it.</summary>
    internal static byte[] Message(ushort id, DnsName name, DnsType type, IReadOnlyList<Rr> answers, IReadOnlyList<Rr>? authorities = null, ushort flags = DnsHeader.Aa, DnsRcode rcode = DnsRcode.NoError)
    {
        var buffer = new byte[ushort.MaxValue];
        var writer = new DnsWriter(buffer, id, (ushort)(DnsHeader.Qr | flags | (int)rcode));
        writer.Question(name, type);
        foreach (var (list, at) in new[] { (answers, 6), (authorities ?? [], 8) })
        {
            foreach (var rr in list)
            {
                writer.Bytes(rr.Owner.Wire);
                writer.UInt16((ushort)rr.Type);
                writer.UInt16(1);
                writer.UInt32(rr.Ttl);
                writer.UInt16((ushort)rr.Data.Length);
                writer.Bytes(rr.Data);
                writer.Count(at);
            }
        }

        return buffer[..writer.Length];
    }

    internal static byte[] Signature(KeyData by, DateTimeOffset until, DnsType covered = DnsType.Dnskey, DateTimeOffset? from = null)
    {
        var data = new byte[18];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)covered);
        (data[2], data[3]) = (by.Algorithm, 2);
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(8), (uint)until.ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(12), (uint)(from ?? DateTimeOffset.UnixEpoch).ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(16), by.Tag);
        return [.. data, .. Zone.Wire, 1, 2, 3];
    }

    static PlainAnswer Answer(DnsType type, IReadOnlyList<Rr> answers, IReadOnlyList<Rr>? authorities = null, ushort flags = DnsHeader.Aa, DnsRcode rcode = DnsRcode.NoError)
    {
        Assert.Equal(AnswerReading.Answer, PlainAnswer.Read(Message(7, Zone, type, answers, authorities, flags, rcode), 7, new PlainQuery(Zone, type), out var answer));
        return answer!;
    }

    static Rr Key(KeyData key) => new(Zone, DnsType.Dnskey, key.Data);

    [Fact]
    public void Keys_and_who_signs_them_are_read()
    {
        var ksk = Made.Key("a");
        var set = KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [Key(ksk), Key(Zsk("b")), new(Zone, DnsType.Rrsig, Signature(ksk, Start.AddDays(9)))]), Start, out var why);
        Assert.Null(why);
        Assert.Equal((2, 300u, Start.AddDays(9)), (set!.Keys.Length, set.Ttl, set.SignedUntil));
        Assert.True(set.IsSignedBy(ksk));
    }

    [Fact]
    public void A_signature_begins_and_ends_at_whole_seconds_whenever_it_is_read()
    {
        var ksk = Made.Key("a");
        var set = KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [Key(ksk), new(Zone, DnsType.Rrsig, Signature(ksk, Start.AddDays(9), from: Start.AddDays(-1)))]), Start.AddMilliseconds(123.4), out _);
        Assert.Equal(new KeySigner(ksk.Algorithm, ksk.Tag, Start.AddDays(9), Start.AddDays(-1)), Assert.Single(set!.Signers));
    }

    [Fact]
    public void Signatures_of_others_and_of_other_types_are_none()
    {
        var ksk = Made.Key("a");
        var set = KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [Key(ksk), new(Zone, DnsType.Rrsig, Signature(ksk, Start, DnsType.Soa)), new(Zone, DnsType.Rrsig, [1, 2, 3])]), Start, out _);
        Assert.Empty(set!.Signers);
    }

    [Theory]
    [InlineData(0, DnsRcode.NoError, "answers without authority")]
    [InlineData(DnsHeader.Aa, DnsRcode.ServFail, "SERVFAIL")]
    [InlineData(DnsHeader.Aa, DnsRcode.NxDomain, "NXDOMAIN")]
    public void What_is_said_without_authority_is_nothing(int flags, DnsRcode rcode, string reason)
    {
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [Key(Made.Key("a"))], flags: (ushort)flags, rcode: rcode), Start, out var why));
        Assert.Equal(reason, why);
    }

    [Fact]
    public void No_keys_is_an_answer_and_a_CNAME_is_none()
    {
        Assert.Empty(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [], [SoaOfZone]), Start, out _)!.Keys);
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [], [SoaOfParent]), Start, out var why));
        Assert.Equal("says that there are no keys, and not by the zone's authority (no SOA of it)", why);
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, []), Start, out _));
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [new(Zone, DnsType.Cname, [1, (byte)'x', 0])]), Start, out _));
    }

    [Fact]
    public void A_set_that_would_trap_a_validator_is_not_taken()
    {
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [.. Enumerable.Range(0, KeySet.Most + 1).Select(i => Key(Made.Key($"{i}")))]), Start, out var why));
        Assert.Equal("has 65 DNSKEY records; at most 64 are taken", why);
    }

    [Fact]
    public void A_DNSKEY_without_a_key_is_none()
    {
        Assert.Null(KeyAnswers.Keys(Zone, Answer(DnsType.Dnskey, [Key(Made.Key("a")), new(Zone, DnsType.Dnskey, [1, 1, 3, 8])]), Start, out var why));
        Assert.Equal("has a DNSKEY that is none", why);
    }

    [Fact]
    public void The_DS_is_taken_from_the_parents_side_alone()
    {
        var ds = Made.Key("a").Ds(Zone);
        Assert.Equal(ds, Assert.Single(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [new(Zone, DnsType.Ds, ds.Data, 86_400)]), out _)!.Records));
        Assert.Empty(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [], [SoaOfParent]), out _)!.Records);
        Assert.Empty(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [], [SoaOfParent], rcode: DnsRcode.NxDomain), out _)!.Records);
        Assert.Null(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [], [SoaOfZone]), out var why));
        Assert.Equal("is a server of the zone itself, not of its parent", why);
        Assert.Null(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, []), out why));
        Assert.Null(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [], [SoaOfParent with { Owner = Name("example") }]), out why));
        Assert.Null(KeyAnswers.Ds(Zone, Answer(DnsType.Ds, [], rcode: DnsRcode.Refused), out why));
        Assert.Equal("REFUSED", why);
    }

    [Fact]
    public void Lines_are_those_of_key_listen()
    {
        // RFC 4034, 5.4.
        Assert.True(Oops.Wire.Dns.DnsName.TryParse("dskey.example.com", out var zone));
        var key = KeyData.Of([1, 0, 3, 5, .. Convert.FromBase64String("AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==")])!;
        Assert.StartsWith("dskey.example.com. 300 IN DNSKEY 256 3 5 AQOeiiR0GOMY", KeyLine.Of(zone, key, 300), StringComparison.Ordinal);
        Assert.EndsWith(" ; Key-ID 60485", KeyLine.Of(zone, key, 300), StringComparison.Ordinal);
        // RFC 4509, 2.3.
        Assert.Equal("dskey.example.com. 86400 IN DS 60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A", KeyLine.Of(zone, key.Ds(zone), 86_400));
    }

    [Fact]
    public void What_is_submitted_are_the_keys_that_count_and_their_DS()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Made.Key("a"), Revoked(Made.Key("b")), Zsk("z"))), out _);
        var lines = KeyLine.Submission(Zone, known, out _)!;
        Assert.Equal(2, lines.Count);
        Assert.Contains(" IN DNSKEY 257 3 13 ", lines[0], StringComparison.Ordinal);
        Assert.Contains($" IN DS {Made.Key("a").Tag} 13 2 ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_that_one_address_does_not_serve_are_not_submitted()
    {
        KeyData old = Made.Key("old"), young = Made.Key("new");
        var known = new ZoneKeys().Take(Look(Start, ds: null, Set(old), Set(old, young)), out _);
        Assert.Null(KeyLine.Submission(Zone, known, out var why));
        Assert.Equal($"192.0.2.1 and 192.0.2.2 do not serve the same KSKs yet ({old.Tag}; {string.Join(", ", Set(old, young).Keys.Select(k => k.Tag))})", why);
        // One that is silent has no say in what there is, and what it had is not submitted.
        known = known.Take(Look(Start.AddHours(1), ds: null, Set(young), null), out _);
        Assert.Contains($" IN DS {young.Tag} ", Assert.Single(KeyLine.Submission(Zone, known, out _)!, l => l.Contains(" DS ", StringComparison.Ordinal)), StringComparison.Ordinal);
        // And a look at which nobody is heard changes nothing.
        known = known.Take(Look(Start.AddHours(2), ds: null, null, null), out _);
        Assert.Equal(2, KeyLine.Submission(Zone, known, out _)!.Count);
        Assert.Null(KeyLine.Submission(Zone, new(), out why));
        Assert.Equal("nobody was heard yet", why);
    }
}
