using System.Globalization;

namespace Oops.Lab.Zones;

/// <summary>A mistake in a signed zone.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Fails">Whether the zone must not pass.</param>
/// <param name="Apply">Changes the lines: owner, TTL, IN, type, data, by tabs or blanks.</param>
internal sealed record Mutation(string Name, bool Fails, Action<List<string>> Apply)
{
    /// <summary>The moment of judgement, in seconds from now.</summary>
    public int Later { get; init; }

    /// <summary>Null: of every zone.</summary>
    public Func<Signing, bool>? Of { get; init; }

    /// <summary>Signs the zone that is changed; null: it is the usual one.</summary>
    public Func<SignedFile.Signer, Task<List<string>>>? Make { get; init; }

    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("nothing", false, static _ => { }),
        .. Each("signature-gone", "DNSKEY SOA NS MX A AAAA CNAME TXT DS", static (lines, type) => Remove(lines, "RRSIG", type)),
        .. Each("signature-touched", "DNSKEY SOA NS MX A AAAA CNAME TXT DS", static (lines, type) => Change(lines, "RRSIG", type, f => f[^1] = Turn(f[^1]))),
        new("data-changed-A", true, static lines => Change(lines, "A", "mail", f => f[4] = "192.0.2.77")),
        new("data-changed-MX", true, static lines => Change(lines, "MX", "", f => f[4] = "11")),
        new("data-changed-DS", true, static lines => Change(lines, "DS", "", f => f[^1] = "f" + f[^1][1..])),
        new("data-changed-SOA", true, static lines => Change(lines, "SOA", "", f => f[7] = "7201")),
        new("glue-changed", false, static lines => Change(lines, "A", "ns.sub", f => f[4] = "192.0.2.77")) { Of = static s => !s.HasDigest },
        new("glue-changed-under-digest", true, static lines => Change(lines, "A", "ns.sub", f => f[4] = "192.0.2.77")) { Of = static s => s.HasDigest },
        new("glue-gone", true, static lines => Remove(lines, "A", "ns.sub")),
        new("digest-changed", true, static lines => Change(lines, "ZONEMD", "", f => f[^1] = Turn(f[^1]))) { Of = static s => s.HasDigest },
        new("RRset-added", true, static lines => lines.Add("mail.example.\t3600\tIN\tTXT\t\"new\"")),
        new("name-added", true, static lines => lines.Add("new.example.\t3600\tIN\tA\t192.0.2.77")),
        new("name-gone", true, static lines => lines.RemoveAll(l => l.StartsWith("mail.example.", StringComparison.Ordinal))),
        new("empty-name-gone", true, static lines => lines.RemoveAll(l => l.StartsWith("a.ent.deep.", StringComparison.Ordinal))),
        new("RRset-gone-signature-left", true, static lines => Remove(lines, "AAAA", "mail")),
        new("delegation-gone", true, static lines => lines.RemoveAll(l => Type(l) == "NS" && l.StartsWith("sec.", StringComparison.Ordinal))),
        new("delegation-added", true, static lines => lines.Add("sub2.example.\t3600\tIN\tNS\tns1.example.")) { Of = static s => !s.Options.Contains("-p") },
        new("delegation-added-in-opt-out", false, static lines => lines.Add("sub2.example.\t3600\tIN\tNS\tns1.example.")) { Of = static s => s.Options.Contains("-p") && !s.HasDigest },
        new("key-gone-KSK", true, static lines => lines.RemoveAll(l => Type(l) == "DNSKEY" && Fields(l)[4] == "257")),
        new("key-gone-ZSK", true, static lines => lines.RemoveAll(l => Type(l) == "DNSKEY" && Fields(l)[4] == "256")),
        new("keys-gone", true, static lines => lines.RemoveAll(l => Type(l) == "DNSKEY")),
        new("signer-changed", true, static lines => Change(lines, "RRSIG", "AAAA", f => f[11] = "example2.")),
        new("labels-changed", true, static lines => Change(lines, "RRSIG", "AAAA", f => f[6] = "1")),
        new("original-TTL-changed", true, static lines => Change(lines, "RRSIG", "AAAA", f => f[7] = "3601")),
        new("tag-changed", true, static lines => Change(lines, "RRSIG", "AAAA", f => f[10] = ((int.Parse(f[10], CultureInfo.InvariantCulture) + 1) % 65536).ToString(CultureInfo.InvariantCulture))),
        new("expired", true, static _ => { }) { Later = 366 * 86400 },
        new("not-yet", true, static _ => { }) { Later = -366 * 86400 },
        new("CNAME-and-other", true, static lines => lines.Add("alias.example.\t3600\tIN\tA\t192.0.2.77")),
        new("CNAME-twice", true, static lines => lines.Add("alias.example.\t3600\tIN\tCNAME\tns1.example.")),
        new("SOA-twice", true, static lines => lines.Add("example.\t3600\tIN\tSOA\tns1.example. host.example. 8 7200 3600 1209600 300")),
        new("NSEC-gone", true, static lines => { Remove(lines, "NSEC", "mail"); lines.RemoveAll(l => l.StartsWith("mail.", StringComparison.Ordinal) && Type(l) == "RRSIG" && Fields(l)[4] == "NSEC"); }) { Of = static s => !s.IsHashed },
        new("NSEC-next-changed", true, static lines => Change(lines, "NSEC", "mail", f => f[4] = "sec.example.")) { Of = static s => !s.IsHashed },
        new("NSEC-type-gone", true, static lines => Change(lines, "NSEC", "mail", f => f[5] = "")) { Of = static s => !s.IsHashed },
        new("NSEC3-gone", true, static lines => { var owner = Fields(lines.First(l => Type(l) == "NSEC3"))[0]; lines.RemoveAll(l => Fields(l)[0] == owner); }) { Of = static s => s.IsHashed },
        new("NSEC3-param-gone", true, static lines => Remove(lines, "NSEC3PARAM", "")) { Of = static s => s.IsHashed },
        new("NSEC3-type-gone", true, static lines => Change(lines, "NSEC3", "", f => f[^1] = "")) { Of = static s => s.IsHashed },
        new("KSK-signature-gone", true, static _ => { }) { Of = static s => !s.HasDigest, Make = static signer => KskAsync(signer, null) },
        new("KSK-signature-expired", true, static _ => { }) { Of = static s => !s.HasDigest, Make = static signer => KskAsync(signer, ["-i", "20230101000000", "-e", "20240101000000"]) },
        // ldns-signzone makes one of them.
        new("NSEC3-param-twice", true, static _ => { }) { Of = static s => s.IsHashed, Make = static signer => signer.SignAsync("@ NSEC3PARAM 1 0 1 -\n@ NSEC3PARAM 1 0 5 AB\n") },
        new("NSEC-and-some-NSEC3", false, static _ => { }) { Of = static s => !s.IsHashed && !s.HasDigest, Make = SomeHashesAsync },
        new("CDS-to-come", false, static _ => { }) { Make = static async signer => await signer.SignAsync(await signer.CdsAsync() + "\n@ CDS 1234 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n") },
        // ldns-signzone takes what is below it for glue, and with NSEC3 does not.
        new("apex-DNAME", true, static _ => { }) { Of = static s => !s.IsHashed && !s.HasDigest, Make = static signer => signer.SignAsync("@ DNAME foo.\n") },
    ];

    /// <summary>The keys are signed by both; and instead of that of the KSK there is one by these options, or none.</summary>
    static async Task<List<string>> KskAsync(SignedFile.Signer signer, string[]? other)
    {
        var lines = await signer.SignAsync("", "-A");
        if (lines.RemoveAll(IsKsks) != 1)
            throw new InvalidOperationException("no signature of the KSK");
        if (other is not null)
            lines.AddRange((await signer.SignAsync("", other)).Where(IsKsks));
        return lines;

        bool IsKsks(string line) => Type(line) == "RRSIG" && Fields(line)[4] == "DNSKEY" && Fields(line)[10] == signer.KskTag;
    }

    static async Task<List<string>> SomeHashesAsync(SignedFile.Signer signer)
    {
        var lines = await signer.SignAsync();
        var hashed = await signer.SignAsync("", "-n");
        var owners = hashed.Where(l => Type(l) == "NSEC3").Take(3).Select(l => Fields(l)[0]).ToList();
        return [.. lines, .. hashed.Where(l => owners.Contains(Fields(l)[0]))];
    }

    public static string[] Fields(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    public static string Type(string line) => Fields(line) is { Length: > 3 } fields ? fields[3] : "";

    static IEnumerable<Mutation> Each(string name, string types, Action<List<string>, string> apply) =>
        types.Split(' ').Select(type => new Mutation($"{name}-{type}", true, lines => apply(lines, type)));

    /// <summary>The first record of that type, at an owner or (of RRSIG) over a type that begins with the word.</summary>
    static int Find(List<string> lines, string type, string word)
    {
        var at = lines.FindIndex(l => Type(l) == type && (type == "RRSIG" ? Fields(l)[4] == word : l.StartsWith(word, StringComparison.Ordinal)));
        return at >= 0 ? at : throw new InvalidOperationException($"no {type} {word}");
    }

    static void Remove(List<string> lines, string type, string word) => lines.RemoveAt(Find(lines, type, word));

    static void Change(List<string> lines, string type, string word, Action<string[]> change)
    {
        var at = Find(lines, type, word);
        var fields = Fields(lines[at].Split(';')[0]);
        change(fields);
        lines[at] = string.Join('\t', fields.Where(f => f.Length > 0));
    }

    /// <summary>Another character at the tenth place: of base64 and of hex.</summary>
    static string Turn(string text) => text[..10] + (text[10] == '1' ? '2' : '1') + text[11..];
}
