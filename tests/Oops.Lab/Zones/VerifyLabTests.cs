using System.Globalization;
using System.Text;
using Oops.Lab.Harness;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Lab.Zones;

/// <summary>`oops verify` beside ldns-verify-zone, kzonecheck and dnssec-verify, over zones that a real signer has signed and that are wrong in one way each.</summary>
public sealed class VerifyLabTests
{
    static readonly Signing[] Signings =
    [
        new("P-256 NSEC", "ECDSAP256SHA256"),
        new("P-256 NSEC ZONEMD", "ECDSAP256SHA256", "-z", "simple:sha384"),
        new("P-384 NSEC3", "ECDSAP384SHA384", "-n"),
        new("RSASHA256 NSEC3 opt-out", "RSASHA256", "-n", "-p"),
        new("RSASHA512 NSEC", "RSASHA512"),
        new("Ed25519 NSEC3 ZONEMD", "ED25519", "-n", "-z", "simple:sha512"),
        new("Ed448 NSEC", "ED448"),
    ];

    [Fact]
    public async Task Verdicts_agree_with_three_other_checkers_on_more_than_two_hundred_zones_or_the_docs_say_why_not()
    {
        LabRequires.Programs("ldns-keygen", "ldns-signzone", "ldns-verify-zone", "kzonecheck", "dnssec-verify");
        var differences = new SortedSet<string>(StringComparer.Ordinal);
        var wrong = new List<string>();
        var judged = 0;
        foreach (var signing in Signings)
        {
            var signer = await SignedFile.Signer.OpenAsync(signing);
            var signed = await signer.SignAsync();
            foreach (var mutation in Mutation.All.Where(m => m.Of?.Invoke(signing) != false))
            {
                var lines = mutation.Make is { } make ? await make(signer) : [.. signed];
                mutation.Apply(lines);
                var verdict = Verdict(lines, mutation.Later);
                judged++;
                if (verdict.Passes == mutation.Fails)
                    wrong.Add($"{signing.Name}, {mutation.Name}: {(verdict.Passes ? "passes" : string.Join(' ', verdict.Findings.Faults))}");
                foreach (var tool in await Task.WhenAll(Tools.Where(t => mutation.Later == 0 || t != NoMoment).Select(t => OtherAsync(t, signing, lines, mutation.Later))))
                {
                    if (tool.Passes == mutation.Fails)
                        differences.Add($"{tool.Name} {(tool.Passes ? "passes" : "refuses")} {mutation.Name}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(judged, 200, 1000);
        var documented = Documented();
        Assert.True(differences.SetEquals(documented), "not in docs/verify.md:\n" + string.Join('\n', differences.Except(documented)) + "\nonly there:\n" + string.Join('\n', documented.Except(differences)));
    }

    /// <summary>It judges for now, and has no option for another moment.</summary>
    const string NoMoment = "dnssec-verify";

    static readonly string[] Tools = ["ldns-verify-zone", "kzonecheck", NoMoment];

    static ZoneVerdict Verdict(List<string> lines, int later)
    {
        Assert.True(DnsName.TryParse(SignedFile.Zone, out var apex));
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        using var text = new MemoryStream(Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"));
        Assert.Null(MasterFile.Read(text, "text", apex, edit, TestContext.Current.CancellationToken));
        var options = new VerifyOptions { Now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + later };
        return ZoneVerifier.Run(edit.Seal(), options, edit.Faults, 2, null, TestContext.Current.CancellationToken);
    }

    static async Task<(string Name, bool Passes)> OtherAsync(string tool, Signing signing, List<string> lines, int later)
    {
        var folder = Harness.Lab.FreshDirectory("verify");
        await File.WriteAllLinesAsync(Path.Combine(folder, "zone"), lines);
        var at = TimeProvider.System.GetUtcNow().AddSeconds(later);
        string[] argv = tool switch
        {
            "ldns-verify-zone" => [tool, .. signing.HasDigest ? (string[])["-Z", "-Z"] : [], "-t", at.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture), "zone"],
            "kzonecheck" => [tool, "-o", SignedFile.Zone, "-d", "on", "-t", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "zone"],
            _ => [tool, "-o", SignedFile.Zone, "zone"],
        };
        var (code, _) = await SignedFile.RunAsync(folder, argv);
        return (tool, code == 0);
    }

    /// <summary>The lines of docs/verify.md that tell of a difference: `TOOL passes|refuses MUTATION`.</summary>
    static HashSet<string> Documented()
    {
        var page = File.ReadAllLines(Path.Combine(Harness.Lab.Repository!, "docs", "verify.md"));
        return [.. page.Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1]).Where(l => Tools.Any(t => l.StartsWith(t + " ", StringComparison.Ordinal)))];
    }
}
