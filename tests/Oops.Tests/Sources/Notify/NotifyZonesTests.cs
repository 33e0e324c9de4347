using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Sources.Notify;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Notify;

public sealed class NotifyZonesTests
{
    static readonly PeerAddress By = PeerAddress.From(IPAddress.Loopback);
    static readonly Soa Soa = new(1, 600, 60, 3600, 60);

    readonly SteppedTime time = new();
    int wakes;

    [Fact]
    public void A_name_under_a_wildcard_is_kept_only_if_somebody_has_the_zone()
    {
        var zones = Zones(["*.example"]);
        Assert.Equal(Noted.NotOurs, Note(zones, "example"));
        Assert.Equal(Noted.NotOurs, Note(zones, "a.test"));
        Assert.Equal(Noted.Taken, Note(zones, "a.example"));
        Assert.Equal(Noted.Taken, Note(zones, "b.example"));
        var looks = Take(zones);
        Assert.Equal(["a.example", "b.example"], looks.Select(l => l.Zone.Name.ToString()));
        Assert.True(zones.Failed(looks[0].Zone, Failure.Denied, Notified.None, 0).Forgotten);
        Assert.Equal(1u, zones.Answered(looks[1].Zone, Soa, Notified.None, 0).Serial);
        Assert.Equal(1, zones.Total);
        Assert.Equal(TimeSpan.MaxValue, zones.Take([], 10)); // never polled
        Assert.Equal(Noted.Taken, Note(zones, "b.example"));
        Assert.Equal(1, zones.Failed(Take(zones)[0].Zone, Failure.Unread, Notified.Soa, 0).Failures);
        Assert.Equal(TimeSpan.FromSeconds(64), zones.Take([], 10)); // but asked again after a failure
    }

    [Fact]
    public void Invented_names_fill_no_memory()
    {
        var zones = Zones(["*"]);
        for (var i = 0; i < NotifyZones.MostUnproved; i++)
            Assert.Equal(Noted.Taken, Note(zones, $"n{i}.test"));
        for (var i = 0; i < 10_000; i++)
            Assert.Equal(Noted.Full, Note(zones, $"m{i}.test"));
        Assert.Equal(NotifyZones.MostUnproved, zones.Total);
        foreach (var look in Take(zones))
            zones.Failed(look.Zone, Failure.Denied, Notified.None, 0);
        Assert.Equal(0, zones.Total);
        Assert.Equal(Noted.Taken, Note(zones, "again.test"));
    }

    [Fact]
    public void Learnt_zones_have_a_limit_of_their_own()
    {
        var zones = Zones(["*"], mostLearnt: 2);
        Note(zones, "a.test");
        Note(zones, "b.test");
        foreach (var look in Take(zones))
            zones.Answered(look.Zone, Soa, Notified.None, 0);
        Assert.Equal(Noted.Full, Note(zones, "c.test"));
        Assert.Equal(Noted.Taken, Note(zones, "a.test"));
    }

    [Fact]
    public void A_flood_of_NOTIFYs_allocates_nothing_and_wakes_once()
    {
        var zones = Zones([]);
        zones.SetNamed(Enumerable.Range(0, 1000).Select(i => $"z{i}.example"));
        foreach (var look in Take(zones))
            zones.Answered(look.Zone, Soa, Notified.None, 0);
        zones.Take([], 10); // asleep
        var names = Enumerable.Range(0, 1000).Select(i => Name($"z{i}.example")).ToArray();
        Note(zones, "z0.example");
        wakes = 0;
        foreach (var name in names)
            zones.Note(name, Notified.Soa, null, By);
        var merged = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            foreach (ref readonly var name in names.AsSpan())
                merged += zones.Note(name, Notified.Soa, null, By) == Noted.Merged ? 1 : 0;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal(100_000, merged);
        Assert.Equal(0, wakes);
        Assert.Equal(1000, Take(zones).Count);
    }

    [Fact]
    public void What_was_notified_and_is_not_served_yet_is_asked_for_again_soon_and_only_so_often()
    {
        var zones = Zones([]);
        zones.SetNamed(["a.example"]);
        zones.Answered(Assert.Single(Take(zones)).Zone, Soa, Notified.None, 0);
        zones.Note(Name("a.example"), Notified.Soa, 2, By);
        time.Step(TimeSpan.FromSeconds(2));
        List<TimeSpan> waits = [];
        for (var look = Assert.Single(Take(zones)); look.Wants == Notified.Soa; look = Assert.Single(Take(zones)))
        {
            Assert.Equal(default, zones.Answered(look.Zone, Soa, look.Wants, 0));
            var wait = zones.Take([], 10) - zones.Now;
            waits.Add(wait);
            time.Step(wait);
        }

        Assert.Equal([62.5, 125, 250, 500, 600_000], waits.Select(w => w.TotalMilliseconds));
    }

    [Fact]
    public void A_server_that_does_not_serve_yet_what_it_has_notified_has_not_failed()
    {
        var zones = Zones([]);
        zones.SetNamed(["a.example"]);
        zones.Answered(Assert.Single(Take(zones)).Zone, Soa, Notified.None, 0);
        time.Step(TimeSpan.FromSeconds(2));
        Note(zones, "a.example");
        var look = Assert.Single(Take(zones));
        Assert.Equal(default, zones.Failed(look.Zone, Failure.Declined, look.Wants, 0));
        time.Step(TimeSpan.FromSeconds(0.1));
        look = Assert.Single(Take(zones));
        // Also the same serial is news after that.
        Assert.Equal(new News(Serial: 1), zones.Answered(look.Zone, Soa, look.Wants, 0));
        Assert.Equal(TimeSpan.FromSeconds(600), zones.Take([], 10) - zones.Now);
    }

    [Fact]
    public void A_server_that_goes_on_not_serving_what_it_has_notified_has_failed()
    {
        var zones = Zones([]);
        zones.SetNamed(["a.example"]);
        zones.Answered(Assert.Single(Take(zones)).Zone, Soa, Notified.None, 0);
        time.Step(TimeSpan.FromSeconds(2));
        Note(zones, "a.example");
        for (var i = 0; i < NotifyZones.MostAgain; i++)
        {
            Assert.Equal(default, zones.Failed(Assert.Single(Take(zones)).Zone, Failure.Declined, Notified.Soa, 0));
            time.Step(TimeSpan.FromSeconds(0.6));
        }

        Assert.Equal(1, zones.Failed(Assert.Single(Take(zones)).Zone, Failure.Declined, Notified.Soa, 0).Failures);
        Assert.Equal(TimeSpan.FromSeconds(64), zones.Take([], 10) - zones.Now);
    }

    [Fact]
    public void Notified_zones_go_before_polls_and_polls_are_rationed()
    {
        var zones = Zones([]);
        zones.SetNamed(Enumerable.Range(0, 1000).Select(i => $"z{i}.example"));
        Note(zones, "z777.example");
        List<Look> looks = [];
        zones.Take(looks, 10);
        Assert.Equal(11, looks.Count);
        Assert.Equal(("z777.example", Notified.Soa), (looks[0].Zone.Name.ToString(), looks[0].Wants));
        Assert.All(looks.Skip(1), l => Assert.Equal(Notified.None, l.Wants));
    }

    [Fact]
    public void A_zone_that_left_is_forgotten_wherever_it_was()
    {
        var zones = Zones([]);
        zones.SetNamed(["asked.example", "queued.example", "polled.example", "stays.example"]);
        var looks = Take(zones);
        foreach (var look in looks.Where(l => l.Zone.Name != Name("asked.example")))
            zones.Answered(look.Zone, Soa, Notified.None, 0);
        time.Step(TimeSpan.FromSeconds(2));
        Note(zones, "queued.example");
        zones.SetNamed(["stays.example"]);
        Assert.Equal(1, zones.Total);
        Assert.Equal(Noted.NotOurs, Note(zones, "queued.example"));
        zones.Answered(looks.Single(l => l.Zone.Name == Name("asked.example")).Zone, Soa, Notified.None, 0);
        Assert.Empty(Take(zones));
        time.Step(TimeSpan.FromDays(1));
        Assert.Equal("stays.example", Assert.Single(Take(zones)).Zone.Name.ToString());
    }

    [Fact]
    public void Any_sequence_keeps_the_order_of_what_is_due()
    {
        var random = new Random(7);
        var heap = new DueHeap();
        var zones = Enumerable.Range(0, 300).Select(i => new NotifyZone([], i, true)).ToArray();
        var due = new Dictionary<NotifyZone, TimeSpan>();
        for (var i = 0; i < 20_000; i++)
        {
            var zone = zones[random.Next(zones.Length)];
            if (random.Next(3) == 0)
            {
                heap.Remove(zone);
                due.Remove(zone);
            }
            else
            {
                heap.Set(zone, due[zone] = TimeSpan.FromTicks(random.Next(1000)));
            }

            Assert.Equal(due.Count, heap.Count);
            if (due.Count > 0)
                Assert.Equal(due.Values.Min(), heap.First!.Due);
        }
    }

    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    static Noted Note(NotifyZones zones, string zone) => zones.Note(Name(zone), Notified.Soa, null, By);

    static List<Look> Take(NotifyZones zones)
    {
        List<Look> looks = [];
        zones.Take(looks, int.MaxValue);
        return looks;
    }

    NotifyZones Zones(string[] wildcards, int mostLearnt = 100_000) => new(new NotifyTarget
    {
        Server = "ns1",
        Listen = new DnsListenerOptions { Addresses = [] },
        Rules = [],
        Wildcards = wildcards,
        MostLearnt = mostLearnt,
        Spacing = TimeSpan.Zero,
    }, time, () => wakes++);
}
