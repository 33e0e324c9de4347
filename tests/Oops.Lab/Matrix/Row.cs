namespace Oops.Lab.Matrix;

/// <summary>One condition of the matrix.</summary>
/// <param name="Id">Its name here, as in `ONLY=ID make matrix`.</param>
/// <param name="Kind">The kind of condition, as the config has it.</param>
/// <param name="Title">For the page.</param>
/// <param name="Met">The moment from which is counted how long it takes to be met.</param>
/// <param name="Ended">The same for its end; null: of a level that is told anew each time, and has none.</param>
internal sealed record Row(string Id, string Kind, string Title, string Met, string? Ended);

/// <summary>All that the draft has and what goes beyond it without reading a zone's contents, in the order of the page.</summary>
internal static class Rows
{
    public const string Running = "running", Stopping = "shutting-down", Crashed = "crashed", Hung = "hung", Ready = "zone-ready", AllReady = "all-zones-ready", Ixfr = "updated-ixfr", Axfr = "updated-axfr",
        NotRefreshed = "not-refreshed", Expiring = "expiring", Expired = "expired", Stale = "stale", Signatures = "signatures", RateHigh = "rate-high", RateRising = "rate-rising", Errors = "extended-error",
        Invalid = "zone-invalid", Keys = "keys-changed", Backends = "backends";

    public static IReadOnlyList<Row> All { get; } =
    [
        new(Running, "server-running", "runs and answers", "its first answer", "kill -9"),
        new(Stopping, "server-shutting-down", "is shutting down", "SIGTERM, or `systemctl stop`", "its first answer after the next start"),
        new(Crashed, "server-crashed", "has crashed", "kill -9", "its first answer after the next start"),
        new(Hung, "server-down", "hangs", "SIGSTOP", "SIGCONT"),
        new(Ready, "zone-ready", "a zone is ready", "its first authoritative answer for the zone", "its first answer that it does not have the zone"),
        new(AllReady, "all-zones-ready", "all of 1,000 zones are ready", "the last zone's first authoritative answer", "its first answer that it does not have one of them"),
        new(Ixfr, "zone-updated", "a zone was updated by IXFR", "its first answer with the new serial", null),
        new(Axfr, "zone-updated", "a zone was updated by AXFR", "its first answer with the new serial", null),
        new(NotRefreshed, "zone-not-refreshed", "a zone could not be refreshed", "the primary's end, up to a refresh interval before the attempt that fails", "the first answer with the new serial of a primary that is back"),
        new(Expiring, "zone-expiring", "a zone expires soon", "4 s (NSD: 24 s) before its first answer that the zone has expired", "its first authoritative answer for the zone"),
        new(Expired, "zone-expiring", "a zone has expired", "its first answer that it has", "its first authoritative answer for the zone"),
        new(Stale, "zone-stale", "a zone is behind its primary by 1 s", "1 s after the primary's first answer with a new serial that it does not give away", "its first answer with that serial"),
        new(Signatures, "signatures-expiring", "the SOA's signature ends within 30 s", "30 s before it ends", "its first answer with a new signature"),
        new(RateHigh, "query-rate-high", "more than 500 queries per second", "the flood's begin", "the flood's end"),
        new(RateRising, "query-rate-rising", "their rate rises by more than 50 per second, each second", "the flood's begin", "the flood's end"),
        new(Errors, "extended-error", "more than 5 Extended DNS Errors per second", "the first of the lookups", "their end"),
        new(Invalid, "zone-invalid", "the server finds a zone invalid", "the primary's first answer with that zone's serial", "its first answer with the serial of a valid one"),
        new(Keys, "keys-changed", "a zone has new keys", "the command that makes one", null),
        new(Backends, "external", "none of its backends is up", "SIGSTOP of the only one", "SIGCONT"),
    ];

    /// <summary>Why a server without zones has none of their conditions.</summary>
    public static IReadOnlyDictionary<string, string> WithoutZones { get; } =
        new[] { Ready, AllReady, Ixfr, Axfr, NotRefreshed, Expiring, Expired, Stale, Signatures, Invalid, Keys }.ToDictionary(r => r, _ => "it has no zones");
}
