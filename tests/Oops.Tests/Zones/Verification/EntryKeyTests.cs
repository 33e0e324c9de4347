using System.Security.Cryptography;
using Oops.Wire.Dns;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>The way from the parent's DS to the other keys: a signature over the DNSKEY RRset by a key with SEP.</summary>
public sealed class EntryKeyTests : IDisposable
{
    const byte Zsk = 0, Ksk = 1, RevokedKsk = 0x81;
    const string Text = "$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n";

    readonly ECDsa ksk = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => ksk.Dispose();

    [Fact]
    public void Keys_that_only_a_ZSK_signs_do_not_pass()
    {
        using var zone = Zone(Ksk);
        Assert.Equal("signature-ksk-missing", zone.Faults());
        zone.SignKeys(ksk, Ksk);
        Assert.Equal("", zone.Faults());
    }

    [Fact]
    public void A_KSKs_signature_that_has_ended_is_no_leftover_beside_the_ZSKs()
    {
        using var zone = Zone(Ksk);
        zone.Expires = SignedZone.Now + 100;
        zone.SignKeys(ksk, Ksk);
        Assert.Equal((SignedZone.Now + 100, DnsType.Dnskey), (zone.Verdict().Earliest!.Expires, zone.Verdict().Earliest!.Covered));
        Assert.Equal("signature-expired", zone.Faults(new VerifyOptions { Now = SignedZone.Now + 101 }));
        Assert.Equal("signature-not-yet", Early(zone).Faults(new VerifyOptions { Now = SignedZone.Now }));
    }

    [Fact]
    public void A_KSKs_signature_that_is_wrong_is_told_once()
    {
        using var zone = Zone(Ksk);
        zone.SignKeys(ksk, Ksk);
        zone.Records[^1] = zone.Records[^1] with { Data = [.. zone.Records[^1].Data[..^1], (byte)(zone.Records[^1].Data[^1] ^ 1)] };
        Assert.Equal("signature-bogus", zone.Faults());
    }

    [Fact]
    public void Of_two_KSKs_one_is_enough()
    {
        using var standby = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var zone = new SignedZone(Text) { Flags = Zsk };
        zone.AddKey(standby, Ksk);
        zone.AddKey(ksk, Ksk);
        zone.Sign().SignKeys(ksk, Ksk);
        Assert.Equal("", zone.Faults());
    }

    [Fact]
    public void A_key_that_is_revoked_leads_nowhere()
    {
        using var zone = Zone(RevokedKsk);
        Assert.Equal("revoked-unsigned", zone.Faults());
        zone.SignKeys(ksk, RevokedKsk);
        Assert.Equal("", zone.Faults());
        zone.Records.RemoveAll(r => r.Covered == DnsType.Dnskey);
        zone.SignKeys(ksk, RevokedKsk);
        Assert.Equal("signature-algorithm-missing", zone.Faults());
    }

    SignedZone Zone(byte flags)
    {
        var zone = new SignedZone(Text) { Flags = Zsk };
        zone.AddKey(ksk, flags);
        return zone.Sign();
    }

    /// <summary>The same with a signature of the KSK that begins later.</summary>
    SignedZone Early(SignedZone zone)
    {
        zone.Records.RemoveAt(zone.Records.Count - 1);
        zone.Begins = SignedZone.Now + 10;
        zone.SignKeys(ksk, Ksk);
        return zone;
    }
}
