namespace Oops.Simulate;

/// <summary>FNV-1a of all that was put in and all that came out: equal where every byte was.</summary>
internal sealed class Fingerprint
{
    public ulong Value { get; private set; } = 14695981039346656037;

    public void Add(string? text)
    {
        foreach (var c in text ?? "\0") Value = (Value ^ c) * 1099511628211;
        Value = (Value ^ '\n') * 1099511628211;
    }

    public void Add(long number)
    {
        for (var shift = 0; shift < 64; shift += 8) Value = (Value ^ (byte)(number >> shift)) * 1099511628211;
    }
}
