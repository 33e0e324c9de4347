using System.Net;
using Oops.Servers;
using Oops.Sources.Bind;
using Oops.Tests.Dns;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Sources.Bind;

public sealed class BindNamesTests
{
    [Fact]
    public async Task What_is_left_of_a_zone_is_counted_from_when_its_group_was_answered()
    {
        var time = new FakeTime();
        await using var dns = new FakeDnsServer();
        // The last zone has a group of its own, and takes its time.
        dns.Udp = request =>
        {
            if (FakeDnsServer.ZoneOf(request) == "z64.test") time.Advance(TimeSpan.FromSeconds(1.5));
            return [FakeDnsServer.Soa(request, 7, left: 1000)];
        };
        var options = new BindOptions("ns1", new(IPAddress.Loopback, 1), TimeSpan.FromSeconds(60), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        var names = new BindNames(dns.Address, options, new BindCounts(), time);
        var named = await names.AskAsync([.. Enumerable.Range(0, 65).Select(i => $"z{i}.test")], TestContext.Current.CancellationToken);
        Assert.Equal(65, named.Count);
        // named cuts seconds off: half a one less.
        Assert.All(named.Take(64), n => Assert.Equal(Plan.In(TimeSpan.FromSeconds(998)), n.Facts!.Value.Expiry));
        Assert.Equal(Plan.In(TimeSpan.FromSeconds(999.5)), named[64].Facts!.Value.Expiry);
    }
}
