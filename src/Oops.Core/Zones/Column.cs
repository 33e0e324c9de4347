namespace Oops.Core;

/// <summary>A value for each number from 0 on, in pieces that are made when something is first written there: it grows without being copied, and where nobody writes it takes no memory.</summary>
public sealed class Column<T> where T : struct
{
    const int Bits = 10, Size = 1 << Bits, Mask = Size - 1;

    T[]?[] pieces = [];

    /// <summary>What was written; the default where nothing was.</summary>
    public T this[int at] => at >> Bits is var piece && piece < pieces.Length && pieces[piece] is { } there ? there[at & Mask] : default;

    /// <summary>The place of a number, to be written.</summary>
    public ref T At(int at)
    {
        var piece = at >> Bits;
        if (piece >= pieces.Length) Array.Resize(ref pieces, Math.Max(piece + 1, pieces.Length * 2));
        return ref (pieces[piece] ??= new T[Size])[at & Mask];
    }

    /// <summary>Writes, unless it is the default that is there already.</summary>
    public void Set(int at, in T value)
    {
        if (at >> Bits >= pieces.Length || pieces[at >> Bits] is null)
            if (EqualityComparer<T>.Default.Equals(value, default)) return;
        At(at) = value;
    }

    /// <summary>The values of these numbers, for a column in which they are the numbers from 0 on.</summary>
    public Column<T> Pick(IReadOnlyList<int> numbers)
    {
        var picked = new Column<T>();
        for (var at = 0; at < numbers.Count; at++) picked.Set(at, this[numbers[at]]);
        return picked;
    }
}
