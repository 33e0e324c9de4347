using System.Text;

namespace Oops.Wire.Dns.Master;

/// <summary>Numbers that may be written as names. They are printed as numbers: every reader takes those.</summary>
internal static class Mnemonics
{
    static readonly (string Name, int Number)[] Algorithms =
    [
        ("RSAMD5", 1), ("DH", 2), ("DSA", 3), ("ECC", 4), ("RSASHA1", 5), ("DSA-NSEC3-SHA1", 6), ("NSEC3DSA", 6), ("RSASHA1-NSEC3-SHA1", 7), ("NSEC3RSASHA1", 7),
        ("RSASHA256", 8), ("RSASHA512", 10), ("ECC-GOST", 12), ("ECCGOST", 12), ("ECDSAP256SHA256", 13), ("ECDSAP384SHA384", 14), ("ED25519", 15), ("ED448", 16),
        ("SM2SM3", 17), ("ECC-GOST12", 23), ("INDIRECT", 252), ("PRIVATEDNS", 253), ("PRIVATEOID", 254),
    ];

    static readonly (string Name, int Number)[] Certificates =
        [("PKIX", 1), ("SPKI", 2), ("PGP", 3), ("IPKIX", 4), ("ISPKI", 5), ("IPGP", 6), ("ACPKIX", 7), ("IACPKIX", 8), ("URI", 253), ("OID", 254)];

    static readonly (string Name, int Number)[] Schemes = [("NOTIFY", 1)];

    /// <summary>SvcParamKeys (RFC 9460, 14.3.2; RFC 9461; RFC 9540; RFC 9848).</summary>
    static readonly (string Name, int Number)[] Keys =
        [("mandatory", 0), ("alpn", 1), ("no-default-alpn", 2), ("port", 3), ("ipv4hint", 4), ("ech", 5), ("ipv6hint", 6), ("dohpath", 7), ("ohttp", 8), ("tls-supported-groups", 9)];

    public static bool TryAlgorithm(ReadOnlySpan<byte> word, out int number) => TryFind(Algorithms, word, out number);

    public static bool TryCertificate(ReadOnlySpan<byte> word, out int number) => TryFind(Certificates, word, out number);

    public static bool TryScheme(ReadOnlySpan<byte> word, out int number) => TryFind(Schemes, word, out number);

    /// <summary>`alpn`, `key65280`; the second, also of a key with a name, is generic: its value is octets (RFC 9460, 2.1).</summary>
    public static bool TryKey(ReadOnlySpan<byte> word, out int number, out bool generic)
    {
        generic = false;
        if (TryFind(Keys, word, out number)) return true;
        if (word.Length <= 3 || !Ascii.EqualsIgnoreCase(word[..3], "key"u8) || (word.Length > 4 && word[3] == '0') || !MasterText.TryNumber(word[3..], out var value) || value > ushort.MaxValue) return false;
        number = (int)value;
        generic = true;
        return true;
    }

    /// <summary>Null: none but keyNNNNN.</summary>
    public static string? Key(int number) => number < Keys.Length ? Keys[number].Name : null;

    static bool TryFind((string Name, int Number)[] names, ReadOnlySpan<byte> word, out int number)
    {
        foreach (var (name, value) in names)
        {
            if (!Ascii.EqualsIgnoreCase(word, name)) continue;
            number = value;
            return true;
        }

        number = 0;
        return false;
    }
}
