using System.Text;

namespace Oops.Tests.Wire;

/// <summary>Bytes from tests/vectors/*.hex: a line "= name", then hexadecimal lines; "#" begins a remark.</summary>
internal static class HexVectors
{
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string path)
    {
        var vectors = new List<(string, byte[])>();
        var name = "";
        var hex = new StringBuilder();
        foreach (var line in File.ReadLines(Path.Combine(Root(), path)).Append("= end"))
        {
            if (line.StartsWith('#')) continue;
            if (!line.StartsWith("= ", StringComparison.Ordinal))
            {
                hex.Append(line.Trim());
                continue;
            }

            if (name.Length > 0) vectors.Add((name, Convert.FromHexString(hex.ToString())));
            name = line[2..];
            hex.Clear();
        }

        return vectors;
    }

    public static byte[] One(string path, string name) => Read(path).Single(v => v.Name == name).Bytes;

    static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "oops.slnx"))) return Path.Combine(folder.FullName, "tests", "vectors");
        throw new DirectoryNotFoundException("oops.slnx is in no folder above the tests");
    }
}
