using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>One zone: the version that was judged last, and what came of it. Its methods are called by who has the <see cref="Turn"/>.</summary>
internal sealed class ZoneCase
{
    readonly VerifyTarget target;
    readonly ZoneIntake intake;
    readonly LastPassed passed;
    readonly TsigKey[] keys;
    readonly TimeProvider time;
    Precedent? precedent;
    SizeBrake? brake;

    // The serial that was last told of; and the trouble that was.
    uint? heard;
    string? told;

    // Why what passed last could not be read, which a person has to mend; and why it could not be written, which is tried with the next version.
    string? unread, unwritten;

    // The version that was kept out last: what a person may accept.
    VerifyReport? refused;

    // Seconds since 1970: when the first signature of the served version ends; null: that is not known.
    long? ends;

    // The first moment at which its verdict may be another one without a change; the same.
    long until = long.MaxValue;

    /// <summary>Faults that a wrong clock makes.</summary>
    static readonly string[] Timely = [ZoneFaults.Of(ZoneFault.SignatureExpired).Name, ZoneFaults.Of(ZoneFault.SignatureNotYet).Name];

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
        unread = why;
    }

    /// <summary>Who may judge versions: the source's own look, or a gate. Nobody waits for it while something is transferred.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>As the machine calls it.</summary>
    public string Name { get; }

    public DnsName Zone { get; }

    /// <summary>The version that is held; none: it is transferred whole.</summary>
    public ZoneVersion Version { get; private set; }

    /// <summary>The last verdict; null: none yet.</summary>
    public VerifyReport? Report { get; private set; }

    /// <summary>Seconds until the first signature of the last version ends, 0 for one that has; null: that is not known.</summary>
    public long? Left => ends is { } end ? Math.Max(0, end - time.GetUtcNow().ToUnixTimeSeconds()) : null;

    /// <summary>How long the verdict stands without a change of the zone.</summary>
    public TimeSpan Stands => until == long.MaxValue ? TimeSpan.MaxValue : TimeSpan.FromSeconds(Math.Clamp(until - time.GetUtcNow().ToUnixTimeSeconds(), 0, int.MaxValue));

    /// <summary>Somebody told of a newer serial than the one that was had.</summary>
    public bool IsBehind => heard is { } newest && Report?.Serial is { } had && Serial.IsNewer(newest, had);

    /// <summary>The version is signed.</summary>
    public bool Signed { get; private set; }

    /// <summary>Why it could not be had; null: it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The last version that was judged before it was served did not pass: which, and why. Null: it did.</summary>
    public string? KeptOut { get; private set; }

    /// <summary>It is to be looked at because somebody told of a new serial.</summary>
    public bool IsNews { get; set; }

    public At NextLook { get; set; }

    /// <summary>When it was last judged.</summary>
    public At JudgedAt { get; private set; }

    /// <summary>Who it was had from.</summary>
    public IPAddress? From { get; private set; }

    /// <summary>Takes what is told of its serial: a new one is looked at now.</summary>
    public void Hear(uint? serial, At now)
    {
        if (serial is null || serial == heard)
            return;
        heard = serial;
        if (Report?.Serial != serial)
            (IsNews, NextLook) = (true, now);
    }

    /// <summary>True once for each trouble: what is said again says nothing.</summary>
    public bool IsTroubleNews()
    {
        var news = Trouble != told;
        told = Trouble;
        return news;
    }

    /// <summary>Gets what is new, without judging it. Null: it could not be had; <see cref="Trouble"/> says why.</summary>
    public async Task<ZoneTaken?> TakeAsync(CancellationToken stop)
    {
        var taken = await intake.RunAsync(Version, stop).ConfigureAwait(false);
        // What is served is the truth, also if it went back; and what was wrong with records on their way is looked at anew, for differences do not tell that it was mended.
        if (taken.Round.Result.Outcome == TransferOutcome.Older || (taken.Round.Result.Outcome == TransferOutcome.Differences && taken.Faults.All.Count > 0))
            taken = await intake.RunAsync(ZoneVersion.Nothing(Zone), stop).ConfigureAwait(false);
        if (taken.Version is null)
        {
            Trouble = taken.Round.Why;
            return null;
        }

        From = taken.Round.By.Address.Address;
        (Trouble, told) = (null, null);
        return taken;
    }

    /// <summary>Gets a version that is not served yet from where it waits. It is made of the one that is held where that is told, and judged by what changed in any case.</summary>
    public async Task<ZoneTaken> TakeComingAsync(IPEndPoint at, CancellationToken stop)
    {
        var waiting = new ZoneIntake(new Primaries([target.From[0] with { Address = at, Tls = null }], keys, time), target.Limits);
        var taken = await waiting.RunAsync(Version, stop).ConfigureAwait(false);
        // The same serial is not yet the same zone, and an older one may be what is wanted.
        return taken.Round.Result.Outcome is TransferOutcome.UpToDate or TransferOutcome.Older ? await waiting.RunAsync(ZoneVersion.Nothing(Zone), stop).ConfigureAwait(false) : taken;
    }

    /// <summary>Judges a version that is not served yet. It takes long, and the thread. Null: nothing speaks against it but times, and the clock is not to be trusted.</summary>
    public VerifyReport? JudgeComing(ZoneVersion version, CancellationToken stop)
    {
        var (verdict, report) = Run(version, stop);
        if (!verdict.Passes && !target.IsClockTrusted() && report.Findings.All(static f => f.Severity != Severity.Error || Timely.Contains(f.Fault)))
            return null;
        (KeptOut, refused) = verdict.Passes ? (null, null) : ($"{WordsOf(report)}, was kept out", report);
        // What is served next is most likely this one: its signatures need not be checked again.
        if (verdict.Passes)
            precedent = verdict.Precedent;
        return report;
    }

    /// <summary>What was told of a version that waited and was not judged.</summary>
    public void NotJudged(string words) => KeptOut = words;

    /// <summary>Judges a version that is served, and holds it. It takes long, and the thread.</summary>
    public void Judge(ZoneVersion version, At now, CancellationToken stop)
    {
        var (verdict, report) = Run(version, stop);
        var news = Report?.Serial != report.Serial;
        if (news)
            (KeptOut, refused) = (null, null);
        (Version, precedent, JudgedAt, Report) = (version, verdict.Precedent, now, report);
        Signed = version.ApexNode is { IsNone: false } apex && apex.Has(DnsType.Dnskey);
        ends = verdict.Findings.Count(ZoneFault.SignatureExpired) > 0 ? 0 : verdict.Earliest?.Expires;
        until = verdict.Until;
        if (verdict.Passes && target.Brake is not null && (news || brake is null) && unread is null)
            Measure(report);
    }

    (ZoneVerdict Verdict, VerifyReport Report) Run(ZoneVersion version, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var options = target.Options with { Now = time.GetUtcNow().ToUnixTimeSeconds(), Brake = brake };
        var verdict = ZoneVerifier.Run(version, options, version.Intake, target.Threads, null, stop, precedent);
        return (verdict, VerifyReport.Of(verdict, time.GetElapsedTime(began)));
    }

    /// <summary>A person's word: the size of the version that was kept out, or else of the one that is served, is what the next is compared with. Only if that is the one that the person has looked at.</summary>
    public Acceptance Accept(uint? serial)
    {
        var report = refused ?? Report!;
        var acceptance = new Acceptance { Serial = report.Serial, Words = $"{WordsOf(report)}, {(refused is null ? "is served" : "was kept out")}" };
        if (serial is null || serial != report.Serial)
            return acceptance;
        unread = null;
        Measure(report);
        return acceptance with { Taken = true, Why = unwritten };
    }

    void Measure(VerifyReport report)
    {
        if (target.Brake is not { } limit)
            return;
        brake = new SizeBrake(report.Numbers, report.Serial, limit);
        unwritten = passed.Write(Zone, report);
    }

    /// <summary>A version was judged, served or not: there is something that a person can accept.</summary>
    public bool IsJudged => Report is not null || refused is not null;

    /// <summary>The version is not held any longer.</summary>
    public void LetGo() => (Version, precedent) = (ZoneVersion.Nothing(Zone), null);

    /// <summary>The last version: what is wrong with it, or which of its signatures ends first; and the one that was kept out since. One terminal-safe line.</summary>
    public string Words() => $"{WordsOf(Report!)}{(KeptOut is null ? "" : $"; {KeptOut}")}{((unread ?? unwritten) is { } why ? $"; the size is not compared as it should be: {why}" : "")}";

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
