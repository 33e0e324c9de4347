using System.Globalization;
using Oops.Actions.Route53;
using Oops.Aws;
using Oops.Sync;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Actions.Route53;

/// <summary>What an API can do to who asks it.</summary>
public sealed class Route53ApiTests : IAsyncDisposable
{
    readonly Rig rig = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => rig.DisposeAsync();

    [Theory]
    [InlineData(-400, "Route 53: this machine's clock is 6m40s ahead of that of AWS, which takes no signature of more than 5m off; set it (SignatureDoesNotMatch)")]
    [InlineData(7200, "Route 53: this machine's clock is 2h behind that of AWS, which takes no signature of more than 5m off; set it (SignatureDoesNotMatch)")]
    public async Task A_clock_that_is_wrong_is_named_with_by_how_much(int seconds, string why)
    {
        rig.Aws.Add("example.");
        rig.Aws.Off = TimeSpan.FromSeconds(seconds);
        var result = await rig.RunAsync("a A 192.0.2.1");
        Assert.Equal((SyncEnd.Later, why), (result.End, result.Why));
    }

    [Fact]
    public async Task Four_minutes_off_is_taken()
    {
        rig.Aws.Add("example.");
        rig.Aws.Off = TimeSpan.FromMinutes(4);
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
    }

    [Fact]
    public async Task A_wrong_secret_an_unknown_key_and_an_ended_session_are_told_apart_and_no_secret_is_said()
    {
        rig.Aws.Add("example.");
        rig.Variables["AWS_SECRET_ACCESS_KEY"] = "hush-hush";
        Assert.Equal("Route 53: SignatureDoesNotMatch: the secret key of the environment is not that of its key ID, or the region us-east-1 is wrong", await FailsAsync(SyncEnd.Later, minutes: 2));
        rig.Variables["AWS_ACCESS_KEY_ID"] = "AKIDOTHER";
        Assert.Equal("Route 53: InvalidClientTokenId: AWS does not know the key of the environment", await FailsAsync(SyncEnd.Later, minutes: 2));
        rig.Variables["AWS_ACCESS_KEY_ID"] = FakeRoute53.KeyId;
        rig.Variables["AWS_SECRET_ACCESS_KEY"] = FakeRoute53.Secret;
        rig.Aws.Token = "session";
        rig.Variables["AWS_SESSION_TOKEN"] = "older";
        Assert.Equal("Route 53: ExpiredToken: the credentials of the environment have ended", await FailsAsync(SyncEnd.Later));
        rig.Variables["AWS_SESSION_TOKEN"] = "session";
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
        rig.Variables.Clear();
        rig.Variables["AWS_EC2_METADATA_DISABLED"] = "true";
        Assert.Equal("Route 53: no credentials: none in the environment (AWS_ACCESS_KEY_ID), no profile in ~/.aws/credentials, no container's, and no role of an instance (AWS_EC2_METADATA_DISABLED is true)", await FailsAsync(SyncEnd.Later));
    }

    async Task<string> FailsAsync(SyncEnd end, int minutes = 0)
    {
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((end, minutes > 0 ? TimeSpan.FromMinutes(minutes) : null), (result.End, result.After));
        Assert.DoesNotContain("hush", result.Why, StringComparison.Ordinal);
        return result.Why;
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task What_the_policy_forbids_is_tried_again_for_somebody_may_mend_it(string method)
    {
        rig.Aws.Add("example.");
        rig.Aws.Instead = asked => asked.StartsWith(method, StringComparison.Ordinal) ? (403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>") : null;
        Assert.Equal("Route 53: AccessDenied: not authorized", await FailsAsync(SyncEnd.Later, minutes: 2));
        rig.Aws.Instead = _ => null;
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
    }

    [Fact]
    public async Task Turns_that_are_waited_for_are_not_the_services_time()
    {
        rig.Aws.Add("example.");
        // The last waits for three seconds, and a zone may take half of that.
        var config = rig.Config with { Rate = 2, Burst = 1 };
        var target = new Route53Target(new Route53Api(config, new AwsSurroundings(rig.Variables.GetValueOrDefault), TimeProvider.System), config.Ids(), new() { Total = TimeSpan.FromSeconds(1.5) }, TimeProvider.System);
        for (var i = 0; i < 3; i++)
            Assert.NotNull((await target.ReadAsync(Sync.MadeZone.Name, Stop)).Zone);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ => Assert.NotNull((await target.ReadAsync(Sync.MadeZone.Name, Stop)).Zone)));
    }

    [Fact]
    public async Task A_service_that_is_slow_ends_the_reading_in_time()
    {
        rig.Aws.Add("example.");
        rig.Aws.Instead = asked => asked.Contains("rrset", StringComparison.Ordinal) ? (503, "") : null;
        rig.Limits = new() { Total = TimeSpan.FromMilliseconds(700) };
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((SyncEnd.Later, "Route 53: example is not read within 700ms"), (result.End, result.Why));
    }

    [Theory]
    [InlineData(400, "Throttling")]
    [InlineData(429, "")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(500, "InternalFailure")]
    [InlineData(502, "")]
    public async Task What_is_refused_for_a_moment_is_asked_again(int status, string code)
    {
        rig.Aws.Add("example.");
        var left = 1;
        rig.Aws.Instead = asked => asked.Contains("rrset", StringComparison.Ordinal) && Interlocked.Decrement(ref left) >= 0 ? (status, code.Length > 0 ? $"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>" : "<html>") : null;
        Assert.Equal(SyncEnd.Written, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
        Assert.True(left < 0);
    }

    [Theory]
    [InlineData("<a", "Route 53: 127.0.0.1: the answer is no XML of the API")]
    [InlineData("", "Route 53: 127.0.0.1: the answer is no XML of the API")]
    [InlineData("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "Route 53: 127.0.0.1: the answer is no XML of the API")]
    [InlineData("<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>", "Route 53: 127.0.0.1: the answer is no XML of the API")]
    [InlineData("<a/>", "Route 53: an answer has no ResourceRecordSets")]
    [InlineData("<a><ResourceRecordSets/><IsTruncated>true</IsTruncated><NextRecordName>b.example.</NextRecordName><NextRecordType>A</NextRecordType></a>", "Route 53: the pages of example do not go on")]
    [InlineData("<a><ResourceRecordSets><ResourceRecordSet><Name>b.example.</Name><Type>A</Type><TTL>1</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>b.example.</NextRecordName><NextRecordType>A</NextRecordType></a>", "Route 53: the pages of example do not go on")]
    [InlineData("<a><ResourceRecordSets><ResourceRecordSet><Name>b.other.</Name><Type>A</Type></ResourceRecordSet></ResourceRecordSets></a>", "Route 53: example cannot be read: it has an RRset of the name b.other., which is none of that zone")]
    public async Task An_answer_that_is_none_ends_the_reading_and_writes_nothing(string body, string why)
    {
        rig.Aws.Add("example.");
        rig.Aws.Instead = asked => asked.Contains("rrset", StringComparison.Ordinal) ? (200, body) : null;
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal(why, result.Why);
        Assert.Empty(rig.Aws.Taken);
    }

    [Fact]
    public async Task Pages_without_end_end_at_the_most_records_of_a_zone()
    {
        rig.Aws.Add("example.");
        rig.Aws.Paced = false;
        rig.Limits = new() { Records = 50 };
        var page = 0;
        rig.Aws.Instead = asked =>
        {
            if (!asked.Contains("rrset", StringComparison.Ordinal))
                return null;
            var sets = string.Concat(Enumerable.Range(0, 10).Select(i => string.Create(CultureInfo.InvariantCulture, $"<ResourceRecordSet><Name>h{page}-{i}.example.</Name><Type>A</Type><TTL>1</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>")));
            return (200, string.Create(CultureInfo.InvariantCulture, $"<a><ResourceRecordSets>{sets}</ResourceRecordSets><IsTruncated>true</IsTruncated><NextRecordName>h{++page}.example.</NextRecordName><NextRecordType>A</NextRecordType></a>"));
        };
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((SyncEnd.Failed, "Route 53: example has more than 50 records there"), (result.End, result.Why));
        Assert.Equal(6, page);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_given_up()
    {
        using var service = new AwsService(rig.Aws.Address, TimeSpan.FromSeconds(5), 1000, TimeProvider.System);
        rig.Aws.Instead = _ => (200, new string('x', 1001));
        Assert.Equal("an answer of more than 1000 bytes", (await service.SendAsync(new("GET", "/", [], [], []), Stop)).Why);
        rig.Aws.Instead = _ => (200, new string('x', 1000));
        Assert.Equal(1000, (await service.SendAsync(new("GET", "/", [], [], []), Stop)).Answer!.Body.Length);
    }

    [Fact]
    public async Task A_change_whose_answer_is_lost_is_not_sent_twice()
    {
        rig.Aws.Add("example.");
        await using var silent = new Servers.FakeHttp(Servers.FakeHttp.Raw(""));
        using var api = new Route53Api(rig.Config with { Endpoint = $"http://{silent.Address}/" }, new AwsSurroundings(rig.Variables.GetValueOrDefault), TimeProvider.System);
        var reply = await api.PostAsync("hostedzone/Z/rrset/", [1], 1, Stop);
        Assert.Equal("the answer broke off, or is no HTTP, at 127.0.0.1:" + silent.Address.Port.ToString(CultureInfo.InvariantCulture), reply.Why);
        Assert.Single(silent.Asked);
    }

    [Fact]
    public async Task A_refusal_that_names_no_other_writer_is_not_tried_again()
    {
        rig.Aws.Add("example.");
        rig.Aws.Instead = asked => asked.StartsWith("POST", StringComparison.Ordinal) ? (400, "<InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Messages><Message>Invalid Resource \u0001</Message></Messages></InvalidChangeBatch>".Replace("\u0001", "&#x202e;", StringComparison.Ordinal)) : null;
        var result = await rig.RunAsync("a A 192.0.2.1", forced: true);
        Assert.Equal((SyncEnd.Failed, "Route 53 has all but what changes at 2 names: a.example. A (InvalidChangeBatch: Invalid Resource \\u202e), and others"), (result.End, result.Why));
    }

    [Fact]
    public async Task That_somebody_else_was_faster_is_found_in_whatever_length_of_words()
    {
        rig.Aws.Add("example.");
        rig.Aws.Instead = asked => asked.StartsWith("POST", StringComparison.Ordinal) ? (400, $"<InvalidChangeBatch><Messages><Message>{new string('x', 600)}</Message><Message>Tried to create a, but it already exists</Message></Messages></InvalidChangeBatch>") : null;
        Assert.Equal(SyncEnd.Later, (await rig.RunAsync("a A 192.0.2.1", forced: true)).End);
    }

    [Fact]
    public async Task More_changes_than_the_account_allows_are_waited_for()
    {
        await using var slow = new Rig(changes: 500);
        slow.Aws.Add("example.");
        var result = await slow.RunAsync(string.Join(" | ", Enumerable.Range(0, 1500).Select(i => $"h{i} A 192.0.2.1")), forced: true);
        Assert.Equal((SyncEnd.Written, ""), (result.End, result.Why));
        Assert.Contains("Throttling", slow.Aws.Refused);
    }

    [Fact]
    public async Task Connections_end_with_the_last_who_used_them_and_are_there_for_the_next()
    {
        rig.Aws.Add("example.");
        using var api = new Route53Api(rig.Config, new AwsSurroundings(rig.Variables.GetValueOrDefault), TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            using var one = new Route53Target(api, rig.Config.Ids(), rig.Limits, TimeProvider.System);
            using (var other = new Route53Target(api, rig.Config.Ids(), rig.Limits, TimeProvider.System))
                Assert.NotNull((await other.ReadAsync(Sync.MadeZone.Name, Stop)).Zone);
            Assert.NotNull((await one.ReadAsync(Sync.MadeZone.Name, Stop)).Zone);
        }
    }

    [Fact]
    public async Task More_than_the_account_allows_is_waited_for_and_no_zone_starves()
    {
        for (var i = 0; i < 20; i++)
            rig.Aws.Add($"z{i}.");
        using var api = new Route53Api(rig.Config, new AwsSurroundings(rig.Variables.GetValueOrDefault), TimeProvider.System);
        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReadAsync(api, $"z{i}")));
        Assert.All(read, r => Assert.NotNull(r.Zone));
        Assert.DoesNotContain("Throttling", rig.Aws.Refused);
        // The bucket has 50; the rest comes at 10 a second.
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReadAsync(api, $"z{i}")));
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMilliseconds(500));
        Assert.DoesNotContain("Throttling", rig.Aws.Refused);
    }

    async Task<TargetReading> ReadAsync(Route53Api api, string zone) => await new Route53Target(api, rig.Config.Ids(), rig.Limits, TimeProvider.System).ReadAsync(DnsName.TryParse(zone, out var name) ? name : default, Stop);
}
