using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Xunit;

namespace Oops.Tests.Wire.Dns.Dnssec;

public sealed class DnssecTests
{
    [Fact]
    public void The_key_tag_and_the_digests_are_those_of_RFC_4509()
    {
        byte[] data = [1, 0, 3, 5, .. Convert.FromBase64String("AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==")];
        Assert.True(Dnskey.TryRead(data, out var key));
        Assert.Equal(60485, key.Tag);
        var owner = Name("dskey.example.com");
        Assert.True(DsDigest.Matches(owner, [0xEC, 0x45, 5, 1, .. Convert.FromHexString("2BB183AF5F22588179A53B0A98631FAD1A292118")], key));
        Assert.True(DsDigest.Matches(owner, [0xEC, 0x45, 5, 2, .. Convert.FromHexString("D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A")], key));
        Assert.False(DsDigest.Matches(owner, [0xEC, 0x45, 5, 2, .. Convert.FromHexString("D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50B")], key));
        Assert.False(DsDigest.Matches(owner, [0xEC, 0x45, 5, 3, 0], key));
    }

    [Theory]
    [InlineData("example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom")]
    [InlineData("a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl")]
    [InlineData("*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en")]
    public void Hashes_of_names_are_those_of_RFC_5155(string name, string label)
    {
        var hash = new byte[Nsec3.HashSize];
        Nsec3.Hash(Name(name).Wire, [0xaa, 0xbb, 0xcc, 0xdd], 12, hash);
        var text = new byte[Nsec3.LabelSize];
        Nsec3.WriteLabel(hash, text);
        Assert.Equal(label, Encoding.ASCII.GetString(text));
        var back = new byte[Nsec3.HashSize];
        Assert.True(Nsec3.TryReadLabel(Encoding.ASCII.GetBytes(label.ToUpperInvariant()), back));
        Assert.Equal(hash, back);
        Assert.False(Nsec3.TryReadLabel("wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"u8, back));
        Assert.False(Nsec3.TryReadLabel("short"u8, back));
    }

    [Fact]
    public void A_bitmap_is_written_as_RFC_4034_has_it()
    {
        // RFC 4034, 4.3: A MX RRSIG NSEC TYPE1234.
        DnsType[] types = [DnsType.A, DnsType.Mx, DnsType.Rrsig, DnsType.Nsec, (DnsType)1234];
        var bitmap = new byte[TypeBitmap.MaxSize];
        bitmap = bitmap[..TypeBitmap.Write(types, bitmap)];
        Assert.Equal("0006400100000003" + "041B" + new string('0', 52) + "20", Convert.ToHexString(bitmap));
        Assert.Equal(types, TypeBitmap.Types(bitmap));
        Assert.True(TypeBitmap.IsValid(bitmap));
        Assert.True(TypeBitmap.Has(bitmap, (DnsType)1234));
        Assert.False(TypeBitmap.Has(bitmap, DnsType.Aaaa));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("000140" + "000140")]
    [InlineData("0000")]
    [InlineData("00024000")]
    [InlineData("0021" + "40")]
    [InlineData("010140" + "000140")]
    public void A_bitmap_of_another_form_is_none(string hex) => Assert.False(TypeBitmap.IsValid(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("")]
    [InlineData("0001080200000E10000000020000000100FF07")]
    [InlineData("0001080200000E10000000020000000100FF076578616D706C65")]
    [InlineData("0001080200000E10000000020000000100FF076578616D706C6500")]
    [InlineData("0001080200000E10000000020000000100FFC00C01")]
    public void Data_that_end_before_the_signature_are_no_RRSIG(string hex) => Assert.False(Rrsig.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void The_fields_of_an_RRSIG_are_read()
    {
        Assert.True(Rrsig.TryRead(Convert.FromHexString("000108020000012C000000020000000100FF076578616D706C6500ABCD"), out var rrsig));
        Assert.Equal((DnsType.A, 8, 2, 300u, 2u, 1u, 255), (rrsig.Covered, rrsig.Algorithm, rrsig.Labels, rrsig.OriginalTtl, rrsig.Expiration, rrsig.Inception, rrsig.KeyTag));
        Assert.Equal("076578616D706C6500", Convert.ToHexString(rrsig.Signer));
        Assert.Equal("ABCD", Convert.ToHexString(rrsig.Signature));
    }

    [Theory]
    [InlineData("0100000002ABCD14", false)]
    [InlineData("0100000002ABCD02EEFF", true)]
    [InlineData("0100000002ABCD00", false)]
    [InlineData("01000000FF", false)]
    [InlineData("", false)]
    public void Data_of_NSEC3_are_read_or_refused(string hex, bool good)
    {
        Assert.Equal(good, Nsec3.TryRead(Convert.FromHexString(hex), out var nsec3));
        if (good)
            Assert.Equal(("ABCD", "EEFF"), (Convert.ToHexString(nsec3.Salt), Convert.ToHexString(nsec3.Next)));
    }

    static DnsName Name(string text)
    {
        Assert.True(DnsName.TryParse(text, out var name), text);
        return name;
    }
}
