using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>One zone: the version that was judged last, and what came of it. Its methods are called by who has the <see cref="Turn"/>.</summary>
internal sealed class ZoneCase : IDisposable
{
    readonly VerifyTarget target;
    readonly ZoneIntake intake;
    readonly LastPassed passed;
    readonly TsigKey[] keys;
    readonly TimeProvider time;
    Precedent? precedent;
    SizeBrake? brake;

    // A version that passed before it is served; what comes next is most likely made of it.
    ZoneVersion? coming;

    public ZoneCase(string name, VerifyTarget target, TsigKey[] keys, TimeProvider time)
    {
        (Name, this.target, this.keys, this.time) = (name, target, keys, time);
        Zone = DnsName.TryParse(name, out var zone) ? zone : default;
        intake = new ZoneIntake(new Primaries(target.From, keys, time), target.Limits);
        passed = new LastPassed(target.Folder);
        Version = ZoneVersion.Nothing(Zone);
        if (target.Brake is not { } limit)
            return;
        if (passed.Read(Zone, out var why) is { } last)
            brake = new SizeBrake(last.Numbers, last.Serial, limit);
        Trouble = why;
    }

    /// <summary>Who may get and judge versions: the source's own look, or a gate.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public void Dispose() => Turn.Dispose();

    /// <summary>As the machine calls it.</summary>
    public string Name { get; }

    public DnsName Zone { get; }

    /// <summary>The version that is held; none: it is transferred whole.</summary>
    public ZoneVersion Version { get; private set; }

    /// <summary>The last verdict; null: none yet.</summary>
    public VerifyReport? Report { get; private set; }

    /// <summary>Seconds until the first signature of the last version ends; null: that is not known.</summary>
    public long? Left { get; private set; }

    /// <summary>The version is signed.</summary>
    public bool Signed { get; private set; }

    /// <summary>Why it could not be had, or what it was compared with could not be kept; null: nothing is in the way.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The last version that was judged before it was served did not pass: which, and why. Null: it did.</summary>
    public string? KeptOut { get; private set; }

    /// <summary>The serial that it was last looked for: told by whoever hears of serials.</summary>
    public uint? Heard { get; set; }

    public At NextLook { get; set; }

    /// <summary>When it was last judged.</summary>
    public At JudgedAt { get; private set; }

    /// <summary>Who it was had from.</summary>
    public IPAddress? From { get; private set; }

    /// <summary>Gets what is new, without judging it. Null: it could not be had; <see cref="Trouble"/> says why.</summary>
    public async Task<ZoneTaken?> TakeAsync(CancellationToken stop)
    {
        var taken = await intake.RunAsync(coming ?? Version, stop).ConfigureAwait(false);
        if (coming is not null && taken.Version is null)
            taken = await intake.RunAsync(Version, stop).ConfigureAwait(false);
        coming = null;
        if (taken.Version is null)
        {
            Trouble = taken.Round.Why;
            return null;
        }

        From = taken.Round.By.Address.Address;
        Trouble = null;
        return taken;
    }

    /// <summary>Gets a version that is not served yet from where it waits. It is made of the one that is held where that is told, and judged by what changed in any case.</summary>
    public async Task<ZoneTaken> TakeComingAsync(IPEndPoint at, CancellationToken stop)
    {
        var primary = target.From[0] with { Address = at, Tls = null };
        return await new ZoneIntake(new Primaries([primary], keys, time), target.Limits).RunAsync(Version, stop).ConfigureAwait(false);
    }

    /// <summary>Judges a version that is not served yet. It takes long, and the thread.</summary>
    public VerifyReport JudgeComing(ZoneVersion version, CancellationToken stop)
    {
        var (verdict, report) = Run(version, stop);
        KeptOut = verdict.Passes ? null : $"{WordsOf(report)}, was kept out";
        if (!verdict.Passes)
            return report;
        (coming, precedent) = (version, verdict.Precedent);
        if (target.Brake is { } limit)
            brake = new SizeBrake(report.Numbers, report.Serial, limit);
        return report;
    }

    /// <summary>Judges a version that is served, and holds it. It takes long, and the thread.</summary>
    public void Judge(ZoneVersion version, At now, CancellationToken stop)
    {
        var (verdict, report) = Run(version, stop);
        var news = Report?.Serial != report.Serial;
        if (news)
            KeptOut = null;
        (Version, precedent, JudgedAt, Report) = (version, verdict.Precedent, now, report);
        Signed = version.ApexNode is { IsNone: false } apex && apex.Has(DnsType.Dnskey);
        Left = verdict.Findings.Count(ZoneFault.SignatureExpired) > 0 ? 0 : Report.Earliest?.SecondsLeft;
        if (verdict.Passes && target.Brake is not null && (news || brake is null))
            Accept();
    }

    (ZoneVerdict Verdict, VerifyReport Report) Run(ZoneVersion version, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var options = target.Options with { Now = time.GetUtcNow().ToUnixTimeSeconds(), Brake = brake, Canaries = [.. target.Options.Canaries.Where(c => c.IsWithin(Zone))] };
        var verdict = ZoneVerifier.Run(version, options, version.Intake, target.Threads, null, stop, precedent);
        return (verdict, VerifyReport.Of(verdict, time.GetElapsedTime(began)));
    }

    /// <summary>The size of the version that was judged last is what the next is compared with. Null: it is; else why it could not be written.</summary>
    public string? Accept()
    {
        if (target.Brake is not { } limit || Report is not { } report)
            return null;
        brake = new SizeBrake(report.Numbers, report.Serial, limit);
        return Trouble = passed.Write(Zone, report);
    }

    /// <summary>The version is not held any longer.</summary>
    public void LetGo() => (Version, precedent) = (ZoneVersion.Nothing(Zone), null);

    /// <summary>The last version: what is wrong with it, or which of its signatures ends first; and the one that was kept out since. One terminal-safe line.</summary>
    public string Words() => KeptOut is null ? WordsOf(Report!) : $"{WordsOf(Report!)}; {KeptOut}";

    public static string WordsOf(VerifyReport report)
    {
        const int Few = 3;
        var serial = string.Create(CultureInfo.InvariantCulture, $"serial {report.Serial}");
        var errors = report.Findings.Where(f => f.Severity == Severity.Error).ToList();
        if (errors.Count == 0)
            return report.Earliest is { } first ? $"{serial}, first to expire: {first.Owner} {first.Type}" : serial;
        var words = errors.Take(Few).Select(f => f.First.Count == 0 ? f.Fault : $"{f.Fault} at {f.First[0].Owner}{(f.First[0].Type is { } type ? " " + type : "")} ({f.First[0].Why}{(f.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"; {f.Count - 1} more") : "")})");
        return $"{serial}: {string.Join(", ", words)}{(errors.Count > Few ? $", and {Core.Words.Count(errors.Count - Few, "other fault")}" : "")}";
    }
}
