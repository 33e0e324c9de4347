namespace Oops.Simulate;

/// <summary>Chance that a seed decides alone, on every machine and in every version of the runtime (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    ulong state = Mix(seed + Golden);

    const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>Dice of their own, which do not move these.</summary>
    public static Dice Of(ulong seed, int part) => new(Mix(seed) ^ (ulong)(part + 1) * Golden);

    /// <summary>0 to one less.</summary>
    public int Below(int most)
    {
        state += Golden;
        return (int)(Mix(state) % (ulong)most);
    }

    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> of) => of[Below(of.Count)];

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
