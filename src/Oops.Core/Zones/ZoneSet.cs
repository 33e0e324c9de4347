using System.Collections;
using System.Runtime.CompilerServices;

namespace Oops.Core;

/// <summary>Zones as they stood at one moment, in the order of their numbers. Keeps numbers, not strings; may be read on any thread.</summary>
[CollectionBuilder(typeof(ZoneSet), nameof(Of))]
public sealed class ZoneSet : IReadOnlyCollection<string>
{
    readonly ulong[] members;

    /// <param name="names">Whose numbers they are.</param>
    /// <param name="count">Numbers from here on are not in it.</param>
    /// <param name="isIn">Which of the others are.</param>
    public ZoneSet(ZoneNames names, int count, Func<int, bool> isIn)
    {
        Names = names;
        members = new ulong[(count + 63) / 64];
        for (var number = 0; number < count; number++)
        {
            if (!isIn(number)) continue;
            members[number / 64] |= 1ul << number;
            Count++;
        }
    }

    /// <summary>All that have a number.</summary>
    public ZoneSet(ZoneNames names) : this(names, names.Count, _ => true)
    {
    }

    public ZoneNames Names { get; }

    public int Count { get; }

    public IEnumerable<int> Numbers
    {
        get
        {
            for (var number = 0; number < members.Length * 64; number++)
                if ((members[number / 64] >> number & 1) != 0) yield return number;
        }
    }

    /// <summary>Whether a zone is in it, by its canonical name. Looks at one after the other, so that it may be asked on any thread: for what is rare.</summary>
    public bool Contains(string zone)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(zone);
        foreach (var number in Numbers)
            if (Names.Utf8(number).SequenceEqual(utf8)) return true;
        return false;
    }

    public static ZoneSet Of(ReadOnlySpan<string> zones)
    {
        var names = new ZoneNames();
        foreach (var zone in zones) names.Intern(zone);
        return new(names);
    }

    /// <summary>Those of its zones that are not in the other one. Of two that a server had one after the other only what differs is looked at.</summary>
    public IEnumerable<string> Without(ZoneSet other)
    {
        if (!ReferenceEquals(Names, other.Names))
        {
            var others = other.ToHashSet(StringComparer.Ordinal);
            return this.Where(z => !others.Contains(z));
        }

        return Differing();

        IEnumerable<string> Differing()
        {
            for (var word = 0; word < members.Length; word++)
            {
                for (var left = members[word] & ~(word < other.members.Length ? other.members[word] : 0); left != 0; left &= left - 1)
                    yield return Names.Name((word * 64) + System.Numerics.BitOperations.TrailingZeroCount(left));
            }
        }
    }

    /// <summary>The same zones in the same order.</summary>
    public bool IsSame(ZoneSet other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (Count != other.Count) return false;
        foreach (var (a, b) in Numbers.Zip(other.Numbers))
            if (!Names.Utf8(a).SequenceEqual(other.Names.Utf8(b))) return false;
        return true;
    }

    public IEnumerator<string> GetEnumerator() => Numbers.Select(Names.Name).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
