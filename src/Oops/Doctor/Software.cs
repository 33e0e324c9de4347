using System.Collections.Immutable;
using Oops.Config;
using Oops.Doctor.Reading;

namespace Oops.Doctor;

/// <summary>A DNS server or router that is looked for, and where Debian has its things.</summary>
internal sealed record Software
{
    /// <summary>Its word in ids: `server/knot`, `router/bird`.</summary>
    public required string Word { get; init; }

    public required string Title { get; init; }

    /// <summary>The kind under `servers:`; null: a router.</summary>
    public ServerKind? Kind { get; init; }

    /// <summary>Names of its executable, the usual one first.</summary>
    public required ImmutableArray<string> Executables { get; init; }

    /// <summary>The one argument that makes it print its version and end; null: it is not run.</summary>
    public string? VersionArgument { get; init; }

    /// <summary>What stands before the number in what it prints.</summary>
    public string VersionMark { get; init; } = "version ";

    /// <summary>Options that name the configuration file.</summary>
    public ImmutableArray<string> ConfigOptions { get; init; } = ["-c"];

    /// <summary>An option that names the folder of the configuration (PowerDNS), and the file's name in it.</summary>
    public (string Option, string File)? ConfigFolder { get; init; }

    /// <summary>Debian's; several: those that are there stand for one.</summary>
    public required ImmutableArray<string> Configs { get; init; }

    public ConfigFormat Format { get; init; }

    public bool IsRouter => Kind is null;

    public string Subject => (IsRouter ? "router/" : "server/") + Word;

    public static ImmutableArray<Software> All { get; } =
    [
        new()
        {
            Word = "knot", Title = "Knot DNS", Kind = ServerKind.Knot, Executables = ["knotd"], VersionArgument = "-V", ConfigOptions = ["-c", "--config"],
            Configs = ["/etc/knot/knot.conf"], Format = ConfigFormat.Knot,
        },
        new() { Word = "nsd", Title = "NSD", Kind = ServerKind.Nsd, Executables = ["nsd"], VersionArgument = "-v", Configs = ["/etc/nsd/nsd.conf"], Format = ConfigFormat.Colon },
        new()
        {
            Word = "bind", Title = "BIND", Kind = ServerKind.Bind, Executables = ["named"], VersionArgument = "-v", VersionMark = "BIND ",
            Configs = ["/etc/bind/named.conf"], Format = ConfigFormat.Named,
        },
        new()
        {
            Word = "unbound", Title = "Unbound", Kind = ServerKind.Unbound, Executables = ["unbound"], VersionArgument = "-V", VersionMark = "Version ",
            Configs = ["/etc/unbound/unbound.conf"], Format = ConfigFormat.Colon,
        },
        new()
        {
            Word = "powerdns", Title = "PowerDNS Authoritative Server", Kind = ServerKind.Powerdns, Executables = ["pdns_server"], VersionArgument = "--version", VersionMark = "Authoritative Server ",
            ConfigOptions = [], ConfigFolder = ("--config-dir", "pdns.conf"), Configs = ["/etc/powerdns/pdns.conf"], Format = ConfigFormat.Equals,
        },
        new()
        {
            Word = "recursor", Title = "PowerDNS Recursor", Kind = ServerKind.Recursor, Executables = ["pdns_recursor"], VersionArgument = "--version", VersionMark = "Recursor ",
            ConfigOptions = [], ConfigFolder = ("--config-dir", "recursor.conf"), Configs = ["/etc/powerdns/recursor.conf"], Format = ConfigFormat.Equals,
        },
        new()
        {
            Word = "dnsdist", Title = "dnsdist", Kind = ServerKind.Dnsdist, Executables = ["dnsdist"], VersionArgument = "--version", VersionMark = "dnsdist ", ConfigOptions = ["-C", "--config"],
            Configs = ["/etc/dnsdist/dnsdist.conf"], Format = ConfigFormat.Lua,
        },
        new()
        {
            Word = "kresd", Title = "Knot Resolver", Kind = ServerKind.Kresd, Executables = ["kresd"], VersionArgument = "-V", ConfigOptions = ["-c", "--config"],
            Configs = ["/etc/knot-resolver/kresd.conf"], Format = ConfigFormat.Lua,
        },
        new() { Word = "bird", Title = "BIRD", Executables = ["bird"], VersionArgument = "--version", Configs = ["/etc/bird/bird.conf"], Format = ConfigFormat.Brace },
        new()
        {
            Word = "frr", Title = "FRR", Executables = ["bgpd"], VersionArgument = "-v", ConfigOptions = ["-f", "--config_file"],
            Configs = ["/etc/frr/frr.conf", "/etc/frr/bgpd.conf"], Format = ConfigFormat.Lines,
        },
        new() { Word = "exabgp", Title = "ExaBGP", Executables = ["exabgp"], ConfigOptions = [], Configs = ["/etc/exabgp/exabgp.conf"], Format = ConfigFormat.Brace },
        new() { Word = "gobgp", Title = "GoBGP", Executables = ["gobgpd"], VersionArgument = "--version", ConfigOptions = ["-f", "--config-file"], Configs = ["/etc/gobgpd.conf"], Format = ConfigFormat.Lines },
    ];

    /// <summary>The version in what it printed; null: none is there.</summary>
    public string? VersionIn(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var at = line.IndexOf(VersionMark, StringComparison.Ordinal);
            if (at < 0) continue;
            var rest = line.AsSpan(at + VersionMark.Length);
            var length = 0;
            while (length < rest.Length && length < 40 && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] is '.' or '-' or '+' or '~' or '_')) length++;
            if (length > 0 && char.IsAsciiDigit(rest[0])) return rest[..length].ToString();
        }

        return null;
    }
}
