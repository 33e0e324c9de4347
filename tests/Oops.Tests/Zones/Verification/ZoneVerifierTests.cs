using System.Security.Cryptography;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

public sealed class ZoneVerifierTests
{
    const string Text = """
        $TTL 3600
        @ SOA ns1 host 1 7200 3600 1209600 300
        @ NS ns1
        @ NS ns.other.
        @ MX 10 mail
        ns1 A 192.0.2.1
        mail AAAA 2001:db8::1
        www CNAME ns1
        *.wild TXT "any"
        a.ent.deep A 192.0.2.3
        sub NS ns.sub
        ns.sub A 192.0.2.9
        sec NS ns1
        sec DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        ins.opt.out NS ns1
        dn DNAME other.

        """;

    [Theory]
    [InlineData("nsec")]
    [InlineData("nsec3")]
    [InlineData("opt-out")]
    public void A_zone_that_is_signed_well_passes(string form)
    {
        using var zone = Signed(form);
        var verdict = zone.Verdict();
        Assert.Equal("", zone.Faults());
        Assert.True(verdict.Passes);
        Assert.Equal((3L, SignedZone.Now + 86400), (verdict.Numbers.Delegations, verdict.Earliest!.Expires));
    }

    [Fact]
    public void An_unsigned_zone_passes_unless_it_has_to_be_signed()
    {
        using var zone = new SignedZone(Text);
        Assert.Equal("", zone.Faults());
        Assert.Equal("dnssec-missing zonemd-missing", zone.Faults(new VerifyOptions { Now = SignedZone.Now, RequireDnssec = true, RequireZonemd = true }));
    }

    [Fact]
    public void A_policy_changes_what_a_fault_counts()
    {
        using var zone = new SignedZone(Text + "x A 192.0.2.1\nx 60 A 192.0.2.2\n");
        Assert.True(zone.Verdict().Passes);
        Assert.False(zone.Verdict(2, new VerifyOptions { Now = SignedZone.Now, Policy = new Dictionary<ZoneFault, Severity> { [ZoneFault.TtlMismatch] = Severity.Error } }).Passes);
    }

    [Theory]
    [InlineData("@ SOA ns1 host 2 1 1 1 1", "soa-count")]
    [InlineData("x SOA ns1 host 2 1 1 1 1", "soa-elsewhere")]
    [InlineData("www A 192.0.2.1", "cname-and-other")]
    [InlineData("www CNAME mail", "cname-multiple")]
    [InlineData("dn DNAME third.", "dname-multiple")]
    [InlineData("a.dn A 192.0.2.4\na.dn TXT x", "occluded")]
    [InlineData("a.dn A 192.0.2.4", "occluded")]
    [InlineData("dn NS ns1\na.dn A 192.0.2.4", "occluded")]
    [InlineData("x.sub MX 1 mail", "occluded")]
    [InlineData("sub TXT x", "occluded")]
    [InlineData("sec CNAME mail", "cname-and-other")]
    [InlineData("sub NS nowhere.sub", "glue-missing")]
    [InlineData("sub NS nowhere", "target-missing")]
    [InlineData("@ NS www", "server-unusable")]
    [InlineData("@ MX 5 www", "target-is-cname")]
    [InlineData("*.w NS ns.other.", "ns-wildcard")]
    [InlineData("@ MX 1 any.wild", "target-missing")]
    [InlineData("*.wild A 192.0.2.4\n@ MX 1 any.wild", "")]
    [InlineData("*.wild A 192.0.2.4\na.b.wild TXT x\n@ MX 1 host.b.wild", "target-missing")]
    [InlineData("*.wild A 192.0.2.4\na.b.wild TXT x\n@ MX 1 b.wild", "target-missing")]
    [InlineData("*.alias CNAME mail\n@ MX 1 any.alias", "")]
    [InlineData("@ MX 1 a.dn", "target-is-cname")]
    [InlineData("@ MX 1 a.dn\na.dn A 192.0.2.4", "occluded target-is-cname")]
    [InlineData("@ MX 0 .", "")]
    [InlineData("_x._tcp SRV 0 0 1 nowhere", "target-missing")]
    [InlineData("@ NS host.sec", "")]
    [InlineData("x DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "ds-without-ns")]
    [InlineData("sec DS 1 13 2 0123456789ABCDEF", "ds-malformed")]
    [InlineData("sec DS 1 13 77 0123456789ABCDEF", "")]
    [InlineData("x DNSKEY 256 3 13 AAAA", "dnskey-elsewhere")]
    [InlineData("_dsboot.child._signal.ns1 CDS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n_dsboot.child._signal.ns1 CDNSKEY 257 3 13 AAAA", "")]
    [InlineData("a_dsboot.child._signal.ns1 CDS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "dnskey-elsewhere")]
    [InlineData("_dsboot.child._signal.ns1 DNSKEY 257 3 13 AAAA", "dnskey-elsewhere")]
    [InlineData("other. A 192.0.2.1", "out-of-zone")]
    public void What_is_wrong_with_data_is_named(string more, string fault)
    {
        using var zone = new SignedZone(Text + more + "\n");
        Assert.Equal(fault, zone.Faults());
    }

    [Fact]
    public void A_zone_without_NS_or_SOA_is_none()
    {
        using var zone = new SignedZone("x 60 A 192.0.2.1\n");
        Assert.Equal("soa-count ns-missing", zone.Faults());
    }

    [Fact]
    public void Signatures_without_a_key_are_told_once()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Records.RemoveAll(r => r.Type == DnsType.Dnskey || r.Covered == DnsType.Dnskey);
        Assert.Equal("dnskey-missing", zone.Faults());
    }

    [Theory]
    [InlineData("nsec")]
    [InlineData("nsec3")]
    [InlineData("opt-out")]
    public void An_RRset_without_a_signature_is_named(string form)
    {
        using var zone = Signed(form);
        zone.Remove("mail.example", DnsType.Rrsig, DnsType.Aaaa);
        Assert.Contains("signature-missing", zone.Faults());
        var place = Assert.Single(zone.Verdict().Findings.First(ZoneFault.SignatureMissing));
        Assert.Equal("mail\0"u8, place.Key);
        Assert.Equal(DnsType.Aaaa, place.Type);
    }

    [Fact]
    public void A_signature_over_other_data_is_bogus()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Replace("mail.example", DnsType.Aaaa, data => [.. data[..15], (byte)(data[15] ^ 1)]);
        Assert.Equal("signature-bogus", zone.Faults());
    }

    [Fact]
    public void A_signature_that_was_touched_is_bogus()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Replace("sec.example", DnsType.Rrsig, data => [.. data[..^1], (byte)(data[^1] ^ 1)], DnsType.Ds);
        Assert.Equal("signature-bogus", zone.Faults());
    }

    [Fact]
    public void Signatures_out_of_time_are_told_with_their_moment()
    {
        using var late = new SignedZone(Text) { Expires = SignedZone.Now - 1 }.Sign();
        Assert.Equal("signature-expired", late.Faults());
        Assert.Contains("expired 2027-01-15 07:59:59Z", late.Verdict().Findings.First(ZoneFault.SignatureExpired).First().Why, StringComparison.Ordinal);
        using var early = new SignedZone(Text) { Begins = SignedZone.Now + 1 }.Sign();
        Assert.Equal("signature-not-yet", early.Faults());
        using var just = new SignedZone(Text) { Begins = SignedZone.Now, Expires = SignedZone.Now }.Sign();
        Assert.Equal("", just.Faults());
    }

    [Fact]
    public void Of_two_signatures_one_that_is_good_is_enough()
    {
        using var zone = new SignedZone(Text).Sign();
        var good = zone.One("mail.example", DnsType.Rrsig, DnsType.Aaaa);
        byte[] expired = [.. good.Data];
        expired[16] ^= 1; // another key tag
        zone.Records.Add(good with { Data = expired });
        Assert.Equal("signature-leftover", zone.Faults());
        Assert.True(zone.Verdict().Passes);
        zone.Records.Remove(good);
        Assert.Equal("signature-algorithm-missing", zone.Faults());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(18)]
    public void A_signature_with_a_wrong_number_of_labels_or_another_signer_is_malformed(int at)
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Replace("mail.example", DnsType.Rrsig, data => [.. data[..at], (byte)(at == 3 ? 1 : data[at]), .. at == 3 ? data[(at + 1)..] : [(byte)'x', .. data[(at + 2)..]]], DnsType.Aaaa);
        Assert.Contains("signature-malformed", zone.Faults());
    }

    [Fact]
    public void Another_TTL_than_the_signed_one_is_told()
    {
        using var zone = new SignedZone(Text).Sign();
        var had = zone.One("mail.example", DnsType.Aaaa);
        zone.Records[zone.Records.IndexOf(had)] = had with { Ttl = 60 };
        Assert.Equal("signature-ttl", zone.Faults());
    }

    [Fact]
    public void Signatures_over_nothing_or_over_glue_are_extra()
    {
        using var zone = new SignedZone(Text).Sign();
        var glue = zone.One("ns.sub.example", DnsType.A);
        zone.Records.Add(glue with { Type = DnsType.Rrsig, Data = zone.Signature([glue]) });
        Assert.Equal("signature-extra", zone.Faults());
    }

    [Fact]
    public void Too_many_signatures_over_one_RRset_are_not_all_tried()
    {
        using var zone = new SignedZone(Text).Sign();
        var good = zone.One("mail.example", DnsType.Rrsig, DnsType.Aaaa);
        for (byte i = 0; i < 200; i++)
            zone.Records.Add(good with { Data = [.. good.Data[..^1], i] });
        var verdict = zone.Verdict();
        Assert.Contains(ZoneFault.SignatureTooMany, verdict.Findings.Faults);
        Assert.InRange(verdict.Numbers.Checked, 20, 60);
    }

    [Fact]
    public void Many_keys_with_one_tag_are_not_all_tried()
    {
        using var zone = new SignedZone(Text);
        var modulus = new byte[128];
        Array.Fill(modulus, (byte)0xC1);
        Assert.True(Dnskey.TryRead(Rsa(modulus), out var first));
        for (var i = 0; i < 10; i++)
        {
            // What one octet loses another of the same place in a pair gains: the tag is the same.
            var other = (byte[])modulus.Clone();
            (other[10], other[12 + 2 * i]) = ((byte)(other[10] - 1), (byte)(other[12 + 2 * i] + 1));
            zone.Records.Add(new ZoneRecord(zone.Apex, DnsType.Dnskey, 3600, Rsa(other)));
        }

        zone.Sign();
        var before = zone.Verdict().Numbers.Checked;
        var good = zone.One("mail.example", DnsType.Rrsig, DnsType.Aaaa);
        byte[] data = [.. good.Data];
        (data[2], data[16], data[17]) = (8, (byte)(first.Tag >> 8), (byte)first.Tag);
        zone.Records.Add(good with { Data = data });
        var verdict = zone.Verdict();
        Assert.Equal(before + 1, verdict.Numbers.Checked);
        Assert.Equal(1, verdict.Findings.Count(ZoneFault.SignatureTooMany));
    }

    [Fact]
    public void More_keys_than_anybody_needs_are_not_all_read()
    {
        using var zone = new SignedZone(Text);
        for (byte i = 0; i < 100; i++)
            zone.Records.Add(new ZoneRecord(zone.Apex, DnsType.Dnskey, 3600, Rsa([.. Enumerable.Repeat(i, 127), 0xC1])));
        Assert.Contains("dnskey-too-many", zone.Sign().Faults());
    }

    [Fact]
    public void A_zone_whose_keys_are_all_revoked_does_not_pass()
    {
        using var zone = new SignedZone(Text) { Flags = 0x81 }.Sign();
        Assert.Contains("dnskey-missing", zone.Faults());
        Assert.False(zone.Verdict().Passes);
    }

    [Fact]
    public void What_cannot_be_checked_is_told_and_does_not_pass_for_signed()
    {
        using var zone = new SignedZone(Text) { Algorithm = 253 }.Sign();
        Assert.Equal("algorithm-unsupported", zone.Faults());
        Assert.Equal("dnssec-missing algorithm-unsupported", zone.Faults(new VerifyOptions { Now = SignedZone.Now, RequireDnssec = true }));
    }

    [Fact]
    public void A_key_that_is_none_of_its_algorithm_is_malformed()
    {
        using var zone = new SignedZone(Text + "@ DNSKEY 256 3 13 AAAA\n").Sign();
        Assert.Equal("dnskey-malformed", zone.Faults());
    }

    [Fact]
    public void What_fits_into_no_message_is_told()
    {
        using var zone = new SignedZone(Text + string.Concat(Enumerable.Range(0, 300).Select(i => $"big TXT \"{i:000}{new string('x', 240)}\"\nmany TYPE{i + 1000} \\# 0\n")));
        Assert.Equal("rrset-too-large", zone.Faults());
        Assert.Equal(300 - 65_535 / 246 + 300 - 256, zone.Verdict().Findings.Count(ZoneFault.RRsetTooLarge));
    }

    [Fact]
    public void A_record_whose_data_are_broken_is_left_out_and_told()
    {
        using var zone = new SignedZone(Text);
        var edit = zone.Edit();
        byte[] message = [.. new byte[12], .. zone.Apex.Wire, 0, 15, 0, 1, 0, 0, 0, 60, 0, 2, 0, 10];
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadRecord(out var record));
        edit.Add(zone.Apex, record, message);
        var verdict = ZoneVerifier.Run(edit.Seal(), new VerifyOptions { Now = SignedZone.Now }, edit.Faults, 1, null, CancellationToken.None);
        Assert.Equal([ZoneFault.RecordMalformed], verdict.Findings.Faults);
    }

    [Theory]
    [InlineData("mail.example", "nsec-missing")]
    public void A_name_without_NSEC_is_named(string owner, string fault)
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Remove(owner, DnsType.Nsec);
        zone.Remove(owner, DnsType.Rrsig, DnsType.Nsec);
        Assert.Equal(fault, zone.Faults());
    }

    [Fact]
    public void A_chain_that_skips_a_name_is_named()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.Replace("mail.example", DnsType.Nsec, data => [.. zone.Apex.Wire, .. data[^8..]]);
        zone.Resign("mail.example", DnsType.Nsec);
        Assert.Contains("nsec-next", zone.Faults());
    }

    [Fact]
    public void A_bitmap_that_does_not_tell_of_a_type_is_named()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.AddText("mail 3600 A 192.0.2.77");
        zone.Resign("mail.example", DnsType.A);
        Assert.Equal("nsec-types", zone.Faults());
        Assert.Equal("does not tell of A", Assert.Single(zone.Verdict().Findings.First(ZoneFault.NsecTypes)).Why);
        using var hashed = new SignedZone(Text).Sign(DenialForm.Nsec3);
        hashed.Remove("www.example", DnsType.Cname);
        hashed.AddText("www 3600 A 192.0.2.77");
        hashed.Resign("www.example", DnsType.Cname);
        hashed.Resign("www.example", DnsType.A);
        Assert.Equal("nsec3-types", hashed.Faults());
        Assert.Equal("tells of CNAME, which is not there, and not of A", Assert.Single(hashed.Verdict().Findings.First(ZoneFault.Nsec3Types)).Why);
    }

    [Fact]
    public void A_new_name_without_proof_breaks_either_chain()
    {
        using var zone = new SignedZone(Text).Sign();
        zone.AddText("new 3600 A 192.0.2.77");
        zone.Resign("new.example", DnsType.A);
        Assert.Equal("nsec-missing nsec-next", zone.Faults());
        using var hashed = new SignedZone(Text).Sign(DenialForm.Nsec3);
        hashed.AddText("new.empty 3600 A 192.0.2.77");
        hashed.Resign("new.empty.example", DnsType.A);
        Assert.Equal("nsec3-missing", hashed.Faults());
        Assert.Equal(2, hashed.Verdict().Findings.Count(ZoneFault.Nsec3Missing));
    }

    [Fact]
    public void A_name_that_is_gone_leaves_an_extra_proof()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        zone.Records.RemoveAll(r => r.Owner == SignedZone.Name("a.ent.deep.example"));
        Assert.Equal("nsec3-extra", zone.Faults());
        Assert.Equal(3, zone.Verdict().Findings.Count(ZoneFault.Nsec3Extra));
    }

    [Fact]
    public void A_secure_delegation_needs_its_proof_in_a_span_that_opts_out_too()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3, optOut: true);
        zone.AddText("late.empty 3600 NS ns1");
        Assert.Equal("", zone.Faults());
        zone.AddText("late.empty 3600 DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF");
        zone.Resign("late.empty.example", DnsType.Ds);
        Assert.Equal("nsec3-missing", zone.Faults());
    }

    [Fact]
    public void A_hash_chain_that_skips_is_named()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        var any = zone.Records.First(r => r.Type == DnsType.Nsec3);
        zone.Records[zone.Records.IndexOf(any)] = any with { Data = [.. any.Data[..8], (byte)(any.Data[8] ^ 1), .. any.Data[9..]] };
        zone.Resign(any.Owner.ToString(), DnsType.Nsec3);
        Assert.Equal("nsec3-next", zone.Faults());
    }

    [Fact]
    public void Signatures_and_chains_of_a_zone_that_has_lost_its_key_are_told_wherever_they_are()
    {
        using var half = new SignedZone(Text).Sign();
        half.Records.RemoveAll(r => r.Owner == half.Apex && r.Type is (DnsType.Dnskey or DnsType.Rrsig or DnsType.Nsec));
        Assert.Equal("dnskey-missing", half.Faults());
    }

    [Theory]
    [InlineData("@ SOA ns host 1 2 3 4 5\n@ NS ns\n", "server-unusable")]
    [InlineData("@ SOA ns host 1 2 3 4 5\n@ NS ns\nns CNAME a\na A 192.0.2.1\n", "server-unusable")]
    [InlineData("@ SOA ns host 1 2 3 4 5\n@ NS a.d\nd DNAME x.\n", "server-unusable")]
    [InlineData("@ SOA ns host 1 2 3 4 5\n@ NS ns\n* A 192.0.2.1\n", "")]
    [InlineData("@ SOA ns host 1 2 3 4 5\n@ NS ns.other.\ns NS gone\n", "target-missing")]
    public void A_zone_without_a_server_of_its_own_that_has_an_address_is_not_loaded(string text, string faults)
    {
        using var zone = new SignedZone("$TTL 60\n" + text);
        Assert.Equal(faults, zone.Faults());
    }

    [Fact]
    public void A_zone_may_have_the_name_of_a_wildcard()
    {
        using var zone = new SignedZone("$TTL 60\n@ SOA ns.other. host 1 2 3 4 5\n@ NS ns.other.\na TXT a\n", "*.example").Sign();
        Assert.Equal("", zone.Faults());
    }

    [Fact]
    public void Of_two_good_signatures_by_one_algorithm_the_later_end_counts()
    {
        using var zone = new SignedZone(Text).Sign();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var both = new SignedZone(Text);
        both.AddKey(other, 0);
        both.Sign();
        var usual = both.Expires;
        both.Expires = SignedZone.Now + 60;
        both.Records.Add(new(SignedZone.Name("mail.example"), DnsType.Rrsig, 3600, both.Signature([both.One("mail.example", DnsType.Aaaa)], other, 0)));
        Assert.Equal("", both.Faults());
        Assert.Equal(usual, both.Verdict(1, new VerifyOptions { Now = SignedZone.Now }).Earliest!.Expires);
    }

    [Fact]
    public void More_iterations_than_resolvers_compute_are_a_fault_and_very_many_are_not_computed()
    {
        using var most = new SignedZone(Text).Sign(DenialForm.Nsec3, iterations: 50);
        Assert.Equal("", most.Faults());
        using var many = new SignedZone(Text).Sign(DenialForm.Nsec3, iterations: 51);
        Assert.Equal("nsec3-iterations", many.Faults());
        // Not computed: what is not looked at is not found either.
        many.Records.RemoveAll(r => r.Owner == SignedZone.Name("mail.example"));
        Assert.DoesNotContain("nsec3-extra", many.Faults());
    }

    [Fact]
    public void A_chain_of_other_parameters_that_is_being_made_is_told_and_changes_nothing()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        using var other = new SignedZone(Text).Sign(DenialForm.Nsec3, iterations: 1);
        foreach (var record in other.Records.Where(r => r.Type == DnsType.Nsec3).ToList())
        {
            zone.Records.Add(record);
            zone.Resign(record.Owner.ToString(), DnsType.Nsec3);
        }

        Assert.Equal("nsec3-leftover", zone.Faults());
        Assert.True(zone.Verdict().Passes);
    }

    [Fact]
    public void Two_records_of_one_hash_are_malformed_and_so_are_broken_ones_and_owners_that_are_no_hash()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        var any = zone.Records.First(r => r.Type == DnsType.Nsec3);
        zone.Records.Add(any with { Data = [.. any.Data[..8], (byte)(any.Data[8] ^ 1), .. any.Data[9..]] });
        zone.Records.Add(any with { Data = [1, 0, 0, 0, 9] });
        zone.Resign(any.Owner.ToString(), DnsType.Nsec3);
        zone.Records.Add(any with { Owner = SignedZone.Name("nohash.example") });
        zone.Resign("nohash.example", DnsType.Nsec3);
        Assert.Contains("nsec3-malformed", zone.Faults());
        Assert.Equal(3, zone.Verdict().Findings.Count(ZoneFault.Nsec3Malformed));
    }

    [Fact]
    public void Hashes_without_their_parameters_prove_nothing()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.Nsec3);
        zone.Records.RemoveAll(r => r.Type == DnsType.Nsec3Param || r.Covered == DnsType.Nsec3Param);
        Assert.Equal("nsec3-param", zone.Faults());
    }

    [Fact]
    public void NSEC_is_extra_below_a_delegation_and_beside_NSEC3()
    {
        using var below = new SignedZone(Text).Sign();
        below.AddText("ns.sub 300 NSEC www A");
        Assert.Equal("nsec-extra", below.Faults());
        using var beside = new SignedZone(Text + "mail 300 NSEC www A\n").Sign(DenialForm.Nsec3);
        Assert.Equal("nsec-extra", beside.Faults());
    }

    [Fact]
    public void A_zone_with_keys_and_no_proofs_is_told_once()
    {
        using var zone = new SignedZone(Text).Sign(DenialForm.None);
        Assert.Equal("denial-missing", zone.Faults());
    }

    [Fact]
    public void The_verdict_is_the_same_whatever_the_number_of_threads()
    {
        using var zone = new SignedZone(Text + string.Concat(Enumerable.Range(0, 600).Select(i => $"h{i} A 192.0.2.1\nh{i} TXT \"{new string('x', 120)}\"\n"))).Sign();
        foreach (var i in Enumerable.Range(0, 300))
            zone.Remove($"h{2 * i}.example", DnsType.Rrsig, DnsType.A);
        var verdicts = new[] { 1, 2, 7 }.Select(t => System.Text.Json.JsonSerializer.Serialize(VerifyReport.Of(zone.Verdict(t), TimeSpan.Zero), VerifyJson.Default.VerifyReport)).ToArray();
        Assert.Single(verdicts.Distinct());
        Assert.Equal(300, zone.Verdict().Findings.Count(ZoneFault.SignatureMissing));
        Assert.Equal(Findings.Named, zone.Verdict().Findings.First(ZoneFault.SignatureMissing).Count);
    }

    static SignedZone Signed(string form) => new SignedZone(Text).Sign(form == "nsec" ? DenialForm.Nsec : DenialForm.Nsec3, form == "opt-out");

    /// <summary>RFC 3110: an exponent of three octets, and the modulus.</summary>
    static byte[] Rsa(byte[] modulus) => [1, 0, 3, 8, 3, 1, 0, 1, .. modulus];
}
