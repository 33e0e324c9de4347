using Oops.Actions.Update;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Sync;

public sealed class SyncPlanTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "a A 192.0.2.9", "+a A 192.0.2.9")]
    [InlineData("a A 192.0.2.9", "", "-a A 192.0.2.9")]
    [InlineData("a A 192.0.2.9", "a A 192.0.2.9 | a A 192.0.2.8", "+a A 192.0.2.8")]
    [InlineData("a A 192.0.2.9 | a A 192.0.2.8", "a A 192.0.2.9", "-a A 192.0.2.8")]
    [InlineData("a 60 A 192.0.2.9", "a A 192.0.2.9", "-a A 192.0.2.9 +a A 192.0.2.9")]
    [InlineData("a A 192.0.2.9", "a CNAME b", "-a A 192.0.2.9 +a CNAME b.example.")]
    [InlineData("A MX 1 B", "a MX 1 b", "")]
    [InlineData("* TXT \"a\"", "\\042 TXT \"a\"", "")]
    [InlineData("a TXT \"a\" \"b\"", "a TXT \"ab\"", "-a TXT \"a\" \"b\" +a TXT \"ab\"")]
    [InlineData("a TYPE65280 \\# 1 00", "a TYPE65280 \\# 1 01", "-a TYPE65280 \\# 1 00 +a TYPE65280 \\# 1 01")]
    public void What_differs_is_what_changes(string target, string zone, string changes) => Assert.Equal(changes, Said(Plan(zone, target)));

    [Fact]
    public void What_each_server_makes_itself_is_left_alone()
    {
        var zone = MadeZone.Whole("@ SOA a b 7 1 1 1 1 | @ NS ns7 | @ TYPE65534 \\# 1 00 | a A 192.0.2.1");
        var target = MadeZone.Whole("@ SOA c d 9 2 2 2 2 | @ NS ns8 | @ NS ns9 | @ DNSKEY 257 3 13 AAAA | @ CDS 0 0 0 00 | @ NSEC3PARAM 1 0 0 - | @ ZONEMD 1 1 1 " + new string('0', 96) + " | a A 192.0.2.1 | a NSEC @ A | a RRSIG A 13 2 300 1 1 1 example. AAAA");
        Assert.True(SyncPlan.Of(zone, new TargetZone(target), new MadeTarget(target)).IsSame);
        Assert.Equal("-@ NS ns8.example. -@ NS ns9.example. +@ NS ns7.example.", Said(SyncPlan.Of(zone, new TargetZone(target), new MadeTarget(target) { Scope = new(ApexNs: true) })));
    }

    [Fact]
    public void The_addresses_of_the_servers_that_the_target_keeps_stay()
    {
        var zone = MadeZone.Whole("@ SOA a b 7 1 1 1 1 | @ NS new");
        var target = MadeZone.Whole("@ SOA a b 7 1 1 1 1 | @ NS old | old A 192.0.2.1 | old AAAA 2001:db8::1 | old TXT x | other A 192.0.2.1");
        var plan = SyncPlan.Of(zone, new TargetZone(target), new MadeTarget(target));
        Assert.Equal("-old TXT \"x\" -other A 192.0.2.1", Said(plan));
        Assert.Equal((2, "the target's own NS records need it"), (plan.LeftOutCount, plan.Left[0].Why));
        Assert.Equal(4, SyncPlan.Of(zone, new TargetZone(target), new MadeTarget(target) { Scope = new(ApexNs: true) }).Changes.Count(c => c.Before is not null && c.After is null));
    }

    [Fact]
    public void What_the_target_has_of_its_own_and_what_it_cannot_have_is_told_and_left()
    {
        var (zone, target) = (MadeZone.Of("a A 192.0.2.9 | b LOC 1 N 1 E 1m | c A 192.0.2.9"), MadeZone.Of(""));
        var at = new MadeTarget(target) { Unknown = [DnsType.Aaaa, (DnsType)29] };
        var plan = SyncPlan.Of(zone, new TargetZone(target, new Dictionary<(string, DnsType), string> { [("a.example", DnsType.A)] = "it is an alias" }), at);
        Assert.Equal("+c A 192.0.2.9", Said(plan));
        Assert.Equal(["a.example A: it is an alias", "b.example LOC: made has no such type"], plan.Left.Select(l => $"{l.Owner} {TypeNames.Of(l.Type)}: {l.Why}"));
    }

    [Theory]
    [InlineData("a CNAME b", "a A 192.0.2.1 | a TXT x", "a.example", DnsType.Mx, "Cname: beside MX: its own;A: the CNAME in its place is left out: beside MX: its own;Txt: the CNAME in its place is left out: beside MX: its own")]
    [InlineData("a A 192.0.2.2", "a A 192.0.2.1 | a TXT x", "a.example", DnsType.Mx, "")]
    [InlineData("a A 192.0.2.1 | a TXT x", "", "a.example", DnsType.Cname, "A: beside CNAME: its own;Txt: beside CNAME: its own")]
    [InlineData("a CNAME b", "a A 192.0.2.1", "b.example", DnsType.Mx, "")]
    public void What_a_CNAME_is_to_replace_stays_where_something_of_the_targets_own_keeps_the_CNAME_out(string zone, string target, string owner, DnsType type, string left)
    {
        var there = MadeZone.Of(target);
        var plan = SyncPlan.Of(MadeZone.Of(zone), new TargetZone(there, new Dictionary<(string, DnsType), string> { [(owner, type)] = "its own" }), new MadeTarget(there));
        Assert.Equal(left.Split(';').Where(static l => l.Length > 0).Order(StringComparer.Ordinal), plan.Left.Select(static l => $"{l.Type}: {l.Why}").Order(StringComparer.Ordinal));
        Assert.Equal(left.Length == 0, plan.Changes.Count > 0);
        Assert.Equal(plan.Changes.Count, plan.Creates + plan.Updates + plan.Deletes);
    }

    [Theory]
    [InlineData("a HINFO x y", "Cname: what is to take its place is left out: made has no such type;Hinfo: made has no such type", "")]
    [InlineData("a HINFO x y | a TXT t", "Hinfo: made has no such type", "-a CNAME b.example. +a TXT \"t\"")]
    [InlineData("", "", "-a CNAME b.example.")]
    public void A_CNAME_stays_where_all_that_is_to_take_its_place_is_left_out(string zone, string left, string changes)
    {
        var at = new MadeTarget(MadeZone.Of("a CNAME b")) { Unknown = [DnsType.Hinfo] };
        var plan = SyncPlan.Of(MadeZone.Of(zone), new TargetZone(at.Zone, at.Own), at);
        Assert.Equal(left, string.Join(';', plan.Left.Select(static l => $"{l.Type}: {l.Why}")));
        Assert.Equal(changes, Said(plan));
    }

    [Fact]
    public async Task Whatever_the_two_are_the_changes_in_their_order_make_the_one_of_the_other()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var (zone, target) = (Any(random), Any(random));
            // Small messages, so that names are split, too.
            var at = new MadeTarget(target) { Most = random.Next(2) == 0 ? 400 : 60_000, Scope = new(ApexNs: random.Next(2) == 0) };
            var plan = SyncPlan.Of(zone, new TargetZone(target), at);
            Assert.Null((await at.WriteAsync(plan, [], Stop)).Why);
            var after = SyncPlan.Of(zone, new TargetZone(at.Zone), at);
            Assert.True(after.IsSame, $"seed {seed}: {Said(after)}");
            Assert.All(at.Messages, m => Assert.True(m.Sum(e => e.Size) <= at.Most));
            Assert.Equal(plan.Changes.Sum(c => c.Adds.Count() + c.Deletes.Count()), at.Messages.Sum(m => m.Count));
        }
    }

    [Fact]
    public void A_record_that_is_larger_than_a_message_is_alone_and_none_is_empty()
    {
        var plan = Plan($"a TXT {string.Join(' ', Enumerable.Repeat($"\"{new string('x', 255)}\"", 4))} | b A 192.0.2.9", "a A 192.0.2.1");
        Assert.Equal([1, 1, 1], UpdateEdits.Messages(plan, 100).Select(m => m.Count));
    }

    static ZoneVersion Any(Random random)
    {
        List<string> lines = [];
        for (var i = random.Next(30); i > 0; i--)
        {
            var owner = random.Next(6) switch { 0 => "@", 1 => "*", var n => $"n{n}" };
            lines.Add($"{owner}{random.Next(3)} {random.Next(1, 3) * 100} " + random.Next(5) switch
            {
                0 => $"A 192.0.2.{random.Next(4)}",
                1 => $"TXT \"{new string('x', random.Next(200))}\"",
                2 => $"MX {random.Next(2)} n{random.Next(3)}",
                3 => $"AAAA 2001:db8::{random.Next(4)}",
                _ => "A 192.0.2.7",
            });
        }

        for (var i = random.Next(4); i > 0; i--)
            lines.Add($"alias{random.Next(4)} {(random.Next(2) == 0 ? "CNAME n1" : "A 192.0.2.5")}");
        var aliases = lines.Where(l => l.Contains("CNAME", StringComparison.Ordinal)).Select(l => l.Split(' ')[0]).ToHashSet();
        lines.RemoveAll(l => aliases.Contains(l.Split(' ')[0]) && !l.Contains("CNAME", StringComparison.Ordinal));
        for (var i = random.Next(1, 4); i > 0; i--)
            lines.Add($"@ NS ns{random.Next(5)}");
        return MadeZone.Whole("@ SOA a b 7 1 1 1 1 | " + string.Join(" | ", lines));
    }

    static SyncPlan Plan(string zone, string target) => SyncPlan.Of(MadeZone.Of(zone, 2), new TargetZone(MadeZone.Of(target)), new MadeTarget(MadeZone.Of(target)));

    /// <summary>Per RRset what goes, then what comes.</summary>
    static string Said(SyncPlan plan) => string.Join(' ', plan.Changes.SelectMany(c => c.Deletes.Select(d => "-" + Text(c, d)).Concat(c.Adds.Select(d => "+" + Text(c, d)))));

    static string Text(SetChange change, byte[] data)
    {
        var owner = NameKey.Read(change.Key, MadeZone.Name).ToString();
        return $"{(owner == "example" ? "@" : owner[..^".example".Length])} {TypeNames.Of(change.Type)} {RecordText.Write(change.Type, data)}";
    }
}
