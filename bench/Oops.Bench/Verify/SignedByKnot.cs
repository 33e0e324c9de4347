using System.Buffers.Binary;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Dnssec;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Bench.Verify;

/// <summary>A zone that kzonesign has signed by one key, and a signer of changes by that key.</summary>
internal sealed class SignedByKnot : IDisposable
{
    public const string Zone = "bench";

    readonly ECDsa? key;
    readonly DnsName apex;

    SignedByKnot(string file, ECDsa? key)
    {
        (File, this.key) = (file, key);
        DnsName.TryParse(Zone, out apex);
    }

    public string File { get; }

    /// <param name="folder">Where; made.</param>
    /// <param name="names">Hosts, each with A, AAAA and, signed, NSEC.</param>
    /// <param name="algorithm">As knot.conf calls it.</param>
    /// <param name="digest">With ZONEMD.</param>
    public static async Task<SignedByKnot> MakeAsync(string folder, int names, string algorithm, bool digest)
    {
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        var text = new StringBuilder("$ORIGIN bench.\n$TTL 3600\n@ SOA ns1 host 1 3600 600 86400 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n");
        for (var i = 0; i < names; i++)
            text.Append(CultureInfo.InvariantCulture, $"h{i * 7919L % 1_000_003:x} A 192.0.2.{i % 250}\nh{i * 7919L % 1_000_003:x} AAAA 2001:db8::1:{i % 65536:x}\n");
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "bench.zone"), text.ToString());
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"""
            server:
                rundir: "{folder}"
            database:
                storage: "{folder}/db"
            policy:
              - id: bench
                algorithm: {algorithm}
                single-type-signing: on
                rrsig-lifetime: 30d
                rrsig-refresh: 7d
                signing-threads: 2
            zone:
              - domain: {Zone}
                file: "{folder}/bench.zone"
                dnssec-policy: bench
                dnssec-signing: on
                {(digest ? "zonemd-generate: zonemd-sha384" : "semantic-checks: off")}

            """);
        using var signer = Process.Start(new ProcessStartInfo("kzonesign", ["-c", Path.Combine(folder, "knot.conf"), "-o", Path.Combine(folder, "out"), Zone]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, wrong) = (signer.StandardOutput.ReadToEndAsync(), signer.StandardError.ReadToEndAsync());
        await signer.WaitForExitAsync();
        if (signer.ExitCode != 0)
            throw new InvalidOperationException($"kzonesign: {await said}{await wrong}");
        var pem = Directory.EnumerateFiles(Path.Combine(folder, "db"), "*.pem", SearchOption.AllDirectories).Single();
        ECDsa? key = null;
        if (algorithm == "ecdsap256sha256")
        {
            key = Import(await System.IO.File.ReadAllTextAsync(pem));
        }

        return new(Directory.EnumerateFiles(Path.Combine(folder, "out")).Single(), key);
    }

    public void Dispose() => key?.Dispose();

    /// <summary>GnuTLS writes the number without leading zeros, or with one more (RFC 5915, 3 wants its length): the runtime takes neither.</summary>
    static ECDsa Import(string pem)
    {
        var fields = PemEncoding.Find(pem);
        var info = new AsnReader(Convert.FromBase64String(pem[fields.Base64Data]), AsnEncodingRules.BER).ReadSequence();
        info.ReadInteger();
        info.ReadSequence();
        var inner = new AsnReader(info.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
        inner.ReadInteger();
        var number = inner.ReadOctetString().AsSpan().TrimStart((byte)0);
        var scalar = new byte[32];
        number.CopyTo(scalar.AsSpan(32 - number.Length));
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
    }

    public ZoneVersion Read()
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        return MasterFile.Read(File, apex, edit, CancellationToken.None) is { } why ? throw new InvalidOperationException(why) : edit.Seal();
    }

    /// <summary>The next version: another address at some names, the serial, and the digest where there is one; all signed.</summary>
    public (ZoneVersion Version, TimeSpan Took) Change(ZoneVersion from, int names, Random random, int round)
    {
        var changes = new List<(DnsName Owner, DnsType Type, uint Ttl, byte[] Old, byte[] New)>();
        for (var i = 0; i < names; i++)
        {
            var page = from.Names.Pages[random.Next(1, from.Names.Pages.Length)];
            var node = page[0];
            for (var skip = random.Next(page.Nodes); skip > 0; skip--)
                node = page[page.Octets.IndexOf(node.Key) - ZoneNode.Head + node.Size];
            var owner = NameKey.Read(node.Key, apex);
            if (changes.Exists(c => c.Owner == owner) || node.Get(DnsType.A).Count != 1)
                continue;
            changes.Add((owner, DnsType.A, 3600, node.Get(DnsType.A).First.ToArray(), [10, (byte)round, (byte)i, (byte)random.Next(256)]));
        }

        var soa = from.ApexNode.Get(DnsType.Soa);
        var next = soa.First.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(next.AsSpan(next.Length - 20), BinaryPrimitives.ReadUInt32BigEndian(next.AsSpan(next.Length - 20)) + 1);
        changes.Add((apex, DnsType.Soa, soa.Ttl, soa.First.ToArray(), next));
        var signed = changes.Select(c => (Change: c, Old: from.Names.Find(KeyOf(c.Owner)).Get(DnsType.Rrsig, c.Type).First.ToArray())).Select(c => (c.Change, c.Old, New: Sign(c.Old, c.Change.Owner, c.Change.Type, c.Change.Ttl, c.Change.New))).ToList();

        var began = Stopwatch.GetTimestamp();
        var edit = new ZoneEdit(from);
        foreach (var (change, old, @new) in signed)
            Replace(edit, change.Owner, change.Type, change.Ttl, change.Old, change.New, old, @new);
        var version = edit.Seal();
        var took = Stopwatch.GetElapsedTime(began);
        if (!version.ApexNode.Has(DnsType.Zonemd))
            return (version, took);
        var zonemd = version.ApexNode.Get(DnsType.Zonemd);
        byte[] digest = [.. next[(next.Length - 20)..(next.Length - 16)], ZoneDigest.Simple, ZoneDigest.Sha384, .. ZoneDigest.Of(version, ZoneDigest.Sha384, CancellationToken.None)];
        var signature = version.ApexNode.Get(DnsType.Rrsig, DnsType.Zonemd).First.ToArray();
        edit = new ZoneEdit(version);
        Replace(edit, apex, DnsType.Zonemd, zonemd.Ttl, zonemd.First.ToArray(), digest, signature, Sign(signature, apex, DnsType.Zonemd, zonemd.Ttl, digest));
        return (edit.Seal(), took);
    }

    static void Replace(ZoneEdit edit, in DnsName owner, DnsType type, uint ttl, byte[] old, byte[] @new, byte[] oldSignature, byte[] newSignature)
    {
        edit.Delete(owner, type, old);
        edit.Add(owner, type, ttl, @new);
        edit.Delete(owner, DnsType.Rrsig, oldSignature);
        edit.Add(owner, DnsType.Rrsig, ttl, newSignature);
    }

    byte[] Sign(byte[] old, in DnsName owner, DnsType type, uint ttl, byte[] data)
    {
        if (!Rrsig.TryRead(old, out var rrsig))
            throw new InvalidOperationException("no RRSIG");
        var head = old[..^rrsig.Signature.Length];
        var record = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(4), ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(8), (ushort)data.Length);
        return [.. head, .. key!.SignData([.. head, .. owner.Wire, .. record, .. data], HashAlgorithmName.SHA256)];
    }

    byte[] KeyOf(in DnsName owner)
    {
        var into = new byte[NameKey.MaxLength];
        return into[..NameKey.Write(owner, apex, into)];
    }
}
