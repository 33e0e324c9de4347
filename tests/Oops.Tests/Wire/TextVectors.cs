using System.Text;

namespace Oops.Tests.Wire;

/// <summary>Answers in lines, from tests/vectors/*.txt, as real servers gave them.</summary>
internal static class TextVectors
{
    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(Repository.Root, "tests/vectors", path));

    /// <summary>Without their ends; what follows the last end, too, if there is anything.</summary>
    public static List<byte[]> Lines(byte[] answer)
    {
        List<byte[]> lines = [];
        var from = 0;
        for (var end = Array.IndexOf(answer, (byte)'\n'); end >= 0; end = Array.IndexOf(answer, (byte)'\n', from))
        {
            lines.Add(answer[from..end]);
            from = end + 1;
        }

        if (from < answer.Length) lines.Add(answer[from..]);
        return lines;
    }

    public static List<byte[]> Lines(string answer) => Lines(Encoding.Latin1.GetBytes(answer));
}
