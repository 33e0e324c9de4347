using System.Globalization;

namespace Oops.Actions.Bird;

/// <summary>A row of `show protocols`. Down: it is disabled, in the config or by hand; a session that waits for its peer is in `start`.</summary>
internal sealed record BirdProtocol(string Name, string Type, string State)
{
    public bool Ours => Name.StartsWith(BirdNames.Ours, StringComparison.Ordinal);

    public bool Down => State == "down";

    public bool Up => State == "up";

    public bool IsBgp => Type == "BGP";

    /// <summary>As it must be written in a command.</summary>
    public string Quoted => Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? Name : $"'{Name}'";
}

/// <summary>The router at one moment: `show status` and `show protocols`.</summary>
internal sealed record BirdRouter(DateTime? Rebooted, DateTime? Reconfigured, IReadOnlyDictionary<string, BirdProtocol> Protocols)
{
    /// <summary>Two commands; null and why when BIRD does not answer them.</summary>
    public static async ValueTask<(BirdRouter? Router, string? Why)> ReadAsync(BirdClient client, CancellationToken stop)
    {
        BirdAnswer status = await client.AskAsync("show status", stop);
        if (status.Refusal is { } no)
            return (null, no);
        BirdAnswer protocols = await client.AskAsync("show protocols", stop);
        if (protocols.Refusal is { } why)
            return (null, why);
        return (new BirdRouter(Stamp(status.Reply!, "Last reboot on "), Stamp(status.Reply!, "Last reconfiguration on "), Rows(protocols.Reply!)), null);
    }

    /// <summary>Neither restarted nor reconfigured in between, and the same protocols in the same states.</summary>
    public bool IsLike(BirdRouter other) =>
        SameInstant(Rebooted, other.Rebooted) && SameInstant(Reconfigured, other.Reconfigured)
        && Protocols.Count == other.Protocols.Count && Protocols.All(p => other.Protocols.TryGetValue(p.Key, out BirdProtocol? row) && row == p.Value);

    public static IReadOnlyDictionary<string, BirdProtocol> Rows(BirdReply reply)
    {
        var rows = new Dictionary<string, BirdProtocol>(StringComparer.Ordinal);
        foreach (string text in reply.With(1002))
            if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, var type, _, var state, ..])
                rows[name] = new BirdProtocol(name, type, state);
        return rows;
    }

    /// <summary>
    /// BIRD keeps these on its monotonic clock and prints them through the wall clock, in local time: the same instant may come out 1 ms apart in two replies.
    /// Null with another `timeformat base` than the ISO ones.
    /// </summary>
    public static DateTime? Stamp(BirdReply reply, string key)
    {
        string? text = reply.Lines.Select(l => l.Text.Trim()).FirstOrDefault(t => t.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
        string[] formats = ["yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyy-MM-dd HH:mm:ss"];
        return DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal, out DateTime stamp) ? stamp : null;
    }

    /// <summary>Whether two stamps of the same kind mean the same instant.</summary>
    public static bool SameInstant(DateTime? a, DateTime? b) => a is null || b is null ? a == b : (a.Value - b.Value).Duration() < TimeSpan.FromMilliseconds(100);
}
