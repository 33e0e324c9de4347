using System.Globalization;

namespace Oops.Lab.Harness;

/// <summary>The SOA timers of a lab zone in seconds: short, so that a zone expires while one watches.</summary>
internal sealed record ZoneTimers(int Refresh = 3, int Retry = 1, int Expire = 8, int Minimum = 5);

internal static class ZoneText
{
    /// <summary>A small zone file.</summary>
    public static string Of(string zone, uint serial, ZoneTimers timers) => string.Create(CultureInfo.InvariantCulture, $"""
        $ORIGIN {zone.TrimEnd('.')}.
        $TTL 5
        @ SOA ns hostmaster {serial} {timers.Refresh} {timers.Retry} {timers.Expire} {timers.Minimum}
        @ NS ns
        ns A {Lab.Anycast4}
        ns AAAA {Lab.Anycast6}
        www A 192.0.2.1
        txt TXT "serial {serial}"

        """);

    /// <summary>Puts a file in the place of the old one. knotd maps zone files into its memory, and dies of SIGBUS where one that it reads is cut to nothing and written anew.</summary>
    public static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
