using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Sources.Verify;

/// <summary>One zone: the version that was judged last, and what came of it. It is small, for there may be a million of them; what they have in common is the desk's.</summary>
internal sealed class ZoneCase(string name, ZoneDesk desk)
{
    /// <summary>Octets of objects that a held version, and a precedent with each of its pages, take beside those of the records.</summary>
    const int VersionOctets = 400, PrecedentOctets = 2500, PageOctets = 600;

    const sbyte NotAwaited = -1, MostAsked = 9;

    readonly VerifyTarget target = desk.Target;
    Kept? kept;
    Precedent? precedent;
    SizeBrake? brake;

    // Octets of pages that only the precedent has: it is of a version that waited at a gate.
    long beside;

    // What passed last has been looked for.
    bool measured;

    // The serial that was last told of; and the trouble that was.
    uint? heard;
    string? told;

    // Why what passed last could not be read, which a person has to mend; and why it could not be written, which is tried with the next version.
    string? unread, unwritten;

    // The version that was kept out last: what a person may accept.
    VerifyReport? refused;

    // The last serial that was judged before it was served; and how often it has been asked for since it was let in, or that nobody waits for it.
    uint? came;
    sbyte asked = NotAwaited;

    // Seconds since 1970: when the last verdict was made.
    long madeAt;

    // Seconds since 1970: when the first signature of the served version ends; null: that is not known.
    long? ends;

    // The first moment at which its verdict may be another one without a change; the same.
    long until = long.MaxValue;

    /// <summary>Faults that a wrong clock makes.</summary>
    static readonly string[] Timely = [ZoneFaults.Of(ZoneFault.SignatureExpired).Name, ZoneFaults.Of(ZoneFault.SignatureNotYet).Name];

    /// <summary>As the machine calls it.</summary>
    public string Name => name;

    public DnsName Zone => DnsName.TryParse(name, out var zone) ? zone : default;

    /// <summary>The version that is held; none: it is transferred whole.</summary>
    public ZoneVersion Version => kept is { } had ? new ZoneVersion(Zone, had.Names, had.Hashes, had.Records, had.Intake ?? new()) : ZoneVersion.Nothing(Zone);

    /// <summary>Octets of memory that what is held of it takes.</summary>
    public long Weight => (kept is { } had ? had.Names.Octets + had.Hashes.Octets + VersionOctets : 0) + (precedent is { } last ? PrecedentOctets + (PageOctets * Pages(last.Zone)) + beside : 0);

    /// <summary>Octets of the last version, held or not.</summary>
    public long LastOctets { get; private set; }

    /// <summary>What <see cref="HeldVersions"/> counts of it.</summary>
    public long Counted { get; set; }

    public bool CountedFailing { get; set; }

    /// <summary>The version that is served does not pass.</summary>
    public bool Fails => Report is { Pass: false };

    /// <summary>The last verdict; null: none yet.</summary>
    public VerifyReport? Report { get; private set; }

    /// <summary>The same for somebody who reads it now: it tells when it was made.</summary>
    public VerifyReport? ReportNow => Report?.AsOf(desk.Time.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(madeAt));

    /// <summary>Seconds until the first signature of the last version ends, 0 for one that has; null: that is not known.</summary>
    public long? Left => ends is { } end ? Math.Max(0, end - desk.Time.GetUtcNow().ToUnixTimeSeconds()) : null;

    /// <summary>How long the verdict stands without a change of the zone.</summary>
    public TimeSpan Stands => until == long.MaxValue ? TimeSpan.MaxValue : TimeSpan.FromSeconds(Math.Clamp(until - desk.Time.GetUtcNow().ToUnixTimeSeconds(), 0, int.MaxValue));

    /// <summary>Somebody told of a newer serial than the one that was had.</summary>
    public bool IsBehind => heard is { } newest && Report?.Serial is { } had && Serial.IsNewer(newest, had);

    /// <summary>The version is signed.</summary>
    public bool Signed { get; private set; }

    /// <summary>Why it could not be had; null: it could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The last version that was judged before it was served did not pass: which, and why. Null: it did.</summary>
    public string? KeptOut { get; private set; }

    /// <summary>When it is to be looked at; never: it is being looked at, or is not among the zones any more. Set by <see cref="LookSchedule"/> alone.</summary>
    public At NextLook { get; set; } = At.Never;

    /// <summary>It waits among those of which somebody told a new serial.</summary>
    public bool IsNews { get; set; }

    /// <summary>It is being looked at; and what came meanwhile: that it is to be looked at, or that there is a serial that it may not have.</summary>
    public bool IsLooked { get; set; }

    public bool IsAgain { get; set; }

    public bool IsHeard { get; set; }

    /// <summary>It is not among those that are judged any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>When it was last judged.</summary>
    public At JudgedAt { get; private set; }

    /// <summary>Who it was had from.</summary>
    public IPAddress? From { get; private set; }

    /// <summary>Takes what is told of its serial. True: it is one that was not heard of, and not the one that was judged.</summary>
    public bool Hear(uint? serial)
    {
        if (serial is null || serial == heard)
            return false;
        heard = serial;
        return IsUnjudged;
    }

    /// <summary>The serial that was last told of is not the one that was judged.</summary>
    public bool IsUnjudged => heard is not null && Report?.Serial != heard;

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
        var began = desk.Time.GetTimestamp();
        var taken = await new ZoneIntake(desk.Primaries!, target.Limits).RunAsync(Version, stop).ConfigureAwait(false);
        // What is served is the truth, also if it went back: but not one that is behind, where another could not be asked.
        if ((taken.Round.Result.Outcome == TransferOutcome.Older && taken.Round.All.All(static a => a.Result.Ok || a.Result.Outcome == TransferOutcome.Older)) || IsUnclear(taken))
            taken = await new ZoneIntake(desk.Primaries!, target.Limits with { Total = Rest(began) }).RunAsync(ZoneVersion.Nothing(Zone), stop).ConfigureAwait(false);
        if (taken.Version is null)
        {
            Trouble = taken.Round.Why;
            return null;
        }

        From = taken.Round.By.Address.Address;
        (Trouble, told) = (null, null);
        return taken;
    }

    /// <summary>What was wrong with records on their way is looked at anew, for differences do not tell that it was mended.</summary>
    static bool IsUnclear(ZoneTaken taken) => taken.Round.Result.Outcome == TransferOutcome.Differences && taken.Faults.All.Count > 0;

    /// <summary>Gets a version that is not served yet from where it waits. It is made of the one that is held where that is told, and judged by what changed in any case.</summary>
    public async Task<ZoneTaken> TakeComingAsync(IPEndPoint at, CancellationToken stop)
    {
        var began = desk.Time.GetTimestamp();
        var primaries = new Primaries([target.From[0] with { Address = at, Tls = null }], desk.Keys!, desk.Time);
        var taken = await new ZoneIntake(primaries, target.Limits).RunAsync(Version, stop).ConfigureAwait(false);
        // The same serial is not yet the same zone, and an older one may be what is wanted.
        return taken.Round.Result.Outcome is TransferOutcome.UpToDate or TransferOutcome.Older || IsUnclear(taken) ? await new ZoneIntake(primaries, target.Limits with { Total = Rest(began) }).RunAsync(ZoneVersion.Nothing(Zone), stop).ConfigureAwait(false) : taken;
    }

    /// <summary>Judges a version that is not served yet. It takes long, and the thread. Null: nothing speaks against it but times, and the clock is not to be trusted.</summary>
    public VerifyReport? JudgeComing(ZoneVersion version, int threads, CancellationToken stop)
    {
        var (verdict, report) = Run(version, threads, stop);
        if (!verdict.Passes && !target.IsClockTrusted() && report.Findings.All(static f => f.Severity != Severity.Error || Timely.Contains(f.Fault)))
            return null;
        (KeptOut, refused) = verdict.Passes ? (null, null) : ($"{WordsOf(report)}, was kept out", report);
        // What is served next is most likely this one: its signatures need not be checked again.
        if (verdict.Passes && verdict.Precedent is { } coming)
            (precedent, beside) = (coming, Beside(version));
        return report;
    }

    /// <summary>Takes what was found of a version before it was served: one that passes is awaited, but not where each look would transfer all of the zone. True: it is not the one that this was found of before.</summary>
    public bool Came(VerifyReport coming)
    {
        var another = coming.Serial != came;
        came = coming.Serial;
        asked = coming.Pass && coming.Serial != Report?.Serial && (Report is null || !IsLetGo) ? (sbyte)0 : NotAwaited;
        return another;
    }

    /// <summary>It was let in, and is not known to be served yet.</summary>
    public bool IsAwaited => asked != NotAwaited;

    /// <summary>After how long it is asked for again whether the version that was let in is served; null: it is not awaited any more, or there is something to judge.</summary>
    /// <param name="same">What is served is what was judged last, or could not be had.</param>
    public TimeSpan? NextAwaited(bool same)
    {
        if (!same || asked is NotAwaited or MostAsked || Stands <= TimeSpan.Zero)
        {
            asked = NotAwaited;
            return null;
        }

        return TimeSpan.FromMilliseconds(250 << asked++);
    }

    /// <summary>Octets of a version that are not shared with the one that is held.</summary>
    public long Beside(ZoneVersion version) => kept is { } had
        ? TreeDifference.Without(version.Names, had.Names).Concat(TreeDifference.Without(version.Hashes, had.Hashes)).Sum(static p => (long)p.Length)
        : version.Octets;

    TimeSpan Rest(long began)
    {
        var left = target.Limits.Total - desk.Time.GetElapsedTime(began);
        return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>What was told of a version that waited and was not judged.</summary>
    public void NotJudged(string words) => KeptOut = words;

    /// <summary>Judges a version that is served, and holds it. It takes long, and the thread.</summary>
    public void Judge(ZoneVersion version, At now, CancellationToken stop)
    {
        var (verdict, report) = Run(version, target.Threads, stop);
        var news = Report?.Serial != report.Serial;
        if (news)
            (KeptOut, refused) = (null, null);
        (kept, precedent, beside) = (Kept.Of(version), verdict.Precedent, 0);
        (JudgedAt, Report, LastOctets, Signed) = (now, report, version.Octets, IsSigned(version));
        madeAt = verdict.Options.Now;
        ends = verdict.Findings.Count(ZoneFault.SignatureExpired) > 0 ? 0 : verdict.Earliest?.Expires;
        until = verdict.Until;
        if (verdict.Passes && target.Brake is not null && (news || brake is null) && unread is null)
            Measure(report);
    }

    (ZoneVerdict Verdict, VerifyReport Report) Run(ZoneVersion version, int threads, CancellationToken stop)
    {
        MeasureLast();
        var began = desk.Time.GetTimestamp();
        // Of a page without signatures everything is as well judged again.
        var options = target.Options with { Now = desk.Time.GetUtcNow().ToUnixTimeSeconds(), Brake = BrakeFor(version), Keep = target.Options.Keep && (Pages(version) > 1 || IsSigned(version)) };
        var verdict = ZoneVerifier.Run(version, options, version.Intake, threads, null, stop, precedent);
        var report = VerifyReport.Of(verdict, desk.Time.GetElapsedTime(began));
        return (verdict, report with { Zone = name, Findings = report.Findings.Count == 0 ? [] : report.Findings });
    }

    /// <summary>What passed and is served yet is not told to be wrong because a person has accepted the size of the next.</summary>
    SizeBrake? BrakeFor(ZoneVersion version) =>
        brake is { } accepted && Report is { Pass: true } served && served.Serial == version.Soa?.Serial && served.Serial != accepted.Serial ? new SizeBrake(served.Numbers, served.Serial, accepted.Limit) : brake;

    static int Pages(ZoneVersion version) => version.Names.Pages.Length + version.Hashes.Pages.Length;

    static bool IsSigned(ZoneVersion version) => version.ApexNode is { IsNone: false } apex && apex.Has(DnsType.Dnskey);

    void MeasureLast()
    {
        if (measured || target.Brake is not { } limit)
            return;
        measured = true;
        if (desk.Passed.Read(Zone, out unread) is { } last)
            brake = new SizeBrake(last.Numbers, last.Serial, limit);
    }

    /// <summary>A person's word: the size of the version that was kept out, or else of the one that is served, is what the next is compared with. Only if that is the one that the person has looked at.</summary>
    public Acceptance Accept(uint? serial)
    {
        var report = refused ?? Report!;
        var acceptance = new Acceptance { Serial = report.Serial, Words = $"{WordsOf(report)}, {(refused is null ? "is served" : "was kept out")}" };
        if (!SizeJudge.Finds(report))
            return acceptance with { Why = $"{Name}: {acceptance.Words}: its size is not what is wrong" };
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
        (brake, measured) = (new SizeBrake(report.Numbers, report.Serial, limit), true);
        unwritten = desk.Passed.Write(Zone, report);
    }

    /// <summary>A version was judged, served or not: there is something that a person can accept.</summary>
    public bool IsJudged => Report is not null || refused is not null;

    /// <summary>The version is not held any longer.</summary>
    public void LetGo() => (kept, precedent) = (null, null);

    /// <summary>Nothing is held: what cannot be had anew cannot be judged anew.</summary>
    public bool IsLetGo => kept is null;

    /// <summary>The last version: what is wrong with it, or which of its signatures ends first; and the one that was kept out since. One terminal-safe line.</summary>
    public string Words() => $"{WordsOf(Report!)}{(KeptOut is null ? "" : $"; {KeptOut}")}{((unread ?? unwritten) is { } why ? $"; the size is not compared as it should be: {why}" : "")}";

    public static string WordsOf(VerifyReport report)
    {
        const int Few = 3;
        var serial = string.Create(CultureInfo.InvariantCulture, $"serial {report.Serial}");
        var errors = report.Findings.Where(f => f.Severity == Severity.Error).ToList();
        if (errors.Count == 0)
            return report.Earliest is { } first ? string.Create(CultureInfo.InvariantCulture, $"{serial}, first to expire: {first.Owner} {first.Type} at {first.Expires:yyyy-MM-dd HH:mm:ss'Z'}") : serial;
        var words = errors.Take(Few).Select(f => f.First.Count == 0 ? f.Fault : $"{f.Fault} at {f.First[0].Owner}{(f.First[0].Type is { } type ? " " + type : "")} ({f.First[0].Why}{(f.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"; {f.Count - 1} more") : "")})");
        return $"{serial}: {string.Join(", ", words)}{(errors.Count > Few ? $", and {Core.Words.Count(errors.Count - Few, "other fault")}" : "")}";
    }

    /// <summary>The parts of a version, which make one when it is asked for: its name and an empty list of faults would be most of a small one.</summary>
    sealed record Kept(ZoneTree Names, ZoneTree Hashes, long Records, IntakeFaults? Intake)
    {
        public static Kept Of(ZoneVersion version) =>
            new(version.Names, version.Hashes.Nodes == 0 ? ZoneTree.Empty : version.Hashes, version.Records, version.Intake.All.Count == 0 ? null : version.Intake);
    }
}
