using System.Diagnostics.CodeAnalysis;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>The keys of who listens for NOTIFY and asks: all that are named must be there.</summary>
internal static class NotifyKeys
{
    /// <summary>The same for who asks with one key.</summary>
    public static bool TryRead(string? path, NotifyRule[] rules, DnsName? ours, [NotNullWhen(true)] out TsigKey[]? keys, [NotNullWhen(false)] out string? why) => TryRead(path, rules, [ours], out keys, out why);

    /// <param name="path">The key file; null: there are none.</param>
    /// <param name="rules">Who may notify, with which key.</param>
    /// <param name="ours">The keys that sign our queries; null: one that is not signed.</param>
    /// <param name="keys">All of the file.</param>
    /// <param name="why">What is missing; never a secret.</param>
    public static bool TryRead(string? path, NotifyRule[] rules, IEnumerable<DnsName?> ours, [NotNullWhen(true)] out TsigKey[]? keys, [NotNullWhen(false)] out string? why)
    {
        keys = [];
        why = null;
        if (path is not null && !TsigKeyFile.TryRead(path, out keys, out why))
            return false;
        foreach (var rule in rules)
        {
            if (rule.Key is { } needed && Find(keys, needed) is null)
                why = $"{path}: there is no key {needed}";
        }

        foreach (var name in ours)
        {
            if (name is { } own && Find(keys, own) is null)
                why = $"{path}: there is no key {own}";
        }

        return why is null;
    }

    /// <summary>The same, waited for: a file that cannot be read now may be read later. What is missing is told once, until it is something else.</summary>
    public static async Task<TsigKey[]> WhenReadAsync(string? path, NotifyRule[] rules, IReadOnlyCollection<DnsName?> ours, TimeSpan again, Action<string> tell, TimeProvider time, CancellationToken stop)
    {
        string? told = null;
        TsigKey[]? keys;
        while (!TryRead(path, rules, ours, out keys, out var why))
        {
            if (why != told)
                tell(why);
            told = why;
            await Task.Delay(again, time, stop).ConfigureAwait(false);
        }

        return keys;
    }

    /// <summary>The key of that name; null: no name, or there is none.</summary>
    public static TsigKey? Find(IEnumerable<TsigKey> keys, DnsName? name)
    {
        foreach (var key in keys)
        {
            if (name is { } wanted && key.Name == wanted)
                return key;
        }

        return null;
    }
}
