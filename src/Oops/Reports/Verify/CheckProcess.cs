using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Reports.Verify;

/// <summary>Runs a check as a process of its own: `oops reports verify`. What a name may do to a resolver costs that process (ADR 19).</summary>
internal sealed class CheckProcess(VerifyPlan plan, Children children)
{
    /// <summary>What it prints at most; a longer line is no result.</summary>
    const int MostOctets = 64 * 1024;

    /// <summary>Types of one report that are checked: what a resolver asked for is one, or A and AAAA.</summary>
    const int MostTypes = 2;

    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);

    /// <summary>To begin and to print, beside what the check itself may take.</summary>
    public TimeSpan Beside { get; init; } = TimeSpan.FromSeconds(3);

    public VerifyPlan Plan => plan;

    readonly Dictionary<string, string> environment = CommandEnvironment.With([], ("DOTNET_ROOT", Environment.GetEnvironmentVariable("DOTNET_ROOT")), ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", Environment.GetEnvironmentVariable("DOTNET_BUNDLE_EXTRACT_BASE_DIR")));

    /// <summary>What was found, or why nothing was; terminal-safe.</summary>
    /// <param name="name">A name in wire form without its final zero.</param>
    /// <param name="types">As a report writes them: `1-28`.</param>
    /// <param name="zone">The configured zone that it is in.</param>
    /// <param name="servers">Those that have the zone.</param>
    /// <param name="stop">Kills it.</param>
    public async Task<(CheckVerdict Verdict, string Found)> RunAsync(byte[] name, byte[] types, DnsName zone, IReadOnlyList<IPEndPoint> servers, CancellationToken stop)
    {
        var options = new SpawnOptions { Argv = Words(name, types, zone, servers), Environment = environment, Folder = "/", LineLength = MostOctets };
        var result = await children.RunAsync(options, plan.Timeout + Beside, Grace, stop).ConfigureAwait(false);
        return Read(result);
    }

    /// <summary>One of the types of a report is one that a zone can hold.</summary>
    public static bool IsCheckable(byte[] types) => TypesOf(types).Count > 0;

    internal static (CheckVerdict Verdict, string Found) Read(ChildResult result)
    {
        if (result.End != ChildEnd.Exited) return (CheckVerdict.Unknown, $"the check {result.Why}");
        try
        {
            if (result.Output is [.., var line] && JsonSerializer.Deserialize(line, CheckJson.Default.CheckReport) is { } report && Enum.IsDefined(report.Verdict))
                return (report.Verdict, OutputTail.Printable(report.Why));
        }
        catch (JsonException)
        {
            // Nothing that it should print.
        }

        return (CheckVerdict.Unknown, $"the check failed: {result.Said}");
    }

    internal IReadOnlyList<string> Words(byte[] name, byte[] types, DnsName zone, IReadOnlyList<IPEndPoint> servers)
    {
        List<string> words = [.. plan.Program, "reports", "verify", "--json", "--timeout", string.Create(CultureInfo.InvariantCulture, $"{(long)plan.Timeout.TotalMilliseconds}ms"), $"--zone={Escaped(zone.Wire[..^1])}"];
        foreach (var resolver in plan.Resolvers) words.Add($"--resolver={resolver.Address}@{resolver.Port}");
        foreach (var server in servers.Take(CheckQuestion.MostServers)) words.Add($"--server={server.Address}@{server.Port}");
        if (plan.TrustAnchor is { } anchor) words.Add($"--trust-anchor={anchor}");
        words.Add("--");
        words.Add(Escaped(name));
        words.AddRange(TypesOf(types).Take(MostTypes).Select(TypeNames.Of));
        return words;
    }

    static List<DnsType> TypesOf(byte[] types)
    {
        List<DnsType> found = [];
        ReadOnlySpan<byte> rest = types;
        // What no zone can hold (a transfer, a signature of a message) is answered by every server with an error, and tells nothing of the zone.
        while (ReportName.TryNextType(ref rest, out var type))
            if (TypeNames.IsData(type)) found.Add(type);
        return found;
    }

    /// <summary>A name as a word of a command: letters, digits, `_` and inner `-` as they are, all else as \DDD. So no name is an option, a file of words (`@...`), or anything else to whoever reads it.</summary>
    internal static string Escaped(ReadOnlySpan<byte> labels)
    {
        if (labels.IsEmpty) return ".";
        var text = new StringBuilder();
        while (!labels.IsEmpty)
        {
            var label = labels.Slice(1, labels[0]);
            for (var i = 0; i < label.Length; i++)
            {
                if (char.IsAsciiLetterOrDigit((char)label[i]) || label[i] == '_' || (label[i] == '-' && i > 0)) text.Append((char)label[i]);
                else text.Append(CultureInfo.InvariantCulture, $"\\{label[i]:000}");
            }

            labels = labels[(label.Length + 1)..];
            if (!labels.IsEmpty) text.Append('.');
        }

        return text.ToString();
    }
}
