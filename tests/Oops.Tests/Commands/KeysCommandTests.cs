using System.Text.Json;
using Oops.Commands;
using Oops.Control;
using Oops.Keys;
using Oops.Tests.Keys;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class KeysCommandTests
{
    static readonly KeyData Old = Made.Key("old"), New = Made.Key("new");

    static KeyZoneAnswer Answer(bool log)
    {
        var known = new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Old), Made.Ds(Old)), out _).Take(Made.Look(Made.Start.AddDays(2), Made.Set(New), Made.Ds(Old)), out _);
        return KeysApi.Answer(new("ns1", "d1.test", known), TimeSpan.Zero, log, Made.Start.AddDays(2));
    }

    [Fact]
    public void Keys_are_lines_as_key_listen_wrote_them_and_what_does_not_fit_is_a_remark()
    {
        var lines = KeysCommand.Lines(Answer(log: false), several: false, log: false).ToArray();
        Assert.Equal($"d1.test. 3600 IN DNSKEY {New.Text} ; Key-ID {New.Tag}", lines[0]);
        Assert.Equal($"d1.test. 86400 IN DS {Old.Ds(Made.Zone).Text}", lines[1]);
        Assert.Equal("; looked 2026-01-03T00:00:00Z", lines[2]);
        Assert.StartsWith("; fails: the DS (", lines[3], StringComparison.Ordinal);
        Assert.All(lines[3..], l => Assert.StartsWith("; ", l, StringComparison.Ordinal));
    }

    [Fact]
    public void The_log_has_every_key_with_its_life()
    {
        var lines = KeysCommand.Lines(Answer(log: true), several: true, log: true).ToArray();
        Assert.Equal("; d1.test at ns1", lines[0]);
        Assert.Equal($"d1.test. 3600 IN DNSKEY {Old.Text} ; Key-ID {Old.Tag}, gone, missing since 2026-01-03T00:00:00Z, first seen 2026-01-01T00:00:00Z, last seen 2026-01-01T00:00:00Z", lines[1]);
        Assert.EndsWith($"; Key-ID {New.Tag}, there, add-pend since 2026-01-03T00:00:00Z, first seen 2026-01-03T00:00:00Z, last seen 2026-01-03T00:00:00Z", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_was_judged_nothing_fits()
    {
        static string Fit(ZoneKeys keys, double hours) => KeysCommand.Fit(KeysApi.Answer(new("ns1", "d1.test", keys), TimeSpan.Zero, log: false, Made.Start.AddHours(hours)));
        Assert.Equal("unknown", Fit(new(), 0));
        Assert.Equal("note: the parent was never heard: 198.51.100.1: no answer", Fit(new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Old)), out _), 0));
        // The name is mistyped.
        Assert.Equal("note: 192.0.2.1 was never heard: no answer", Fit(new ZoneKeys().Take(Made.Look(Made.Start, null, Made.Ds(Old)), out _), 0));
        var known = new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Old), Made.Ds(Old)), out _) with { Stands = TimeSpan.FromHours(3) };
        Assert.Equal("fits", Fit(known, 3));
        Assert.StartsWith("note: 192.0.2.1 was not heard since", Fit(known, 4), StringComparison.Ordinal);
        Assert.False(KeysApi.Answer(new("ns1", "d1.test", known), TimeSpan.Zero, log: false, Made.Start.AddHours(4)).DelegationJudged);
    }

    [Fact]
    public void Of_a_zone_that_is_not_watched_any_more_nothing_is_judged_and_it_is_said()
    {
        var known = new ZoneKeys().Take(Made.Look(Made.Start, Made.Set(Old), Made.Ds(New)), out _);
        var answer = KeysApi.Answer(new("ns1", "d1.test", known), null, log: false, Made.Start);
        Assert.Equal((false, false, 0), (answer.Watched, answer.DelegationJudged, answer.Findings.Length));
        Assert.Equal("; not watched any more: as it was at 2026-01-01T00:00:00Z", KeysCommand.Lines(answer, several: false, log: false).First());
    }

    [Fact]
    public void A_list_that_is_cut_says_of_how_many()
    {
        Assert.Null(KeysCommand.Cut(new(1, 1, [Answer(log: false)])));
        Assert.Equal("1 of 20000 zones; name one, or a server (--server)", KeysCommand.Cut(new(1, 20_000, [Answer(log: false)])));
    }

    [Fact]
    public void The_JSON_keeps_its_contract()
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(new KeysAnswer(1, 1, [Answer(log: true)]), ControlJson.Default.KeysAnswer));
        var zone = json.RootElement.GetProperty("zones")[0];
        Assert.Equal(["server", "zone", "watched", "looked", "delegation_judged", "keys", "ds", "servers", "findings"], zone.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["tag", "flags", "algorithm", "sep", "revoked", "state", "since", "first", "last", "gone", "line"], zone.GetProperty("keys")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(("ds-without-key", "fails"), (zone.GetProperty("findings")[0].GetProperty("kind").GetString(), zone.GetProperty("findings")[0].GetProperty("severity").GetString()));
    }
}
