namespace Oops.Tests.Wire.Bus;

/// <summary>The signals of tests/vectors/bus, by their names.</summary>
internal static class BusVectors
{
    const string Json = ".json", Cbor = ".cbor.hex";

    public static IReadOnlyList<string> Valid { get; } = Names("valid", Json);

    public static IReadOnlyList<string> InvalidJson { get; } = Names("invalid", Json);

    public static IReadOnlyList<string> InvalidCbor { get; } = Names("invalid", Cbor);

    public static byte[] ReadJson(string folder, string name) => File.ReadAllBytes(Path.Combine(Folder(folder), name + Json));

    public static byte[] ReadCbor(string folder, string name) => Convert.FromHexString(File.ReadAllText(Path.Combine(Folder(folder), name + Cbor)).Trim());

    static string Folder(string folder) => Path.Combine(Repository.Root, "tests/vectors/bus", folder);

    static List<string> Names(string folder, string ending) =>
        [.. Directory.EnumerateFiles(Folder(folder), "*" + ending).Select(f => Path.GetFileName(f)[..^ending.Length]).Order(StringComparer.Ordinal)];
}
