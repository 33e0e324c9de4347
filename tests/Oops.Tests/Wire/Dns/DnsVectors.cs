namespace Oops.Tests.Wire.Dns;

/// <summary>Messages from tests/vectors/dns, by file and name.</summary>
internal static class DnsVectors
{
    public static byte[] Get(string file, string name) => All(file).Single(v => v.Name == name).Bytes;

    public static IEnumerable<(string Name, byte[] Bytes)> All(string file) =>
        from line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "dns", file + ".txt"))
        where line.Length > 0 && line[0] != '#'
        let space = line.IndexOf(' ', StringComparison.Ordinal)
        select (line[..space], Convert.FromHexString(line.AsSpan(space + 1)));

    public static IEnumerable<byte[]> Everything() => new[] { "soa", "tsig", "notify", "transfer" }.SelectMany(All).Select(v => v.Bytes);
}
