namespace Oops.Servers;

/// <summary>The beginning of an answer, for people: of one that is longer no more is read.</summary>
internal sealed class AnswerHead
{
    const int Most = 64 * 1024;

    readonly List<byte> octets = [];

    public IReadOnlyList<byte> Octets => octets;

    /// <summary>An <see cref="HttpSink"/>.</summary>
    public bool Take(ReadOnlySpan<byte> piece, bool last)
    {
        octets.AddRange(piece[..Math.Min(piece.Length, Most - octets.Count)]);
        return octets.Count < Most;
    }
}
