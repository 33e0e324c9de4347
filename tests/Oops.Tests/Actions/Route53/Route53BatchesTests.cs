using System.Globalization;
using Oops.Actions.Route53;
using Oops.Sync;
using Oops.Tests.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Actions.Route53;

public sealed class Route53BatchesTests
{
    readonly List<string> left = [];

    List<IReadOnlyList<Route53Change>> Batches(string target, string zone)
    {
        var there = new Route53Zone("Z", MadeZone.Of(target), new Dictionary<(string, DnsType), string>(), new Dictionary<(string, DnsType), Route53Set>());
        return [.. Route53Batches.Of(SyncPlan.Of(MadeZone.Of(zone, 2), there, new MadeTarget(MadeZone.Of(target))), there, p => left.Add(p.Words)).Select(b => Route53Part.Of(b).Ordered)];
    }

    static string Said(Route53Change change) => $"{change.Action} {change.Set.Name} {TypeNames.Of(change.Type)} {change.Set.Values.Count}";

    static string Addresses(string owner, int from, int count) => string.Join(" | ", Enumerable.Range(from, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{owner} A 10.{i / 62500}.{i / 250 % 250}.{i % 250}")));

    [Theory]
    [InlineData("", "a A 192.0.2.1", "Create a.example. A 1")]
    [InlineData("a A 192.0.2.1", "", "Delete a.example. A 1")]
    // As dear as an UPSERT, and refused where somebody else has changed it.
    [InlineData("a A 192.0.2.1", "a A 192.0.2.2", "Delete a.example. A 1, Create a.example. A 1")]
    [InlineData("a A 192.0.2.1", "a 60 A 192.0.2.1", "Delete a.example. A 1, Create a.example. A 1")]
    [InlineData("a A 192.0.2.1", "a A 192.0.2.1 | a A 192.0.2.2", "Delete a.example. A 1, Create a.example. A 2")]
    // Three and one, or twice one.
    [InlineData("a A 192.0.2.1 | a A 192.0.2.2 | a A 192.0.2.3", "a A 192.0.2.1", "Upsert a.example. A 1")]
    [InlineData("a A 192.0.2.1 | b TXT x", "a CNAME b", "Delete a.example. A 1, Delete b.example. TXT 1, Create a.example. CNAME 1")]
    public void Each_change_is_what_costs_least(string target, string zone, string changes) => Assert.Equal(changes, string.Join(", ", Batches(target, zone).Single().Select(Said)));

    [Fact]
    public void Nothing_to_change_is_no_request() => Assert.Empty(Batches("a A 192.0.2.1", "a A 192.0.2.1"));

    [Fact]
    public void No_request_has_more_records_than_are_taken_and_each_is_full()
    {
        var batches = Batches("", string.Join(" | ", Enumerable.Range(0, 100).Select(i => Addresses($"h{i}", 0, 45))));
        Assert.All(batches, b => Assert.InRange(b.Sum(c => c.Records), 1, 1000));
        // 22 names of 45 are 990.
        Assert.Equal([22, 22, 22, 22, 12], batches.Select(b => b.Count));
    }

    [Fact]
    public void No_request_has_more_characters_than_are_taken()
    {
        var text = $"TXT \"{new string('x', 250)}\"";
        var batches = Batches("", string.Join(" | ", Enumerable.Range(0, 300).Select(i => $"h{i} {text}")));
        Assert.All(batches, b => Assert.InRange(b.Sum(c => c.Characters), 1, 32_000));
        // 126 of 252 characters are 31,752.
        Assert.Equal([126, 126, 48], batches.Select(b => b.Count));
    }

    [Fact]
    public void What_happens_at_one_name_is_in_one_request()
    {
        var batches = Batches(string.Join(" | ", Enumerable.Range(0, 700).Select(i => $"h{i} CNAME x")), string.Join(" | ", Enumerable.Range(0, 700).Select(i => $"h{i} A 192.0.2.1 | h{i} TXT x")));
        var at = batches.SelectMany((b, i) => b.Select(c => (c.Set.Name, Batch: i))).Distinct().GroupBy(c => c.Name);
        Assert.All(at, n => Assert.Single(n));
        Assert.All(batches, b => Assert.Equal(b.OrderBy(c => c.Action).Select(Said), b.Select(Said)));
    }

    [Fact]
    public void A_name_that_is_too_much_for_one_request_is_split_by_RRset_and_none_is_deleted_before_it_can_be_made_anew()
    {
        var batches = Batches($"a A 192.0.2.1 | b TXT x | {Addresses("m", 0, 499)} | m TXT one | m TXT two", $"a A 192.0.2.2 | {Addresses("m", 1000, 499)} | m TXT three | m TXT four | z A 192.0.2.1");
        Assert.Equal(
            ["Delete a.example. A 1, Delete b.example. TXT 1, Delete m.example. TXT 2, Create a.example. A 1, Create m.example. TXT 2", "Delete m.example. A 499, Create m.example. A 499, Create z.example. A 1"],
            batches.Select(b => string.Join(", ", b.Select(Said))));
        Assert.Empty(left);
    }

    [Fact]
    public void An_RRset_whose_change_does_not_fit_into_a_request_is_left_alone_and_named()
    {
        var batches = Batches($"{Addresses("m", 0, 600)} | m TXT x | z A 192.0.2.1", $"{Addresses("m", 1000, 700)} | m TXT y");
        Assert.Equal(["Delete m.example. TXT 1, Delete z.example. A 1, Create m.example. TXT 1"], batches.Select(b => string.Join(", ", b.Select(Said))));
        Assert.Equal(["m.example. A"], left);
    }

    [Fact]
    public void Of_a_name_that_is_split_a_CNAME_goes_with_the_first_that_comes_and_comes_in_place_of_none()
    {
        var text = string.Join(" | ", Enumerable.Range(0, 400).Select(i => $"m TXT t{i}"));
        var batches = Batches($"{Addresses("m", 0, 700)} | {text}", "m CNAME a");
        // It may be refused, when all else is gone.
        Assert.Empty(batches);
        Assert.Equal(["m.example. A, CNAME, TXT"], left);
        batches = Batches("m CNAME a", $"{Addresses("m", 0, 700)} | {text}");
        Assert.Equal(["Delete m.example. CNAME 1, Create m.example. TXT 400", "Create m.example. A 700"], batches.Select(b => string.Join(", ", b.Select(Said))));
        Assert.Single(left);
    }

    [Fact]
    public void Where_a_CNAME_and_what_it_stands_for_do_not_fit_together_the_name_is_left_alone()
    {
        Assert.Empty(Batches(Addresses("m", 0, 1000), "m CNAME a"));
        Assert.Empty(Batches("m CNAME a", Addresses("m", 0, 1000)));
        Assert.Equal(["m.example. A, CNAME", "m.example. A, CNAME"], left);
    }

    [Fact]
    public void Whatever_the_two_are_the_changes_make_the_one_of_the_other()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var (target, zone) = (Any(random), Any(random));
            var there = new FakeHostedZone("Z", "example.", false);
            foreach (var set in Sets(MadeZone.Of(target)))
                there.Put(set);
            foreach (var batch in Batches(target, zone))
                Assert.Null(there.Apply([.. batch.Select(c => new FakeChange(c.Action.ToString().ToUpperInvariant(), new FakeSet(c.Set.Name, TypeNames.Of(c.Type), "", c.Set.Ttl, [.. c.Set.Values])))]));
            var wanted = new FakeHostedZone("Z", "example.", false);
            foreach (var set in Sets(MadeZone.Of(zone)))
                wanted.Put(set);
            Assert.Equal(wanted.Lines, there.Lines);
        }
    }

    static IEnumerable<FakeSet> Sets(ZoneVersion zone) => MadeZone.Records(zone).Where(r => r.Owner != MadeZone.Name)
        .GroupBy(r => (r.Owner, r.Type)).Select(g => new FakeSet(Route53Text.Name(g.Key.Owner), TypeNames.Of(g.Key.Type), "", g.First().Ttl, [.. g.Select(r => Route53Text.Value(r.Type, r.Data)!)]));

    static string Any(Random random)
    {
        List<string> lines = [];
        for (var i = random.Next(40); i > 0; i--)
            lines.Add($"n{random.Next(6)} " + random.Next(4) switch { 0 => $"A 192.0.2.{random.Next(5)}", 1 => $"TXT \"{new string('x', random.Next(3))}\"", 2 => $"MX {random.Next(2)} n{random.Next(3)}", _ => $"AAAA 2001:db8::{random.Next(4)}" });
        var alias = $"n{random.Next(6)}";
        if (random.Next(2) == 0)
            lines = [.. lines.Where(l => !l.StartsWith(alias, StringComparison.Ordinal)), $"{alias} CNAME other"];
        return lines.Count == 0 ? "" : string.Join(" | ", lines.Distinct());
    }
}
