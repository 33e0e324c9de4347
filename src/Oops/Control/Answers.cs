using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Oops.Core;
using Oops.Engine;
using Oops.Journal;
using Oops.Reports;

namespace Oops.Control;

/// <summary>GET /status. Each answer is one object with `v`; keys never change their meaning, new ones may come.</summary>
internal sealed record StatusAnswer(
    int V, string Version, Mode Mode, string Site, string ConfigHash, DateTimeOffset Now, DateTimeOffset Started, string? Journal,
    ImmutableArray<RouteReport> Routes, ImmutableArray<ServerReport> Servers, ImmutableArray<ChannelReport> Channels, ImmutableArray<AlarmReport> Alarms,
    ImmutableArray<string> People, ImmutableArray<string> NotMonitored, string? PendingReload, ImmutableArray<CountAnswer> Counts)
{
    /// <summary>BGP sessions of our own.</summary>
    public ImmutableArray<SessionReport> Sessions { get; set; } = [];

    /// <summary>The path of the config that was read; null: an older oops, which does not say it.</summary>
    public string? ConfigFile { get; set; }
}

/// <summary>Something that was counted since the start and is not zero. <paramref name="By"/>: a source, `engine`, or `shed`.</summary>
internal sealed record CountAnswer(string By, string Name, long Value);

/// <summary>GET /zones?server=&amp;zone=&amp;state=&amp;limit=. <paramref name="Total"/>: how many match; the list may be cut.</summary>
internal sealed record ZonesAnswer(int V, int Total, ImmutableArray<ZoneReport> Zones);

/// <summary>GET /explain/ID: exactly one of the subjects is set.</summary>
internal sealed record ExplainAnswer(int V, string Id)
{
    public RouteReport? Route { get; set; }

    public ConditionReport? Condition { get; set; }

    public ServerReport? Server { get; set; }

    public ZoneReport? Zone { get; set; }

    public ActionAnswer? Action { get; set; }

    public RuleAnswer? Rule { get; set; }

    public AlarmReport? Alarm { get; set; }

    /// <summary>Of an action, or of the one that a route goes via: its BGP sessions, if it has any of its own.</summary>
    public ImmutableArray<SessionReport> Sessions { get; set; } = [];

    /// <summary>The last lines of its history, oldest first.</summary>
    public ImmutableArray<Decision> History { get; set; } = [];
}

internal sealed record ActionAnswer(string Name, int Waiting, ImmutableArray<string> Routes)
{
    /// <summary>Where its peers may connect to it.</summary>
    public ImmutableArray<ListenReport> Listening { get; set; } = [];
}

/// <param name="Index">From 0, as in `rule/0`: the first rule of the config.</param>
/// <param name="On">The condition.</param>
/// <param name="States">Those that fire it; none: it fires on each new value.</param>
/// <param name="Zones">Which zones; null: the condition is one of servers.</param>
/// <param name="Servers">Which servers; none: every one.</param>
/// <param name="Run">The actions.</param>
internal sealed record RuleAnswer(int Index, string On, ImmutableArray<string> States, string? Zones, ImmutableArray<string> Servers, ImmutableArray<string> Run);

internal sealed record HistoryAnswer(int V, ImmutableArray<Decision> History);

/// <summary>GET /reports?by=&amp;zone=&amp;code=&amp;since=&amp;sort=&amp;limit=&amp;after=. <paramref name="Total"/>: how many there are, where they are counted. <paramref name="Next"/>: the `after` with which the changes from here on are asked for.</summary>
internal sealed record ReportsAnswer(int V, long? Total, long Next, ImmutableArray<StoredReport> Reports);

/// <summary>One line of GET /watch (server-sent events, one JSON object per event).</summary>
internal sealed record WatchLine(int V, Decision Decision, long Missed);

/// <summary>POST of any writing verb. What a verb does not need is left out.</summary>
internal sealed record VerbRequest
{
    public string? Condition { get; set; }

    /// <summary>`ns1` or `ns1/nl`.</summary>
    public string? Subject { get; set; }

    public string? State { get; set; }

    /// <summary>Seconds.</summary>
    public double? For { get; set; }

    public string? Reason { get; set; }

    /// <summary>Empty or absent, or the one word `all`: all. A drain wants the word.</summary>
    public ImmutableArray<string>? Routes { get; set; }

    public string? Server { get; set; }

    public bool? UntilStarted { get; set; }

    public bool? Force { get; set; }

    /// <summary>Drain: answer only when the routes are withdrawn and read back, at most so many seconds.</summary>
    public double? Wait { get; set; }

    public string? Prefix { get; set; }

    /// <summary>Reload: take the new config even if decisions differ.</summary>
    public bool? Confirm { get; set; }

    /// <summary>Accept: which version of the zone is meant.</summary>
    public uint? Serial { get; set; }

    /// <summary>Signal: `key=value` in words.</summary>
    public string? Detail { get; set; }

    /// <summary>Override: end it.</summary>
    public bool? End { get; set; }
}

/// <summary>What became of a verb. <paramref name="Exit"/>: 0 done and confirmed, 1 failed or not found, 2 usage or config, 3 timed out, 4 refused, 5 only observed.</summary>
internal sealed record VerbAnswer(int V, int Exit, string Text, ImmutableArray<string> Lines)
{
    /// <summary>A name that is not there: for HTTP another failure than the daemon's own.</summary>
    [JsonIgnore]
    public bool Missing { get; init; }

    public static VerbAnswer Done(string text, params ReadOnlySpan<string> lines) => new(1, 0, text, [.. lines]);

    public static VerbAnswer Failed(string text, params ReadOnlySpan<string> lines) => new(1, 1, text, [.. lines]);

    public static VerbAnswer NotFound(string text) => new(1, 1, text, []) { Missing = true };

    public static VerbAnswer Usage(string text, params ReadOnlySpan<string> lines) => new(1, 2, text, [.. lines]);

    public static VerbAnswer TimedOut(string text, params ReadOnlySpan<string> lines) => new(1, 3, text, [.. lines]);

    public static VerbAnswer Refused(string text, params ReadOnlySpan<string> lines) => new(1, 4, text, [.. lines]);

    public static VerbAnswer Of(Engine.NotKept why, params ReadOnlySpan<string> lines) => why.Refused ? Refused(why.Why, lines) : Failed(why.Why, lines);

    public static VerbAnswer Observed(string text, params ReadOnlySpan<string> lines) => new(1, 5, text, [.. lines]);
}

internal sealed record ErrorAnswer(int V, string Error);
