using System.Globalization;
using System.Text;
using System.Text.Json;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones.Compact;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

/// <summary>A verdict that rests on that of the version before is the verdict that a look at all of the zone comes to.</summary>
public sealed class PrecedentTests
{
    const int Names = 260, Steps = 24;

    [Theory]
    [InlineData("nsec", 1)]
    [InlineData("nsec", 2)]
    [InlineData("nsec3", 3)]
    [InlineData("nsec3", 4)]
    [InlineData("opt-out", 5)]
    [InlineData("opt-out", 6)]
    [InlineData("unsigned", 7)]
    public void Whatever_changes_the_verdict_is_that_of_a_full_run(string form, int seed)
    {
        using var zone = Zone(form);
        var random = new Random(seed);
        var run = new Runs(zone);
        run.Compare("at first");
        var removed = new List<ZoneRecord>();
        for (var step = 0; step < Steps; step++)
        {
            var what = new StringBuilder();
            for (var i = random.Next(1, 6); i > 0; i--)
                what.Append(Mutate(zone, random, removed)).Append("; ");
            if (random.Next(4) == 0)
                run.Now += random.Next(3) switch { 0 => 600, 1 => 90_000, _ => 1 };
            run.Take();
            run.Compare(string.Create(CultureInfo.InvariantCulture, $"{form} {seed}, step {step}: {what}"));
        }

        Assert.True(run.Faulty > Steps / 4, "too few of the versions had a fault");
    }

    [Theory]
    [InlineData("nsec")]
    [InlineData("nsec3")]
    [InlineData("opt-out")]
    public void Only_what_a_change_can_have_touched_is_judged(string form)
    {
        using var zone = Zone(form);
        var run = new Runs(zone);
        Assert.True(run.Judged > 5);
        zone.Replace("host100.example", DnsType.A, data => [192, 0, 2, 200]);
        zone.Resign("host100.example", DnsType.A);
        zone.Replace("example", DnsType.Soa, NextSerial);
        zone.Resign("example", DnsType.Soa);
        run.Take();
        run.Compare("one address and the serial");
        Assert.InRange(run.Judged, 1, 2);
        Assert.True(run.Verdict.Passes);
        run.Take();
        Assert.Equal(0, run.Judged);
    }

    [Fact]
    public void A_record_that_opts_out_no_more_is_missed_by_the_names_in_its_span()
    {
        using var zone = Zone("opt-out");
        var run = new Runs(zone);
        foreach (var record in zone.Records.Where(r => r.Type == DnsType.Nsec3).Where((_, i) => i % 20 == 3).ToList())
        {
            zone.Replace(record.Owner.ToString(), DnsType.Nsec3, data => [data[0], 0, .. data[2..]]);
            zone.Resign(record.Owner.ToString(), DnsType.Nsec3);
            run.Take();
            run.Compare($"{record.Owner} does not opt out");
        }

        Assert.Contains("nsec3-missing", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_of_the_hashes_covers_what_is_before_the_first()
    {
        using var zone = Wide("opt-out", i => $"c{i:000}.wide NS ns.other.");
        var run = new Runs(zone);
        var last = zone.Records.First(r => r.Type == DnsType.Nsec3);
        var owner = SignedZone.Name($"{new string('v', Nsec3.LabelSize)}.{zone.Apex}");
        zone.Add(owner, DnsType.Nsec3, last.Ttl, [last.Data[0], 0, .. last.Data[2..]]);
        run.Take();
        run.Compare("the last does not opt out");
        Assert.Contains("nsec3-missing", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_name_is_judged_with_the_first_name_below_it_that_is_left()
    {
        using var zone = Wide("nsec3", i => $"c{i:000}.wide A 192.0.2.1");
        var run = new Runs(zone);
        RemoveNsec3(zone, "wide.example");
        var page = run.Version.Names.Pages.Length - 2;
        var first = NameKey.Read(run.Version.Names.Pages[page].FirstKey, zone.Apex).ToString();
        zone.Records.RemoveAll(r => r.Owner.ToString() is var name && name.EndsWith(".wide.example", StringComparison.Ordinal) && string.CompareOrdinal(name, first) < 0);
        run.Take();
        run.Compare("its first names are gone");
        Assert.Contains(run.Verdict.Findings.First(ZoneFault.Nsec3Missing), f => f.Key.AsSpan().SequenceEqual("wide\0"u8));
    }

    [Fact]
    public void An_empty_name_is_missed_when_something_far_below_it_is_signed()
    {
        using var zone = Wide("opt-out", i => $"c{i:000}.wide NS ns.other.");
        var run = new Runs(zone);
        Assert.True(run.Verdict.Passes);
        zone.AddText("c899.wide 3600 DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF");
        zone.Resign("c899.wide.example", DnsType.Ds);
        run.Take();
        run.Compare("a secure delegation");
        Assert.Contains(run.Verdict.Findings.First(ZoneFault.Nsec3Missing), f => f.Key.AsSpan().SequenceEqual("wide\0"u8));
    }

    [Fact]
    public void A_hash_is_the_next_of_the_last_of_the_page_before()
    {
        using var zone = Zone("nsec3");
        var run = new Runs(zone);
        foreach (var page in (int[])[0, 1, run.Version.Hashes.Pages.Length - 1])
        {
            var owner = NameKey.Read(run.Version.Hashes.Pages[page].FirstKey, zone.Apex);
            zone.Records.RemoveAll(r => r.Owner == owner);
            run.Take();
            run.Compare($"{owner} is gone, the first of page {page}");
        }
    }

    [Fact]
    public void A_signature_that_was_not_looked_at_is_not_taken_as_good_when_its_name_becomes_the_zones()
    {
        using var zone = new SignedZone("$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\na.del A 192.0.2.2\n").Sign();
        // Signed as of the zone, touched, and hidden by a delegation.
        zone.Replace("a.del.example", DnsType.Rrsig, data => [.. data[..^1], (byte)(data[^1] ^ 1)], DnsType.A);
        zone.AddText("del 3600 NS ns.other.");
        var run = new Runs(zone);
        Assert.Equal(0, run.Verdict.Findings.Count(ZoneFault.SignatureBogus));
        zone.Remove("del.example", DnsType.Ns);
        run.Take();
        run.Compare("the delegation is gone");
        Assert.Equal(1, run.Verdict.Findings.Count(ZoneFault.SignatureBogus));
    }

    [Fact]
    public void A_DNAME_above_all_comes_and_goes()
    {
        using var zone = Zone("nsec");
        var run = new Runs(zone);
        zone.AddText("@ 3600 DNAME other.");
        zone.Resign("example", DnsType.Dname);
        run.Take();
        run.Compare("it comes");
        Assert.True(run.Verdict.Findings.Count(ZoneFault.Occluded) > 100);
        zone.Records.RemoveAll(r => r.Owner == zone.Apex && (r.Type == DnsType.Dname || r.Covered == DnsType.Dname));
        run.Take();
        run.Compare("it goes");
        Assert.True(run.Verdict.Passes);
    }

    [Theory]
    [InlineData("nsec")]
    [InlineData("nsec3")]
    public void The_chain_by_which_a_zone_is_judged_comes_and_goes(string form)
    {
        using var zone = Zone(form);
        using var other = Zone(form == "nsec" ? "nsec3" : "nsec");
        var run = new Runs(zone);
        var chain = other.Records.Where(r => r.Type is DnsType.Nsec3 or DnsType.Nsec3Param or DnsType.Nsec).ToList();
        zone.Records.AddRange(chain);
        foreach (var type in (DnsType[])[DnsType.Nsec, DnsType.Nsec3, DnsType.Nsec3Param])
            zone.ResignAll(type);
        run.Take();
        run.Compare("two chains");
        Assert.Equal(1, run.Verdict.Findings.Count(ZoneFault.DenialBoth));
        zone.Remove("host100.example", DnsType.Nsec);
        run.Take();
        run.Compare("one name has no NSEC");
        zone.Remove("example", DnsType.Nsec);
        run.Take();
        run.Compare("the apex has none");
        Assert.Equal(0, run.Verdict.Findings.Count(ZoneFault.DenialBoth));
        zone.Records.RemoveAll(r => r.Type == DnsType.Nsec3Param);
        run.Take();
        run.Compare("and no parameters");
    }

    [Fact]
    public void What_makes_a_target_or_hides_it_is_looked_at_again()
    {
        using var zone = Wide("unsigned", i => $"c{i:000}.wide MX 1 h.b.target\nc{i:000}.wide MX 1 h.t{i}.dn");
        var run = new Runs(zone);
        foreach (var line in (string[])["*.target 3600 A 192.0.2.1", "x.b.target 3600 TXT x", "*.b.target 3600 TXT x", "*.b.target 3600 AAAA 2001:db8::1", "dn 3600 DNAME other.", "dn 3600 NS ns1", "x.h.b.target 3600 TXT x"])
        {
            zone.AddText(line);
            run.Take();
            run.Compare(line);
        }

        zone.Records.RemoveAll(r => r.Owner == SignedZone.Name("x.h.b.target.example"));
        run.Take();
        run.Compare("an empty name is gone");
    }

    [Fact]
    public void A_signature_of_the_KSK_ends_and_comes_back()
    {
        using var ksk = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var zone = new SignedZone("$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n") { Flags = 0 };
        zone.AddKey(ksk, 1);
        zone.Sign();
        zone.Expires = SignedZone.Now + 100;
        zone.SignKeys(ksk, 1);
        var run = new Runs(zone);
        Assert.True(run.Verdict.Passes);
        run.Now += 101;
        run.Take();
        run.Compare("it has ended");
        Assert.Equal(1, run.Verdict.Findings.Count(ZoneFault.SignatureExpired));
        zone.Records.RemoveAt(zone.Records.Count - 1);
        run.Take();
        run.Compare("it is gone");
        Assert.Equal(1, run.Verdict.Findings.Count(ZoneFault.SignatureKskMissing));
        zone.Expires = SignedZone.Now + 1000;
        zone.SignKeys(ksk, 1);
        run.Take();
        run.Compare("it is back");
        Assert.True(run.Verdict.Passes);
    }

    [Fact]
    public void Another_key_is_a_case_of_its_own()
    {
        using var zone = Zone("nsec");
        var run = new Runs(zone);
        zone.AddText("@ 3600 DNSKEY 256 3 13 AAAA");
        run.Take();
        Assert.True(run.Judged > 5);
        run.Compare("another key");
    }

    [Fact]
    public void A_clock_that_was_set_back_is_a_case_of_its_own()
    {
        using var zone = Zone("nsec3");
        var run = new Runs(zone) { Now = SignedZone.Now - 1 };
        run.Take();
        Assert.True(run.Judged > 5);
        run.Now = zone.Begins - 10;
        run.Take();
        run.Compare("before the signatures begin");
        Assert.False(run.Verdict.Passes);
    }

    [Fact]
    public void Faults_everywhere_do_not_fill_the_memory()
    {
        using var zone = Zone("nsec");
        var run = new Runs(zone) { Now = SignedZone.Now + 1_000_000 };
        run.Take();
        run.Compare("all of them expired");
        Assert.True(run.Verdict.Findings.Count(ZoneFault.SignatureExpired) > Names);
        run.Take();
        run.Compare("once more");
    }

    /// <summary>A zone with an empty name above more names than a page holds.</summary>
    static SignedZone Wide(string form, Func<int, string> line) =>
        new SignedZone("$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n" + string.Concat(Enumerable.Range(0, 900).Select(i => line(i) + "\n"))) is var zone && form == "unsigned" ? zone : zone.Sign(DenialForm.Nsec3, form == "opt-out");

    static void RemoveNsec3(SignedZone zone, string name)
    {
        var (hash, label) = (new byte[Nsec3.HashSize], new byte[Nsec3.LabelSize]);
        Nsec3.Hash(SignedZone.Name(name).Wire, [0xAB, 0xCD], 0, hash);
        Nsec3.WriteLabel(hash, label);
        var owner = SignedZone.Name($"{Encoding.ASCII.GetString(label)}.{zone.Apex}");
        Assert.Equal(2, zone.Records.RemoveAll(r => r.Owner == owner));
    }

    static byte[] NextSerial(byte[] data)
    {
        data[^17]++;
        return data;
    }

    static SignedZone Zone(string form)
    {
        var text = new StringBuilder("$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n@ NS ns1\n@ MX 10 host7\nns1 A 192.0.2.1\n*.wild TXT any\ndn DNAME other.\nbig NS ns.big\nns.big A 192.0.2.7\n");
        for (var i = 0; i < Names; i++)
        {
            text.Append((i % 8) switch
            {
                0 => $"sub{i} NS ns.sub{i}\nns.sub{i} A 192.0.2.9\nsub{i} DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n",
                1 => $"ins{i} NS host{i - 3}\nins{i} NS host{i + 2}\n",
                2 => $"a.b{i}.ent A 192.0.2.3\n",
                5 => $"x.y{i}.cuts NS ns1\n",
                6 => $"g{i}.big AAAA 2001:db8::{i}\n",
                _ => $"host{i} A 192.0.2.{i % 250}\nhost{i} TXT \"text of {i}\"\n",
            });
        }

        var zone = new SignedZone(text.ToString());
        return form switch
        {
            "nsec" => zone.Sign(),
            "nsec3" => zone.Sign(DenialForm.Nsec3),
            "opt-out" => zone.Sign(DenialForm.Nsec3, optOut: true),
            _ => zone,
        };
    }

    /// <summary>Changes a record or a few, well or badly, and says what.</summary>
    static string Mutate(SignedZone zone, Random random, List<ZoneRecord> removed)
    {
        var record = zone.Records[random.Next(zone.Records.Count)];
        var name = $"{record.Owner} {record.Type}/{record.Covered}";
        switch (random.Next(10))
        {
            case 0:
                removed.Add(record);
                zone.Records.Remove(record);
                return $"no more {name}";
            case 1 or 2 when removed.Count > 0:
                var back = removed[random.Next(removed.Count)];
                removed.Remove(back);
                if (!zone.Records.Exists(r => Same(r, back)))
                    zone.Records.Add(back);
                return $"{back.Owner} {back.Type} again";
            case 3:
                var all = zone.Records.Where(r => r.Owner == record.Owner && r.Owner != zone.Apex).ToList();
                removed.AddRange(all);
                zone.Records.RemoveAll(all.Contains);
                return $"nothing at {record.Owner}";
            case 4:
                zone.Expires = SignedZone.Now + random.Next(1, 4) * 50_000;
                if (record.Type is not DnsType.Rrsig)
                    zone.Resign(record.Owner.ToString(), record.Type);
                return $"{name} signed again";
            case 5 when record.Type is not (DnsType.Dnskey or DnsType.Soa):
                zone.Records[zone.Records.IndexOf(record)] = record with { Data = [.. record.Data[..^1], (byte)(record.Data[^1] ^ 1)] };
                return $"{name} with another bit";
            case 6:
                zone.Replace("example", DnsType.Soa, NextSerial);
                zone.Resign("example", DnsType.Soa);
                return "serial";
            default:
                var line = Line(random);
                var had = zone.Records.Count;
                zone.AddText(line);
                var added = zone.Records[had];
                if (zone.Records.Take(had).Any(r => Same(r, added) || (r.Owner == added.Owner && r.Type == added.Type && r.Ttl != added.Ttl)))
                    zone.Records.RemoveAt(had);
                else if (random.Next(2) == 0 && zone.Records.Exists(static r => r.Type == DnsType.Dnskey))
                    zone.Resign(added.Owner.ToString(), added.Type);
                return line;
        }
    }

    static string Line(Random random)
    {
        var i = random.Next(Names);
        return random.Next(13) switch
        {
            8 => $"h{i}.dn 3600 A 192.0.2.78",
            9 => $"new{i} 3600 MX 1 h{i}.dn",
            10 => $"new{i} 3600 MX 1 host.b{i}.ent",
            11 => $"*.b{i}.ent 3600 A 192.0.2.79",
            12 => "*.ent 3600 A 192.0.2.80",
            0 => $"host{i} 3600 A 192.0.2.77",
            1 => $"sub{i / 8 * 8} 3600 NS host{i}",
            2 => $"a.b{i}.ent 3600 NS ns1",
            3 => $"x.y{i}.cuts 3600 DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
            4 => $"b{i}.ent 3600 DNAME other.",
            5 => $"new{i} 3600 MX 1 host{i}",
            6 => "ent 3600 NS ns1",
            _ => $"*.y{i}.cuts 3600 TXT x",
        };
    }

    static bool Same(ZoneRecord a, ZoneRecord b) => a.Owner == b.Owner && a.Type == b.Type && a.Data.AsSpan().SequenceEqual(b.Data);

    /// <summary>The versions of a zone one after the other, each made of the one before.</summary>
    sealed class Runs
    {
        readonly SignedZone zone;
        IntakeFaults faults;
        List<ZoneRecord> had;

        public Runs(SignedZone zone)
        {
            this.zone = zone;
            var edit = zone.Edit();
            (Version, faults, had) = (edit.Seal(), edit.Faults, [.. zone.Records]);
            Verdict = Judge(null);
        }

        public long Now { get; set; } = SignedZone.Now;

        public ZoneVerdict Verdict { get; private set; }

        /// <summary>Pages that the last verdict took a look at.</summary>
        public int Judged { get; private set; }

        public int Faulty { get; private set; }

        public ZoneVersion Version { get; private set; }

        public string Text => TextOf(Verdict);

        public void Take()
        {
            var edit = new ZoneEdit(Version);
            foreach (var record in had.Except(zone.Records))
                edit.Delete(record.Owner, record.Type, record.Data);
            foreach (var record in zone.Records.Except(had))
                edit.Add(record.Owner, record.Type, record.Ttl, record.Data);
            Assert.False(edit.Misfits);
            (Version, faults, had) = (edit.Seal(), edit.Faults, [.. zone.Records]);
            Verdict = Judge(Verdict.Precedent);
        }

        public void Compare(string what)
        {
            var full = TextOf(ZoneVerifier.Run(Version, Options, faults, 2, null, CancellationToken.None));
            Assert.True(full == Text, $"{what}\nfull: {full}\nquick: {Text}");
            Faulty += Verdict.Passes ? 0 : 1;
        }

        VerifyOptions Options => new() { Now = Now, Keep = true };

        ZoneVerdict Judge(Precedent? precedent)
        {
            Judged = 0;
            return ZoneVerifier.Run(Version, Options, faults, 2, progress => Judged = progress.Of, CancellationToken.None, precedent);
        }

        static string TextOf(ZoneVerdict verdict) => JsonSerializer.Serialize(VerifyReport.Of(verdict, default), VerifyJson.Default.VerifyReport);
    }
}
