using System.Text;
using System.Text.Json;

namespace Oops.Wire.Json;

/// <summary>Picks scalars out of a JSON text by their paths through its objects. Of a path that occurs twice the last one stays.</summary>
public sealed class JsonScalars
{
    const int Deepest = 16;

    readonly byte[][][] paths;
    readonly uint[] alive = new uint[Deepest + 1];

    /// <param name="paths">Each the names from the root down, `["opcodes", "QUERY"]`; their places are those of <see cref="Found"/>. At most 32.</param>
    public JsonScalars(params string[][] paths)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(paths.Length, 32);
        this.paths = [.. paths.Select(p => p.Select(Encoding.UTF8.GetBytes).ToArray())];
        Found = new JsonRecord(paths.Length);
    }

    /// <summary>What was found.</summary>
    public JsonRecord Found { get; }

    /// <summary>Takes a token, of <see cref="JsonPieces"/>.</summary>
    public void Take(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        if (depth > Deepest) return;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray when depth < Deepest:
                // Nothing within an array is on a path.
                alive[depth] = alive[depth + 1] = 0;
                break;
            case JsonTokenType.PropertyName when depth > 0:
                alive[depth] = Match(ref reader, depth);
                break;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                for (var i = 0; i < paths.Length; i++)
                    if (paths[i].Length == depth && (alive[depth] >> i & 1) != 0) Found.Set(i, ref reader);
                break;
            default:
                break;
        }
    }

    uint Match(ref Utf8JsonReader reader, int depth)
    {
        var mask = 0u;
        for (var i = 0; i < paths.Length; i++)
            if (paths[i].Length >= depth && (depth == 1 || (alive[depth - 1] >> i & 1) != 0) && reader.ValueTextEquals(paths[i][depth - 1])) mask |= 1u << i;
        return mask;
    }
}
