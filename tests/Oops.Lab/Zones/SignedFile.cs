using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Zones;

/// <summary>How a zone of the laboratory is signed.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Algorithm">As ldns-keygen calls it.</param>
/// <param name="Options">Of ldns-signzone: -n is NSEC3, -p opts out, -z adds ZONEMD.</param>
internal sealed record Signing(string Name, string Algorithm, params string[] Options)
{
    public bool HasDigest => Options.Contains("-z");

    public bool IsHashed => Options.Contains("-n");
}

/// <summary>A zone's text that ldns-signzone has signed: one record in a line, each field where it is wanted.</summary>
internal static class SignedFile
{
    public const string Zone = "example";

    const string Text = """
        $ORIGIN example.
        $TTL 3600
        @ SOA ns1 host 7 7200 3600 1209600 300
        @ NS ns1
        @ NS ns2.other.
        @ MX 10 mail
        ns1 A 192.0.2.1
        mail A 192.0.2.2
        mail AAAA 2001:db8::2
        alias CNAME mail
        *.wild TXT "any"
        a.ent.deep A 192.0.2.3
        sub NS ns.sub
        sub NS ns1
        ns.sub A 192.0.2.9
        sec NS ns1
        sec DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        ins.opt.out NS ns1

        """;

    public static async Task<IReadOnlyList<string>> MakeAsync(Signing signing, uint serial = 7) => await (await Signer.OpenAsync(signing, serial)).SignAsync();

    /// <summary>Two keys, and the zone: what is signed by them time and again.</summary>
    internal sealed class Signer(Signing signing, uint serial, string folder, string[] keys)
    {
        int signed;

        public static async Task<Signer> OpenAsync(Signing signing, uint serial = 7)
        {
            var folder = Harness.Lab.FreshDirectory("signed");
            var keys = new List<string>();
            foreach (var more in (string[][])[["-k"], []])
                keys.Add((await RunAsync(folder, ["ldns-keygen", "-a", signing.Algorithm, "-b", "2048", .. more, Zone])).Text.Trim());
            return new(signing, serial, folder, [.. keys]);
        }

        /// <summary>The key tag of the KSK.</summary>
        public string KskTag => int.Parse(keys[0].Split('+')[^1], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

        /// <summary>The CDS record of the KSK.</summary>
        public async Task<string> CdsAsync() => (await RunAsync(folder, ["ldns-key2ds", "-n", "-2", keys[0] + ".key"])).Text.Replace("\tDS\t", "\tCDS\t", StringComparison.Ordinal);

        /// <summary>Its lines.</summary>
        /// <param name="more">Lines that it has beside the others.</param>
        /// <param name="options">Of ldns-signzone beside those of the signing.</param>
        public async Task<List<string>> SignAsync(string more = "", params string[] options)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"zone{++signed}");
            await File.WriteAllTextAsync(Path.Combine(folder, name), Text.Replace("host 7", string.Create(CultureInfo.InvariantCulture, $"host {serial}"), StringComparison.Ordinal) + more);
            var (code, said) = await RunAsync(folder, ["ldns-signzone", .. signing.Options, .. options, "-f", name + ".signed", name, .. keys]);
            if (code != 0)
                throw new InvalidOperationException($"ldns-signzone for {signing.Name}: {said}");
            return [.. (await File.ReadAllLinesAsync(Path.Combine(folder, name + ".signed"))).Where(l => l.Length > 0 && l[0] != ';')];
        }
    }

    /// <summary>Runs a program in a folder. Its exit code, and what it said.</summary>
    public static Task<(int Code, string Text)> RunAsync(string folder, params string[] argv) =>
        OopsDaemon.RunProgramAsync(["/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder, Harness.Lab.Find(argv[0]) ?? throw new InvalidOperationException(Harness.Lab.Missing(argv[0])), .. argv[1..]]);
}
