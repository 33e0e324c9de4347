using System.Diagnostics;
using Oops.Lab.Matrix.Nodes;
using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix;

/// <summary>One server of the matrix.</summary>
/// <param name="Id">Its word in the config.</param>
/// <param name="Title">Its name and the version of Debian 12.</param>
/// <param name="New">Makes one.</param>
/// <param name="Plans">What is provoked.</param>
/// <param name="Cannot">Of the other rows, why they cannot be had.</param>
/// <param name="Programs">Its own.</param>
internal sealed record Column(string Id, string Title, Func<SiteOptions, MatrixNode> New, IReadOnlyList<Plan> Plans, IReadOnlyDictionary<string, string> Cannot, params string[] Programs)
{
    /// <summary>What must be installed, with what the plans need.</summary>
    public string[] Needs => [.. Programs, "knotd", "knotc", "dnsperf", "dnssec-signzone", "dnssec-keygen"];

    /// <summary>The Debian package whose version is told.</summary>
    public required string Package { get; init; }

    /// <summary>Its upstream version, as dpkg has it.</summary>
    public string Version()
    {
        using var dpkg = Process.Start(new ProcessStartInfo("dpkg-query", ["-W", "-f=${Version}", Package]) { RedirectStandardOutput = true })!;
        string version = dpkg.StandardOutput.ReadToEnd();
        dpkg.WaitForExit();
        return version.Split(':')[^1].Split('-')[0].Split('+')[0];
    }

    /// <summary>What in its sources is not as by default, for the page.</summary>
    public string Settings { get; init; } = "server read each 10 s; zones probed each second; dnstap window 2 s, slope window 4 s";
}

internal static class Columns
{
    public static IReadOnlyList<Column> All { get; } =
    [
        new("knot", "Knot DNS", o => new KnotNode(o), [Life.Crash, Life.Stop, Life.Hang, Secondary.Expire, Secondary.Thousand, Secondary.Ixfr, Secondary.Axfr, Secondary.Behind, Signatures.Lapse, Signatures.Invalid, Signatures.NewKeys, Traffic.Flood, Traffic.Errors],
            new Dictionary<string, string>
            {
                [Rows.Backends] = "it has none",
            }, "knotd", "knotc", "dbus-daemon") { Package = "knot" },
        NsdColumn.Column,
        BindColumn.Column,
        UnboundColumn.Column,
        RecursorColumn.Column,
        PowerdnsColumns.Authoritative,
        PowerdnsColumns.Dnsdist,
        KresdColumn.Column,
    ];

    public static Column Of(string id) => All.Single(c => c.Id == id);
}
