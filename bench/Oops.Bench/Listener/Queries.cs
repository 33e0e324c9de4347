using System.Buffers.Binary;
using System.Text;

namespace Oops.Bench.Listener;

/// <summary>Questions for TXT, one for each name, as a resolver asks them: with EDNS and 1232 octets.</summary>
internal static class Queries
{
    static ReadOnlySpan<byte> Opt => [0, 0, 41, 1232 >> 8, 1232 & 0xFF, 0, 0, 0, 0, 0, 0];

    /// <summary>From a file with a name on each line.</summary>
    public static byte[][] Read(string file) => Of(File.ReadLines(file));

    public static byte[][] Of(IEnumerable<string> names) => [.. names.Select(Query)];

    static byte[] Query(string name)
    {
        var query = new List<byte> { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 };
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            query.Add((byte)label.Length);
            query.AddRange(Encoding.ASCII.GetBytes(label));
        }

        query.AddRange([0, 0, 16, 0, 1, .. Opt]);
        return [.. query];
    }

    /// <summary>NOERROR, a response, and to that question.</summary>
    public static bool IsAnswer(ReadOnlySpan<byte> response) =>
        response.Length >= 12 && (response[2] & 0x80) != 0 && (response[3] & 0xF) == 0 && BinaryPrimitives.ReadUInt16BigEndian(response[6..]) == 1;
}
