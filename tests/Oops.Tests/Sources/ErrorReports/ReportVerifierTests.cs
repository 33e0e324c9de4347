using System.Net;
using Oops.Native;
using Oops.Reports;
using Oops.Reports.Verify;
using Oops.Sources.ErrorReports;
using Oops.Tests.Native;
using Oops.Tests.Reports;
using Xunit;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>From a report to the process that checks it, and back.</summary>
public sealed class ReportVerifierTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly RecordingEngine engine = new() { View = new(["broken.test"], true, null, 1) };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Each_report_is_looked_at_once_and_only_the_servers_that_have_the_zone_are_asked()
    {
        var asked = folder.File("asked");
        var plan = new VerifyPlan
        {
            Program = ["/bin/sh", "-c", $$"""echo "$*" >> {{asked}}; echo '{"v":1,"name":"","verdict":"confirmed","why":"A: bogus","types":[]}'""", "sh"],
            Spacing = TimeSpan.FromMilliseconds(1),
            Servers = [new("ns1", [new(IPAddress.Parse("192.0.2.1"), 53)]), new("ns2", [new(IPAddress.Parse("192.0.2.2"), 53)])],
        };
        var rig = new TallyRig(new() { Conditions = [TallyRig.Bogus with { Verified = true, Number = 1, Networks = 1 }], Checks = new(TimeSpan.FromMinutes(10), 100) }, "broken.test", "fine.test");
        // It is known to work.
        var health = new VerifierHealth();
        health.Take(CheckVerdict.NotConfirmed, "", default);
        using var stop = new CancellationTokenSource();
        await using var store = new ReportStore(folder.Path, new(), TimeProvider.System);
        var running = new ReportVerifier("ns1", rig.Tally, store, engine, new CheckProcess(plan, Children.Instance), health).RunAsync(stop.Token);
        rig.Report("www.broken.test");
        rig.Report("www.broken.test", from: "198.51.100.1");
        rig.Report("www.fine.test", types: "1-28");
        rig.Report("www.elsewhere.invalid");
        for (var i = 0; i < 3000 && rig.Tally.CheckCounts.Confirmed < 2; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAny(running);
        // ns2 does not have fine.test.
        Assert.Equal(
            [
                "reports verify --json --timeout 10000ms --zone=broken.test --server=192.0.2.1@53 --server=192.0.2.2@53 -- www.broken.test A",
                "reports verify --json --timeout 10000ms --zone=fine.test --server=192.0.2.1@53 -- www.fine.test A AAAA",
            ],
            (await File.ReadAllLinesAsync(asked, TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal));
        Assert.Equal(["broken.test 2", "fine.test 1"], rig.Told().Select(t => t.Split(':')[0]).Order(StringComparer.Ordinal));
    }
}
