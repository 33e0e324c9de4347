using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Oops.Config;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Import;

/// <summary>What nsnotifyd was told, in our words.</summary>
internal sealed record ImportedNotifyd
{
    public Endpoint Listen { get; set; } = new(IPAddress.Loopback, null);

    /// <summary>Where zones are polled; null: the system's resolver was asked.</summary>
    public Endpoint? Authority { get; set; }

    public bool Wildcard { get; set; }

    public string Command { get; set; } = "";

    public List<string> Zones { get; } = [];

    public (TimeSpan Least, TimeSpan Most)? Refresh { get; set; }

    public (TimeSpan Least, TimeSpan Most)? Retry { get; set; }

    public TimeSpan? TcpTimeout { get; set; }

    /// <summary>What differs, a sentence each.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What could not be understood, and what to do.</summary>
    public List<string> Errors { get; } = [];
}

/// <summary>Reads what nsnotifyd 2.0 was told: its arguments.</summary>
internal static class Nsnotifyd
{
    const string WithValue = "alPpRrsTu", Alone = "46dtVw";

    /// <summary>As the options of `notify` are bounded.</summary>
    static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1), LongestInterval = TimeSpan.FromDays(30), LongestTcp = TimeSpan.FromHours(1);

    public static ImportedNotifyd Read(IReadOnlyList<string> arguments)
    {
        var imported = new ImportedNotifyd();
        var options = new List<(char Name, string Value)>();
        var rest = Options(arguments, options, imported.Errors);
        var six = options.FindLast(static o => o.Name is '4' or '6').Name == '6';
        var (address, port) = ("127.0.0.1", "53");
        foreach (var (name, value) in options)
        {
            switch (name)
            {
                case 'a':
                    address = value;
                    break;
                case 'p':
                    port = value;
                    break;
                case 's':
                    imported.Authority = Address("-s", value, six, imported.Errors) is { } authority ? new Endpoint(authority, null) : null;
                    break;
                case 'R':
                    imported.Refresh = Pair("-R", value, imported);
                    break;
                case 'r':
                    imported.Retry = Pair("-r", value, imported);
                    break;
                case 'T':
                    imported.TcpTimeout = Time("-T", value, LongestTcp, imported);
                    break;
                case 'w':
                    imported.Wildcard = true;
                    break;
                default:
                    if (Note(name, value) is { } note && !imported.Notes.Contains(note))
                        imported.Notes.Add(note);
                    break;
            }
        }

        if (Address("-a", address, six, imported.Errors) is { } listen && Port(port, imported.Errors) is { } number)
            imported.Listen = new Endpoint(listen, number == 53 ? null : number);
        Work(rest, options, imported);
        return imported;
    }

    /// <summary>As getopt(3) reads them: letters may stand together, a value with its letter or behind it, and the first other word ends them.</summary>
    static List<string> Options(IReadOnlyList<string> arguments, List<(char, string)> options, List<string> errors)
    {
        var at = 0;
        for (; at < arguments.Count && arguments[at] is ['-', _, ..] word; at++)
        {
            if (word == "--")
            {
                at++;
                break;
            }

            for (var i = 1; i < word.Length; i++)
            {
                if (Alone.Contains(word[i], StringComparison.Ordinal))
                {
                    options.Add((word[i], ""));
                    continue;
                }

                if (!WithValue.Contains(word[i], StringComparison.Ordinal))
                    errors.Add($"{ConfigErrors.Show(word)}: -{(char.IsAsciiLetterOrDigit(word[i]) ? word[i] : '?')} is no option of nsnotifyd 2.0");
                else if (i + 1 < word.Length || at + 1 < arguments.Count)
                    options.Add((word[i], i + 1 < word.Length ? word[(i + 1)..] : arguments[++at]));
                else
                    errors.Add($"-{word[i]} has no value");
                break;
            }
        }

        return [.. arguments.Skip(at)];
    }

    /// <summary>The command and the zones, and what does not go together.</summary>
    static void Work(List<string> words, List<(char Name, string Value)> options, ImportedNotifyd imported)
    {
        if (words.Count == 0)
            imported.Errors.Add("there is no command; give the arguments as nsnotifyd got them: [options] command zone...");
        else if (words[0] is not ['/', ..] && words[0].Contains('/', StringComparison.Ordinal))
            imported.Errors.Add($"{ConfigErrors.Show(words[0])} was found from the folder that it was started in; give the command's whole path");
        else
            imported.Command = words[0];
        foreach (var word in words.Skip(1))
        {
            if (ZoneName.Parse(word == "root" ? "." : word, out var problem) is not { } zone)
                imported.Errors.Add(problem);
            else if (!imported.Zones.Contains(zone.Text))
                imported.Zones.Add(zone.Text);
        }

        if (words.Count == 1 && !imported.Wildcard)
            imported.Errors.Add("there is no zone, and no -w for all");
        if (imported.Authority is null && imported.Zones.Count > 0 && !options.Exists(static o => o.Name == 's'))
            imported.Errors.Add("without -s it asked the system's resolver, which may answer from its cache; say which server has the zones: add -s ADDRESS to the arguments");
    }

    /// <summary>What becomes of an option that has no place in a config; null: nothing is to be said.</summary>
    static string? Note(char name, string value) => name switch
    {
        't' => "-t: here NOTIFY is taken over UDP and over TCP; a second copy for the other is not needed.",
        'l' or 'P' or 'u' => "-l, -P, -u: the log goes to the journal, and who it runs as is in the unit (User=); there is no pid file.",
        'd' => "-d: `oops run` stays in the foreground and logs to stderr; `oops watch` shows what comes.",
        _ => null,
    };

    static (TimeSpan, TimeSpan)? Pair(string option, string value, ImportedNotifyd imported)
    {
        var at = value.IndexOf(':', StringComparison.Ordinal);
        if (Time(option, at < 0 ? value : value[..at], LongestInterval, imported) is not { } least || Time(option, at < 0 ? value : value[(at + 1)..], LongestInterval, imported) is not { } most)
            return null;
        if (least <= most)
            return (least, most);
        imported.Errors.Add($"{option} {ConfigErrors.Show(value)}: the least is more than the most");
        return null;
    }

    /// <summary>`1w2d3h4m5s`, or seconds, brought within what is possible here.</summary>
    static TimeSpan? Time(string option, string text, TimeSpan most, ImportedNotifyd imported)
    {
        var (sum, number, digits) = (0L, 0L, 0);
        foreach (var c in text.ToLowerInvariant())
        {
            if (char.IsAsciiDigit(c) && ++digits <= 10)
            {
                number = (number * 10) + (c - '0');
                continue;
            }

            var unit = c switch { 'w' => 604_800, 'd' => 86_400, 'h' => 3600, 'm' => 60, 's' => 1, _ => 0 };
            if (unit == 0 || digits is 0 or > 10)
                return Bad();
            (sum, number, digits) = (sum + (number * unit), 0, 0);
        }

        if (text.Length == 0 || sum + number > uint.MaxValue)
            return Bad();
        var written = TimeSpan.FromSeconds(sum + number);
        var taken = TimeSpan.FromTicks(Math.Clamp(written.Ticks, ShortestInterval.Ticks, most.Ticks));
        if (taken != written)
            imported.Notes.Add($"{option} {text}: here it is from {Duration.Format(ShortestInterval)} to {Duration.Format(most)}.");
        return taken;

        TimeSpan? Bad()
        {
            imported.Errors.Add($"{option} {ConfigErrors.Show(text)} is no time: seconds, or such as 1h30m");
            return null;
        }
    }

    /// <summary>Names are not asked for: a config has addresses, so that it needs no DNS to work.</summary>
    static IPAddress? Address(string option, string text, bool six, List<string> errors)
    {
        if (text == "localhost")
            return six ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        if (Endpoint.TryAddress(text, out var address) && address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            return address;
        errors.Add($"{option} {ConfigErrors.Show(text)}: a config has the address, since a name would need the DNS to work; give it in its place");
        return null;
    }

    static int? Port(string text, List<string> errors)
    {
        if (text == "domain")
            return 53;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue)
            return port;
        errors.Add($"-p {ConfigErrors.Show(text)}: write the port's number");
        return null;
    }
}
