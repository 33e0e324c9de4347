using System.Globalization;
using Oops.Sync;
using Oops.Tests.Sync;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Actions.Route53;

/// <summary>Zones carried to the stand-in. Each of the first ones is something that dnsnotify2route53 did wrong.</summary>
public sealed class Route53TargetTests : IAsyncDisposable
{
    readonly Rig rig = new();

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    static string Many(int count, string data = "A 192.0.2.1") => string.Join(" | ", Enumerable.Range(0, count).Select(i => $"h{i} {data}"));

    [Fact]
    public async Task Several_addresses_servers_and_exchangers_of_equal_preference_are_all_carried()
    {
        rig.Aws.Add("example.");
        Assert.Equal(
            ["a.example. 300 A 192.0.2.1", "a.example. 300 A 192.0.2.2", "m.example. 300 MX 10 x.example.", "m.example. 300 MX 10 y.example.", "sub.example. 300 NS ns1.other.", "sub.example. 300 NS ns2.other."],
            await rig.CarryAsync("a A 192.0.2.1 | a A 192.0.2.2 | m MX 10 x | m MX 10 y | sub NS ns1.other. | sub NS ns2.other."));
    }

    [Fact]
    public async Task A_value_that_is_removed_at_the_primary_is_removed_there()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("a.example.", "A", 300, "192.0.2.1", "192.0.2.2", "192.0.2.3");
        Assert.Equal(["a.example. 300 A 192.0.2.2"], await rig.CarryAsync("a A 192.0.2.2"));
    }

    [Theory]
    [InlineData("<AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>lb.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>", "it is an alias for lb.amazonaws.com.", "")]
    [InlineData("<Weight>10</Weight>", "it is one of several by policy (blue)", "blue")]
    [InlineData("<Failover>PRIMARY</Failover><HealthCheckId>h</HealthCheckId>", "it is one of several by policy (one)", "one")]
    [InlineData("<HealthCheckId>h</HealthCheckId>", "it has HealthCheckId", "")]
    [InlineData("<TrafficPolicyInstanceId>t</TrafficPolicyInstanceId>", "it has TrafficPolicyInstanceId", "")]
    [InlineData("<CidrRoutingConfig><CollectionId>c</CollectionId></CidrRoutingConfig>", "it is one of several by policy (net)", "net")]
    [InlineData("<SomethingNew>1</SomethingNew>", "it has SomethingNew", "")]
    public async Task What_is_no_plain_RRset_is_left_alone_and_the_rest_is_carried(string more, string why, string id)
    {
        var zone = rig.Aws.Add("example.");
        zone.Put(new FakeSet("www.example.", "A", id, 60, more.Contains("Alias", StringComparison.Ordinal) ? [] : ["192.0.2.77"]) { More = more });
        var before = zone.Lines;
        var result = await rig.RunAsync("www A 192.0.2.1 | b A 192.0.2.2", forced: true);
        Assert.Equal((SyncEnd.Written, why), (result.End, result.Plan!.Left[0].Why));
        Assert.Equal(before[0], zone.Lines.Single(l => l.StartsWith("www", StringComparison.Ordinal)));
        Assert.Contains("b.example. 300 A 192.0.2.2", zone.Lines);
        // Nor is it deleted when the zone does not have it, and no alias of the DNS is put beside it.
        result = await rig.RunAsync("www CNAME b | b A 192.0.2.2", forced: true);
        Assert.Equal((SyncEnd.Same, $"beside A: {why}"), (result.End, result.Plan!.Left[0].Why));
    }

    [Fact]
    public async Task Every_type_that_the_service_has_is_carried_and_others_are_told()
    {
        rig.Aws.Add("example.");
        var lines = await rig.CarryAsync("""
            a AAAA 2001:db8::1 | a CAA 0 issue "ca.example" | p PTR a | d NS ns.other. | d DS 1 13 2 ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB | n NAPTR 1 1 "U" "E2U+sip" "!^.*$!sip:a@b!" .
            """.Trim() + " | _443._tcp.a TLSA 3 1 1 AB | h HTTPS 1 . alpn=h2 | v SVCB 1 a | f SSHFP 1 1 AB | s SRV 1 2 3 a | o SPF \"v=spf1 -all\" | t LOC 1 N 1 E 1m | u DNAME a");
        Assert.Equal(12, lines.Select(l => l.Split(' ')[2]).Distinct().Count());
        var result = await rig.RunAsync("t LOC 1 N 1 E 1m | u DNAME a", writes: false, forced: true);
        Assert.Equal(["t.example LOC: Route 53 has no such type", "u.example DNAME: Route 53 has no such type"], result.Plan!.Left.Select(l => $"{l.Owner} {TypeNames.Of(l.Type)}: {l.Why}"));
    }

    [Fact]
    public async Task What_a_CNAME_is_to_replace_stays_where_it_cannot_come()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put(new FakeSet("www.example.", "TXT", "blue", 60, ["\"x\""]) { More = "<Weight>10</Weight>" });
        zone.Put("www.example.", "A", 300, "192.0.2.1");
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("www CNAME b | b A 192.0.2.2", forced: true)).End);
        Assert.Contains("www.example. 300 A 192.0.2.1", zone.Lines);
    }

    [Fact]
    public async Task A_type_or_a_value_that_nobody_here_knows_does_not_stop_the_zone()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("new.example.", "NEWTYPE", 60, "x");
        zone.Put("odd.example.", "MX", 60, "10");
        var result = await rig.RunAsync("a A 192.0.2.1 | odd MX 10 a | new CNAME a", forced: true);
        Assert.Equal(SyncEnd.Written, result.End);
        Assert.Equal(["new.example CNAME: beside it: there is a set of type NEWTYPE", "odd.example MX: its value cannot be read (column 3: a name is missing; add it)"], result.Plan!.Left.Select(l => $"{l.Owner} {TypeNames.Of(l.Type)}: {l.Why}"));
        Assert.Equal(["a.example. 300 A 192.0.2.1", "new.example. 60 NEWTYPE x", "ns1.example. 300 A 192.0.2.1", "odd.example. 60 MX 10"], zone.Lines);
    }

    [Fact]
    public async Task A_zone_of_more_than_a_page_is_read_whole()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("ns1.example.", "A", 300, "192.0.2.1");
        for (var i = 0; i < 1000; i++)
            zone.Put($"h{i}.example.", "A", 300, "192.0.2.1");
        // Several of one name at the edge of a page.
        for (var i = 0; i < 700; i++)
            zone.Put(new FakeSet("w.example.", "A", $"s{i:D3}", 60, ["192.0.2.9"]) { More = "<Weight>1</Weight>" });
        var result = await rig.RunAsync(Many(1000));
        Assert.Equal((SyncEnd.Same, 1001), (result.End, result.Plan!.Existing));
        Assert.Equal(7, rig.Aws.Asked.Count(a => a.Contains("/rrset?", StringComparison.Ordinal)) + rig.Aws.Asked.Count(a => a.Contains("hostedzonesbyname", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_private_zone_of_the_same_name_is_another_zone()
    {
        for (var i = 0; i < 120; i++)
            rig.Aws.Add("example.", isPrivate: true);
        var zone = rig.Aws.Add("example.", id: "ZZ");
        rig.Aws.Add("example.", isPrivate: true, id: "ZZZ");
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
        Assert.Equal(["a.example. 300 A 192.0.2.1", "ns1.example. 300 A 192.0.2.1"], zone.Lines);
        Assert.All(rig.Aws.Zones.Where(z => z.IsPrivate), z => Assert.Empty(z.Lines));
    }

    [Theory]
    [InlineData("", "Route 53: the account has no public hosted zone example; create it there, or look whose credentials these are")]
    [InlineData("private", "Route 53: the account has no public hosted zone example; create it there, or look whose credentials these are")]
    [InlineData("two", "Route 53: the account has 2 public hosted zones example (ZA, ZB); write the one that is meant into hosted-zones")]
    [InlineData("named", "")]
    [InlineData("named-private", "Route 53: the hosted zone ZP is private; correct hosted-zones")]
    [InlineData("named-other", "Route 53: the hosted zone ZO is not example; correct hosted-zones")]
    [InlineData("named-none", "Route 53: NoSuchHostedZone: No hosted zone found with ID")]
    public async Task Which_hosted_zone_is_meant_is_never_guessed(string there, string why)
    {
        rig.Aws.Add("other.", id: "ZO");
        if (there.EndsWith("private", StringComparison.Ordinal))
            rig.Aws.Add("example.", isPrivate: true, id: "ZP");
        if (there is "two" or "named")
        {
            rig.Aws.Add("example.", id: "ZA");
            rig.Aws.Add("example.", id: "ZB");
        }

        if (there.StartsWith("named", StringComparison.Ordinal))
            rig.ZoneIds["example"] = there switch { "named" => "ZB", "named-private" => "ZP", "named-other" => "ZO", _ => "ZX" };
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((why.Length > 0 ? SyncEnd.Failed : SyncEnd.Written, why), (result.End, result.Why));
        Assert.All(rig.Aws.Zones, z => Assert.Equal(there == "named" && z.Id == "ZB", z.Lines.Length > 0));
    }

    [Fact]
    public async Task Strings_of_a_text_stay_together_and_each_record_its_own()
    {
        rig.Aws.Add("example.");
        Assert.Equal(
            ["_domainkey.example. 300 TXT \"v=DKIM1\" \"p=one\"", "_domainkey.example. 300 TXT \"v=DKIM1\" \"p=two\"", "t.example. 300 TXT \"a\\\"b\\\\c;\\000\\377\"", "t.example. 300 TXT \"x\" \"y\""],
            await rig.CarryAsync("""_domainkey TXT "v=DKIM1" "p=one" | _domainkey TXT "v=DKIM1" "p=two" | t TXT "a\"b\\c;\000\255" | t TXT "x" "y" """.TrimEnd()));
        Assert.Equal(SyncEnd.Same, (await rig.RunAsync("""_domainkey TXT "v=DKIM1" "p=one" | _domainkey TXT "v=DKIM1" "p=two" | t TXT "a\"b\\c;\000\255" | t TXT "x" "y" """.TrimEnd())).End);
    }

    [Fact]
    public async Task A_wildcard_and_odd_names_are_written_once_and_for_all()
    {
        var zone = rig.Aws.Add("example.");
        // A name that has the zone's in the middle of it.
        Assert.Equal(["\\052.example. 300 A 192.0.2.1", "a\\100b.example. 300 A 192.0.2.1", "x.example.example. 300 A 192.0.2.1"], await rig.CarryAsync("* A 192.0.2.1 | a\\@b A 192.0.2.1 | x.example A 192.0.2.1"));
        Assert.Equal(SyncEnd.Same, (await rig.RunAsync("* A 192.0.2.1 | a\\@b A 192.0.2.1 | x.example A 192.0.2.1")).End);
        Assert.Single(rig.Aws.Taken);
        Assert.Equal(4, zone.Lines.Length);
    }

    [Fact]
    public async Task An_empty_or_a_shrunken_zone_deletes_nothing_and_a_plan_writes_nothing()
    {
        var zone = rig.Aws.Add("example.");
        for (var i = 0; i < 20; i++)
            zone.Put($"h{i}.example.", "A", 300, "192.0.2.1");
        Assert.Equal(SyncEnd.Braked, (await rig.RunAsync(Many(8))).End);
        Assert.Equal(SyncEnd.Differs, (await rig.RunAsync(Many(19), writes: false)).End);
        Assert.Equal(20, zone.Lines.Length);
        Assert.DoesNotContain(rig.Aws.Asked, a => a.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_zones_own_SOA_and_name_servers_are_the_services()
    {
        var zone = rig.Aws.Add("example.");
        await rig.CarryAsync("a A 192.0.2.1");
        Assert.Equal(["NS ns-1.awsdns-00.org. ns-2.awsdns-00.co.uk.", "SOA ns-1.awsdns-00.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"], zone.Sorted.Where(s => s.Name == "example.").Select(s => $"{s.Type} {string.Join(' ', s.Values)}"));
    }

    [Fact]
    public async Task What_others_wrote_in_another_way_is_the_same_and_is_deleted_as_they_wrote_it()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("ns1.example.", "A", 300, "192.0.2.1");
        zone.Put("a.example.", "MX", 300, "10 MAIL.Example");
        zone.Put("b.example.", "AAAA", 300, "2001:0db8:0:0::1");
        zone.Put("c.example.", "TXT", 300, "\"\\141\"");
        Assert.Equal(SyncEnd.Same, (await rig.RunAsync("a MX 10 mail | b AAAA 2001:db8::1 | c TXT a")).End);
        Assert.Equal(["b.example. 60 AAAA 2001:db8::1"], await rig.CarryAsync("b 60 AAAA 2001:db8::1"));
    }

    [Fact]
    public async Task An_alias_takes_the_place_of_an_address_in_one_request_and_the_other_way_round()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("a.example.", "A", 300, "192.0.2.1");
        zone.Put("b.example.", "CNAME", 300, "a.example.");
        Assert.Equal(["a.example. 300 CNAME b.example.", "b.example. 300 A 192.0.2.2"], await rig.CarryAsync("a CNAME b | b A 192.0.2.2"));
        Assert.Equal(["DELETE a.example. A", "DELETE b.example. CNAME", "CREATE a.example. CNAME", "CREATE b.example. A", "CREATE ns1.example. A"], rig.Aws.Taken.Single());
    }

    [Fact]
    public async Task What_somebody_else_changes_in_the_meantime_is_not_written_over()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("a.example.", "A", 300, "192.0.2.1");
        rig.Aws.Instead = asked =>
        {
            if (asked.StartsWith("POST", StringComparison.Ordinal))
                zone.Put("a.example.", "A", 300, "192.0.2.99");
            return null;
        };
        var result = await rig.RunAsync("a A 192.0.2.2", forced: true);
        Assert.Equal(SyncEnd.Later, result.End);
        Assert.StartsWith("Route 53: somebody else has changed the zone in the meantime (InvalidChangeBatch: Tried to delete", result.Why, StringComparison.Ordinal);
        Assert.Equal(["a.example. 300 A 192.0.2.99"], zone.Lines);
        rig.Aws.Instead = _ => null;
        Assert.Equal(["a.example. 300 A 192.0.2.2"], await rig.CarryAsync("a A 192.0.2.2"));
    }

    [Fact]
    public async Task Many_changes_go_in_as_few_requests_as_the_limits_allow_and_wait_for_each_other()
    {
        rig.Aws.Add("example.");
        rig.Aws.Settles = TimeSpan.FromMilliseconds(700);
        var result = await rig.RunAsync(Many(2500), forced: true);
        Assert.Equal((SyncEnd.Written, ""), (result.End, result.Why));
        // 2,501 records, no more than 1,000 at once.
        Assert.Equal([1000, 1000, 501], rig.Aws.Taken.Select(t => t.Count));
        Assert.Contains("PriorRequestNotComplete", rig.Aws.Refused);
        Assert.Equal(SyncEnd.Same, (await rig.RunAsync(Many(2500))).End);
    }

    [Fact]
    public async Task A_change_that_not_all_servers_have_in_time_is_told()
    {
        rig.Aws.Add("example.");
        rig.Aws.Settles = TimeSpan.FromMinutes(10);
        rig.InSync = TimeSpan.FromSeconds(1);
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((SyncEnd.Later, "Route 53: written, and not all servers have it after 1s"), (result.End, result.Why));
    }

    [Fact]
    public async Task A_change_that_is_not_everywhere_is_asked_for_by_the_next_try_and_what_is_not_known_any_more_is_let_go()
    {
        rig.Aws.Add("example.");
        rig.Aws.Settles = TimeSpan.FromSeconds(3);
        rig.InSync = TimeSpan.FromSeconds(1);
        var (target, unfinished) = (rig.Target(), new List<string>());
        var read = await target.ReadAsync(MadeZone.Name, TestContext.Current.CancellationToken);
        await target.WriteAsync(SyncPlan.Of(MadeZone.Of("a A 192.0.2.1"), read.Zone!, target), unfinished, TestContext.Current.CancellationToken);
        Assert.Single(unfinished);
        Assert.Equal(new TargetWriting("Route 53: written, and not all servers have it after 1s"), await target.FinishAsync(MadeZone.Name, unfinished, TestContext.Current.CancellationToken));
        Assert.Single(unfinished);
        rig.InSync = TimeSpan.FromMinutes(1);
        target = rig.Target();
        Assert.Equal(new TargetWriting(null), await target.FinishAsync(MadeZone.Name, unfinished, TestContext.Current.CancellationToken));
        Assert.Empty(unfinished);
        Assert.Null((await target.FinishAsync(MadeZone.Name, ["C0NONE"], TestContext.Current.CancellationToken)).Why);
    }

    [Fact]
    public async Task An_RRset_that_the_service_cannot_hold_is_told_and_the_rest_is_carried()
    {
        rig.Aws.Add("example.");
        var large = string.Join(' ', Enumerable.Repeat($"\"{new string('x', 250)}\"", 16));
        var many = string.Join(" | ", Enumerable.Range(0, 401).Select(i => string.Create(CultureInfo.InvariantCulture, $"m A 10.0.{i / 250}.{i % 250}")));
        var result = await rig.RunAsync($"t TXT {large} | u SPF {large} | a A 192.0.2.1 | {many}", forced: true);
        Assert.Equal((SyncEnd.Written, "it has 401 values, and Route 53 takes 400", "a value has 4047 characters as Route 53 writes it, which takes 4000"), (result.End, result.Plan!.Left[0].Why, result.Plan.Left[1].Why));
        Assert.Equal(["m A", "t TXT", "u SPF"], result.Plan.Left.Select(static l => $"{l.Owner.Split('.')[0]} {TypeNames.Of(l.Type)}"));
        Assert.Equal(["a.example. 300 A 192.0.2.1", "ns1.example. 300 A 192.0.2.1"], rig.Aws.Zones[0].Lines);
    }

    [Theory]
    [InlineData(1, "Route 53 has all but what changes at 1 name: h0.example. A (InvalidChangeBatch: Invalid Resource Record: FATAL problem: at h0.example.)")]
    [InlineData(2, "Route 53 has all but what changes at 2 names: h0.example. A (InvalidChangeBatch: Invalid Resource Record: FATAL problem: at h0.example.), and others")]
    [InlineData(16, "Route 53 has all but what changes at 16 names: h0.example. A (InvalidChangeBatch: Invalid Resource Record: FATAL problem: at h0.example.), and others")]
    public async Task Names_that_the_service_refuses_are_left_out_and_named_and_the_rest_is_written(int count, string why)
    {
        var zone = rig.Aws.Add("example.");
        rig.Aws.Paced = false;
        for (var i = 0; i < count; i++)
            zone.Refuses.Add($"h{i * 7}.example.");
        var result = await rig.RunAsync(Many(200), forced: true);
        Assert.Equal((SyncEnd.Failed, why), (result.End, result.Why));
        Assert.Equal(201 - count, zone.Lines.Length);
        // To halve 200 names until one is alone: 8 times, two requests each.
        Assert.InRange(rig.Aws.Asked.Count(a => a.StartsWith("POST", StringComparison.Ordinal)), 1, 1 + (count * 16));
        // What is left stays so until a person has done something: it is found at once, and the rest is not touched.
        Assert.Equal(SyncEnd.Failed, (await rig.RunAsync(Many(200), forced: true)).End);
        zone.Refuses.Clear();
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync(Many(200), forced: true)).End);
    }

    [Fact]
    public async Task What_is_refused_again_and_again_does_not_keep_the_rest_from_arriving()
    {
        var (zone, target) = (rig.Aws.Add("example."), rig.Target());
        rig.Aws.Paced = false;
        for (var i = 0; i < 20; i++)
            (i % 2 == 0 ? zone.Refuses : zone.Dislikes).Add($"h{i}.example.");
        Assert.Equal(SyncEnd.Failed, (await rig.RunAsync(Many(20) + " | z A 192.0.2.1", forced: true, target: target)).End);
        Assert.Empty(zone.Lines);
        Assert.Equal(SyncEnd.Failed, (await rig.RunAsync(Many(20) + " | z A 192.0.2.1", forced: true, target: target)).End);
        Assert.Equal(["ns1.example. 300 A 192.0.2.1", "z.example. 300 A 192.0.2.1"], zone.Lines);
        // What is taken at last is no longer among them.
        zone.Refuses.Clear();
        zone.Dislikes.Clear();
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync(Many(20) + " | z A 192.0.2.1", forced: true, target: target)).End);
        zone.Refuses.Add("y.example.");
        Assert.Equal("Route 53 has all but what changes at 1 name: y.example. A (InvalidChangeBatch: Invalid Resource Record: FATAL problem: at y.example.)", (await rig.RunAsync(Many(20, "A 192.0.2.2") + " | y A 192.0.2.1 | z A 192.0.2.1", forced: true, target: target)).Why);
        Assert.Equal(20, zone.Lines.Count(static l => l.EndsWith(" 192.0.2.2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_a_name_that_is_split_nothing_more_is_tried_where_a_part_is_refused()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("m.example.", "CNAME", 300, "a.example.");
        zone.Dislikes.Add("m.example. A");
        var data = new[] { "A 10.0.{0}.{1}", "AAAA 2001:db8:{0}::{1}", "TXT t{0}-{1}" };
        var many = string.Join(" | ", data.SelectMany(d => Enumerable.Range(0, 400).Select(i => "m " + string.Format(CultureInfo.InvariantCulture, d, i / 100, i % 100))));
        var result = await rig.RunAsync($"{many} | z A 192.0.2.1", forced: true);
        Assert.Equal(SyncEnd.Failed, result.End);
        Assert.StartsWith("Route 53 has all but what changes at 1 name: m.example. ", result.Why, StringComparison.Ordinal);
        Assert.Contains("z.example. 300 A 192.0.2.1", zone.Lines);
        Assert.Contains("m.example. 300 CNAME a.example.", zone.Lines);
    }

    [Fact]
    public async Task Changes_that_are_older_than_one_that_is_everywhere_are_asked_for_without_a_pause()
    {
        rig.Aws.Add("example.");
        rig.InSync = TimeSpan.FromSeconds(4);
        rig.Aws.Instead = static asked => asked.Contains("/change/", StringComparison.Ordinal) ? (200, "<GetChangeResponse><ChangeInfo><Status>INSYNC</Status></ChangeInfo></GetChangeResponse>") : null;
        var (target, unfinished) = (rig.Target(), Enumerable.Range(0, 10).Select(static i => $"C{i}").ToList());
        Assert.Null((await target.FinishAsync(MadeZone.Name, unfinished, TestContext.Current.CancellationToken)).Why);
        Assert.Empty(unfinished);
        Assert.Equal(["C9", "C8", "C7", "C6", "C5", "C4", "C3", "C2", "C1", "C0"], rig.Aws.Asked.Select(static a => a.Split('/')[^1]));
    }

    [Fact]
    public async Task Where_more_names_are_refused_than_are_looked_for_it_ends_after_so_many_requests()
    {
        var zone = rig.Aws.Add("example.");
        rig.Aws.Paced = false;
        for (var i = 0; i < 20; i++)
            zone.Refuses.Add($"h{i * 7}.example.");
        var result = await rig.RunAsync(Many(200), forced: true);
        Assert.Equal((SyncEnd.Failed, "Route 53 did not take what changes at more than 16 names, and the rest was not tried; the first: h0.example. A (InvalidChangeBatch: Invalid Resource Record: FATAL problem: at h0.example.)"), (result.End, result.Why));
        Assert.InRange(rig.Aws.Asked.Count(a => a.StartsWith("POST", StringComparison.Ordinal)), 17, 17 * 16);
    }

    [Fact]
    public async Task An_RRset_whose_change_does_not_fit_into_a_request_keeps_what_it_has()
    {
        var zone = rig.Aws.Add("example.");
        zone.Put("m.example.", "TXT", 300, [.. Enumerable.Range(0, 80).Select(i => $"\"{i:D3}{new string('x', 240)}\"")]);
        var many = string.Join(" | ", Enumerable.Range(0, 80).Select(i => $"m TXT {i:D3}{new string('y', 240)}"));
        var result = await rig.RunAsync($"a A 192.0.2.1 | {many}", forced: true);
        Assert.Equal((SyncEnd.Failed, "Route 53 has all but what changes at 1 name: m.example. TXT (the change does not fit into a request)"), (result.End, result.Why));
        Assert.Equal(80, zone.Lines.Count(l => l.EndsWith("xx\"", StringComparison.Ordinal)));
        Assert.Contains("a.example. 300 A 192.0.2.1", zone.Lines);
    }
}
