using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Oops.Actions.Powerdns;
using Oops.Servers;
using Oops.Sync;
using Oops.Tests.Servers;
using Oops.Tests.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Actions.Powerdns;

/// <summary>An API that says what a test wants it to.</summary>
public sealed class PowerdnsTargetTests : IAsyncDisposable
{
    readonly FakeHttp http;
    readonly ConcurrentQueue<(string Request, string Body)> changes = new();
    readonly Queue<string> answers = new();
    string zone = Zone("");
    readonly List<string> unfinished = [];
    uint serial = 1;

    // What is answered to looks at the serial, one after the other; then what it is.
    readonly Queue<string> serials = new();

    public PowerdnsTargetTests() => http = new FakeHttp(AnswerAsync);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => http.DisposeAsync();

    PowerdnsTarget New(bool notify = false) => new(new HttpApiOptions("powerdns", http.Address, TimeSpan.FromSeconds(20)), null, new SyncScope(), new PowerdnsTerms(1000, notify), TimeProvider.System);

    static string Zone(string more, string kind = "Native", string edit = "") =>
        $"{{\"account\":\"\",\"kind\":\"{kind}\",\"name\":\"example.\",\"rrsets\":[{Set("example.", "SOA", "ns1.example. host.example. 1 3600 600 86400 300")},{Set("example.", "NS", "ns1.example.")},{Set("ns1.example.", "A", "192.0.2.1")}{more}],\"serial\":1,\"soa_edit_api\":\"{edit}\"}}";

    static string Set(string name, string type, string content, bool disabled = false) =>
        $"{{\"comments\":[{{\"content\":\"c\",\"account\":\"\",\"modified_at\":1}}],\"name\":\"{name}\",\"records\":[{{\"content\":{JsonSerializer.Serialize(content)},\"disabled\":{(disabled ? "true" : "false")}}}],\"ttl\":300,\"type\":\"{type}\"}}";

    async Task AnswerAsync(string path, Stream stream, CancellationToken stop)
    {
        var head = http.Asked.Last();
        if (head.StartsWith("GET ", StringComparison.Ordinal))
        {
            var text = !path.EndsWith("?rrsets=false", StringComparison.Ordinal) ? zone : serials.TryDequeue(out var next) ? next : $"{{\"serial\":{serial}}}";
            await FakeHttp.SendAsync(stream, $"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {text.Length}\r\n\r\n{text}", stop);
            return;
        }

        var length = int.Parse(head.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, stop);
        changes.Enqueue((head.Split(" HTTP")[0], Encoding.UTF8.GetString(body)));
        await FakeHttp.SendAsync(stream, $"HTTP/1.1 {(answers.TryDequeue(out var said) ? said : "204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")}", stop);
    }

    static string Says(string error) => JsonSerializer.Serialize(new Dictionary<string, string> { ["error"] = error }) is var body ? $"422 Unprocessable Entity\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}" : "";

    async Task<(SyncPlan Plan, TargetWriting Written)> RunAsync(string lines, bool notify = false)
    {
        using var target = New(notify);
        var read = await target.ReadAsync(MadeZone.Name, Stop);
        Assert.True(read.Zone is not null, read.Why);
        var plan = SyncPlan.Of(MadeZone.Of(lines, 9), read.Zone, target);
        var written = await target.WriteAsync(plan, unfinished, Stop);
        return (plan, written.Why is null && unfinished.Count > 0 ? await target.FinishAsync(MadeZone.Name, unfinished, Stop) : written);
    }

    [Fact]
    public async Task What_differs_is_one_request_and_what_goes_is_first()
    {
        zone = Zone("," + Set("www.example.", "A", "192.0.2.7") + "," + Set("gone.example.", "TXT", "\"x\""));
        var (plan, written) = await RunAsync("www CNAME ns1 | * TXT \"a\\\"b\"", notify: true);
        // The notification is asked for with PUT, and answered with 200 by the real one.
        Assert.Equal((2, 0, 2), (plan.Creates, plan.Updates, plan.Deletes));
        var (request, body) = changes.First();
        Assert.Equal("PATCH /api/v1/servers/localhost/zones/example.", request);
        Assert.Equal(
            "{\"rrsets\":[{\"name\":\"*.example.\",\"type\":\"TXT\",\"changetype\":\"REPLACE\",\"ttl\":300,\"records\":[{\"content\":\"\\\"a\\\\\\\"b\\\"\",\"disabled\":false}]},{\"name\":\"gone.example.\",\"type\":\"TXT\",\"changetype\":\"DELETE\"},"
            + "{\"name\":\"www.example.\",\"type\":\"A\",\"changetype\":\"DELETE\"},{\"name\":\"www.example.\",\"type\":\"CNAME\",\"changetype\":\"REPLACE\",\"ttl\":300,\"records\":[{\"content\":\"ns1.example.\",\"disabled\":false}]}]}",
            body);
        Assert.Equal("PUT /api/v1/servers/localhost/zones/example./notify", changes.Last().Request);
        Assert.StartsWith("written, but no NOTIFY was sent: powerdns: status 204", written.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_the_server_wants_otherwise_is_written_so_if_it_is_the_same()
    {
        answers.Enqueue(Says("Record a.example./HTTPS '1 . ech=AAAA': Not in expected format (parsed as '1 . ech=\"AAAA\"')"));
        var (_, written) = await RunAsync("a HTTPS 1 . ech=AAAA");
        Assert.Equal((null, 2), (written.Why, changes.Count));
        Assert.Contains("ech=\\\"AAAA\\\"", changes.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_would_make_another_record_of_it_is_not_obeyed()
    {
        answers.Enqueue(Says("Record a.example./A '192.0.2.9': Not in expected format (parsed as '192.0.2.8')"));
        var (_, written) = await RunAsync("a A 192.0.2.9 | b A 192.0.2.9");
        Assert.Equal("the API at " + http.Address + " did not take 1 RRsets of 2; the first: Record a.example./A '192.0.2.9': Not in expected format (parsed as '192.0.2.8')", written.Why);
        Assert.True(written.ForGood);
        Assert.DoesNotContain("a.example.", changes.Last().Body, StringComparison.Ordinal);
        Assert.Contains("b.example.", changes.Last().Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RRset b.example. IN CNAME: Conflicts with pre-existing RRset", 2)]
    [InlineData("Record nowhere.example./A 'x': no", 1)]
    [InlineData("something else \u001b[2J", 1)]
    public async Task What_is_not_taken_is_named_and_the_rest_written_where_that_can_be_told(string error, int requests)
    {
        answers.Enqueue(Says(error));
        var (_, written) = await RunAsync("a A 192.0.2.9 | b CNAME a");
        Assert.Contains(error.Replace('\u001b', '?'), written.Why, StringComparison.Ordinal);
        Assert.Equal((true, requests), (written.ForGood, changes.Count));
    }

    [Fact]
    public async Task A_server_that_takes_nothing_is_not_asked_for_ever()
    {
        for (var i = 0; i < 50; i++)
            answers.Enqueue(Says($"RRset h{i}.example. IN A: no"));
        var (_, written) = await RunAsync(string.Join(" | ", Enumerable.Range(0, 50).Select(static i => $"h{i} A 192.0.2.9")));
        Assert.Contains("did not take more than 16 RRsets", written.Why, StringComparison.Ordinal);
        Assert.Equal(17, changes.Count);
    }

    [Fact]
    public async Task Nothing_is_written_over_what_somebody_else_wrote()
    {
        serial = 2;
        var (_, written) = await RunAsync("a A 192.0.2.9");
        Assert.Equal(($"the API at {http.Address}: somebody else has changed the zone in the meantime", false), (written.Why, written.ForGood));
        Assert.Empty(changes);
    }

    [Fact]
    public async Task A_name_of_which_one_RRset_is_refused_stays_as_it_was()
    {
        zone = Zone("," + Set("x.example.", "TXT", "\"x\"") + "," + Set("b.example.", "TXT", "\"x\""));
        answers.Enqueue(Says("RRset x.example. IN CNAME: Conflicts with pre-existing RRset"));
        var (_, written) = await RunAsync("x CNAME ns1 | b A 192.0.2.9");
        Assert.Equal($"the API at {http.Address} did not take 1 RRsets of 4, and 1 others at the same names are left as they were; the first: RRset x.example. IN CNAME: Conflicts with pre-existing RRset", written.Why);
        Assert.DoesNotContain("x.example.", changes.Last().Body, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"b.example.\",\"type\":\"TXT\",\"changetype\":\"DELETE\"", changes.Last().Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LUA", "A \"x\"")]
    [InlineData("ALIAS", "a.other.")]
    [InlineData("MX", "no")]
    public async Task No_CNAME_is_put_beside_what_is_the_targets_own_and_what_it_would_replace_stays(string type, string content)
    {
        zone = Zone("," + Set("x.example.", type, content) + "," + Set("x.example.", "TXT", "\"x\""));
        var (plan, written) = await RunAsync("x CNAME ns1");
        Assert.Equal((0, 2, null), (plan.Changes.Count, plan.LeftOutCount, written.Why));
    }

    [Theory]
    [InlineData("", "1 1", true)]
    [InlineData("", "1 3", false)]
    [InlineData("INCREASE", "1 2", true)]
    [InlineData("increase", "1 3", false)]
    [InlineData("DEFAULT", "1 2", true)]
    [InlineData("DEFAULT", "1 2026112801", true)]
    [InlineData("DEFAULT", "1 2026112802", false)]
    [InlineData("EPOCH", "1 1795132800", true)]
    [InlineData("EPOCH", "1 0", false)]
    [InlineData("INCREASE", "1 x", false)]
    public async Task Between_two_requests_the_serial_may_have_risen_by_ours_alone_and_must_be_known(string edit, string seen, bool goesOn)
    {
        zone = Zone("", edit: edit);
        foreach (var one in seen.Split(' '))
            serials.Enqueue(one == "x" ? "{}" : $"{{\"serial\":{one}}}");
        var (_, written) = await RunAsync(string.Join(" | ", Enumerable.Range(0, 1001).Select(static i => $"h{i} A 192.0.2.9")));
        Assert.Equal((goesOn, false, goesOn ? 2 : 1), (written.Why is null, written.ForGood, changes.Count));
        Assert.Empty(serials);
    }

    [Fact]
    public async Task A_NOTIFY_is_due_as_soon_as_something_may_have_been_taken_and_not_where_nothing_was()
    {
        answers.Enqueue("401 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        await RunAsync("a A 192.0.2.9", notify: true);
        Assert.Empty(unfinished);
        answers.Enqueue("503 Oh\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        await RunAsync("a A 192.0.2.9", notify: true);
        Assert.Equal(["notify"], unfinished);
    }

    [Theory]
    // Whoever puts it right does not think of the zones that have changed by then.
    [InlineData("401 No", "401: the key is wrong", false, 2)]
    [InlineData("403 No", "403", false, 2)]
    [InlineData("404 No", "404: there is no", true)]
    [InlineData("500 Oh", "status 500", false)]
    [InlineData("503 Oh", "status 503", false)]
    public async Task What_may_pass_is_tried_again_and_what_is_wrong_is_not(string status, string why, bool forGood, int minutes = 0)
    {
        answers.Enqueue($"{status}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        var (_, written) = await RunAsync("a A 192.0.2.9");
        Assert.Contains(why, written.Why, StringComparison.Ordinal);
        Assert.Equal((forGood, minutes > 0 ? TimeSpan.FromMinutes(minutes) : null), (written.ForGood, written.After));
    }

    [Fact]
    public async Task What_is_the_targets_own_is_in_no_version()
    {
        zone = Zone(string.Join("", new[] { Set("off.example.", "A", "192.0.2.7", disabled: true), Set("al.example.", "ALIAS", "a.other."), Set("lua.example.", "LUA", "AAAA \"x\""), Set("odd.example.", "MX", "no"), Set("other.example.", "WORD", "x"), Set("else.where.", "A", "192.0.2.1") }.Select(static s => "," + s)));
        using var target = New();
        var there = (await target.ReadAsync(MadeZone.Name, Stop)).Zone!;
        Assert.Equal(["ns1.example 300 A 192.0.2.1"], MadeZone.Lines(there.Version));
        Assert.Equal(["al.example A", "al.example Aaaa", "lua.example Aaaa", "odd.example Mx", "off.example A"], there.Own.Keys.Select(static k => $"{k.Owner} {k.Type}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[]", "a zone without SOA")]
    [InlineData("{", "the JSON text ends within itself, or is none")]
    [InlineData("no", "the JSON text ends within itself, or is none|not a JSON text")]
    [InlineData("{\"rrsets\":[{\"name\":\"\\u001b[2J..\",\"type\":\"A\",\"ttl\":1,\"records\":[]}]}", "an RRset of ?[2J.. that is none")]
    [InlineData("{\"rrsets\":[{\"name\":\"example.\",\"type\":\"A\",\"ttl\":-1,\"records\":[]}]}", "an RRset of example. that is none")]
    [InlineData("{\"rrsets\":{\"a\":[{\"name\":1}]},\"kind\":null}", "a zone without SOA")]
    [InlineData("{\"kind\":\"Slave\",\"rrsets\":[]}", "the zone is a secondary")]
    public async Task What_is_no_zone_is_told(string text, string why)
    {
        zone = text;
        using var target = New();
        var read = await target.ReadAsync(MadeZone.Name, Stop);
        Assert.Null(read.Zone);
        Assert.Contains(why.Split('|'), w => read.Why.Contains(w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task More_records_than_are_wanted_make_no_zone()
    {
        zone = Zone("," + string.Join(',', Enumerable.Range(0, 1000).Select(static i => Set($"h{i}.example.", "A", "192.0.2.1"))));
        using var target = New();
        Assert.Contains("more than 1000 records", (await target.ReadAsync(MadeZone.Name, Stop)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_whose_serial_would_stay_is_refused_before_anything_is_written()
    {
        zone = Zone("", "Master");
        var (_, written) = await RunAsync("a A 192.0.2.9");
        Assert.Contains("`pdnsutil set-meta example SOA-EDIT-API DEFAULT`", written.Why, StringComparison.Ordinal);
        Assert.Empty(changes);
    }

    [Fact]
    public void Requests_are_bounded_and_a_name_is_in_one_of_them_where_it_fits()
    {
        var zone = MadeZone.Of(string.Join(" | ", Enumerable.Range(0, 50).Select(static i => $"h{i} A 192.0.2.9 | h{i} TXT {new string('x', 100)}")));
        var target = MadeZone.Of("");
        var plan = SyncPlan.Of(zone, new TargetZone(target), new MadeTarget(target));
        var batches = PowerdnsBatch.Of(plan, mostOctets: 3000).ToList();
        Assert.Equal(100, batches.Sum(static b => b.Count));
        Assert.All(batches, static b => Assert.InRange(PowerdnsBatch.Write(b).Length, 1, 3000));
        Assert.All(batches.SelectMany(static (b, i) => b.Select(s => (s.Name, i)).Distinct()).GroupBy(static s => s.Name), static g => Assert.Single(g));
        Assert.Equal([3, 3], PowerdnsBatch.Of(SyncPlan.Of(MadeZone.Of("a A 192.0.2.1 | a TXT x | a MX 1 b | a AAAA ::1 | a HINFO a b | a LOC 1 N 1 E 1m"), new TargetZone(target), new MadeTarget(target)), mostSets: 3).Select(static b => b.Count));
    }
}
