using System.Buffers.Binary;
using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Keys;
using Oops.Sources.Keys;
using Oops.Tests.Dns;
using Oops.Tests.Keys;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;
using Rr = Oops.Tests.Keys.KeyAnswersTests.Rr;

namespace Oops.Tests.Sources.Keys;

public sealed class KeysSourceTests : IAsyncDisposable
{
    const string Channel = "keys/ns1", Parent = "keys/ns1/parent";

    static readonly KeyData Old = Made.Key("old"), New = Made.Key("new");

    readonly FakeDnsServer server = new(), parent = new();
    readonly TemporaryFolder folder = new();
    readonly CancellationTokenSource stop = new();
    RecordingEngine engine = new();
    Task running = Task.CompletedTask;
    volatile KeyData[] served = [Old];
    volatile KeyData[] delegated = [Old];
    volatile KeyData[] asked = [];
    volatile bool silent;
    volatile uint serial = 1;

    public KeysSourceTests()
    {
        server.Udp = request => silent ? [] : [Served(request)];
        parent.Udp = request => [Delegated(request)];
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await server.DisposeAsync();
        await parent.DisposeAsync();
        stop.Dispose();
        folder.Dispose();
    }

    KeysTarget Target => new()
    {
        Server = "ns1",
        Addresses = [new("127.0.0.1", server.Address)],
        Parents = [new("127.0.0.1", parent.Address)],
        Zones = ["d1.test"],
        Refresh = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1)),
        Retry = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)),
        Spacing = TimeSpan.FromMilliseconds(1),
        Timeout = TimeSpan.FromMilliseconds(500),
        Grace = TimeSpan.FromMinutes(10),
        Folder = folder.Path,
    };

    KeysTarget Often => Target with { Refresh = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)) };

    void Start(KeysTarget? target = null)
    {
        engine = new();
        running = new KeysSource(target ?? Target).RunAsync(engine, stop.Token);
    }

    async Task EndAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    byte[] Served(byte[] request)
    {
        var (id, type) = Question(request);
        if (type == DnsType.Soa) return FakeDnsServer.Soa(request, serial);
        if (type == DnsType.Cds) return KeyAnswersTests.Message(id, Made.Zone, type, [.. asked.Select(k => new Rr(Made.Zone, DnsType.Cds, k.Ds(Made.Zone).Data))]);
        Rr[] answers = type == DnsType.Dnskey ? [.. served.Select(k => new Rr(Made.Zone, DnsType.Dnskey, k.Data)), .. served.Take(1).Select(k => new Rr(Made.Zone, DnsType.Rrsig, KeyAnswersTests.Signature(k, DateTimeOffset.UnixEpoch.AddYears(100))))] : [];
        return KeyAnswersTests.Message(id, Made.Zone, type, answers);
    }

    byte[] Delegated(byte[] request)
    {
        var (id, type) = Question(request);
        return KeyAnswersTests.Message(id, Made.Zone, type, [.. delegated.Select(k => new Rr(Made.Zone, DnsType.Ds, k.Ds(Made.Zone).Data, 3600))], delegated.Length > 0 ? [] : [new(Made.Name("test"), DnsType.Soa, [0, 0, .. new byte[20]])]);
    }

    static (ushort Id, DnsType Type) Question(byte[] request)
    {
        var reader = new DnsReader(request);
        reader.TryReadQuestion(out _, out var type, out _);
        return (BinaryPrimitives.ReadUInt16BigEndian(request), type);
    }

    ZoneSignal Keys(Predicate<ZoneSignal>? which = null) => engine.Next<ZoneSignal>(s => s.Channel == Channel && which?.Invoke(s) != false);

    ZoneSignal Fit(Predicate<ZoneSignal>? which = null) => engine.Next<ZoneSignal>(s => s is { Channel: Parent, Measure: Measure.Delegation } && which?.Invoke(s) != false);

    /// <summary>Until nothing more is said: no zone is watched.</summary>
    async Task QuietAsync()
    {
        for (var said = -1; said != engine.All.Count;)
        {
            said = engine.All.Count;
            await Task.Delay(300, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void The_keys_and_how_the_DS_fits_are_told_at_the_start()
    {
        Start();
        engine.Next<ChannelOpened>(c => c.Channel == Channel);
        Assert.True(Keys() is { Zone: "d1.test", Measure: Measure.Keys, Value: > 0, Detail: null });
        Assert.True(Fit() is { Zone: "d1.test", Measure: Measure.Delegation, Value: 0, Detail: null });
    }

    [Fact]
    public void A_change_is_told_in_words()
    {
        Start(Often);
        var before = Keys().Value;
        served = [Old, New];
        var after = Keys(s => s.Value != before);
        Assert.Equal($"added {New}", after.Detail);
        served = [New];
        Assert.Equal($"removed {Old}", Keys(s => s.Value != before && s.Value != after.Value).Detail);
        Assert.Equal((long)Severity.Fails, Fit(s => s.Value > 0).Value);
    }

    [Fact]
    public async Task What_changed_while_we_were_down_is_a_change()
    {
        Start();
        var before = Keys().Value;
        Fit();
        await EndAsync();
        served = [Old, New];
        using var again = new CancellationTokenSource();
        engine = new();
        var second = new KeysSource(Target).RunAsync(engine, again.Token);
        var after = Keys();
        Assert.NotEqual(before, after.Value);
        Assert.Equal($"added {New}", after.Detail);
        await again.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public void A_new_serial_is_looked_at_at_once()
    {
        Start();
        var before = Keys().Value;
        Fit();
        (serial, served) = (2, [Old, New]);
        Assert.True(engine.Ring("ns1"));
        Assert.Equal($"added {New}", Keys(s => s.Value != before).Detail);
    }

    [Fact]
    public void A_server_that_does_not_answer_has_lost_no_key()
    {
        Start(Often);
        var before = Keys().Value;
        silent = true;
        Assert.Contains("no answer over UDP", engine.Next<ChannelLost>(c => c.Channel == Channel).Why, StringComparison.Ordinal);
        silent = false;
        engine.Next<ChannelOpened>(c => c.Channel == Channel);
        Assert.Equal(before, Keys().Value);
        Assert.DoesNotContain(engine.All, a => a.Input is ZoneSignal { Measure: Measure.Keys } s && s.Value != before);
    }

    [Fact]
    public async Task A_zone_that_comes_back_has_what_was_known_of_it()
    {
        engine = new() { View = new(["d1.test"], true, null, 1) };
        running = new KeysSource(Often with { Zones = null }).RunAsync(engine, stop.Token);
        var before = Keys().Value;
        served = [Old, New];
        Keys(s => s.Value != before && s.Detail == $"added {New}");
        engine.View = new([], true, null, 2);
        await QuietAsync();
        served = [New];
        engine.View = new(["d1.test"], true, null, 3);
        Keys(s => s.Detail == $"removed {Old}");
    }

    [Fact]
    public void What_was_heard_too_long_ago_is_said_no_more()
    {
        Start(Often);
        Fit(s => s.Value == 0);
        silent = true;
        Assert.Contains("was not heard since", Fit(s => s.Value == Signal.Unsaid && s.Detail is not null).Detail, StringComparison.Ordinal);
        silent = false;
        Fit(s => s.Value == 0);
    }

    [Fact]
    public void A_serial_whose_keys_were_not_heard_is_news_still()
    {
        var whole = server.Udp;
        Start(Target with { Retry = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1)) });
        var before = Keys().Value;
        Fit();
        (serial, served) = (2, [Old, New]);
        server.Udp = request => Question(request).Type == DnsType.Soa ? whole(request) : [];
        Assert.True(engine.Ring("ns1"));
        engine.Next<ChannelLost>(c => c.Channel == Channel);
        server.Udp = whole;
        Assert.True(engine.Ring("ns1"));
        Assert.Equal($"added {New}", Keys(s => s.Value != before).Detail);
    }

    [Fact]
    public void Without_a_parent_nothing_is_said_of_the_delegation()
    {
        var source = new KeysSource(Target with { Parents = [] });
        Assert.DoesNotContain(source.Covers, c => c.Measures.Contains(Measure.Delegation));
        Start(Target with { Parents = [] });
        Keys();
        engine.None<ZoneSignal>(300, s => s.Measure == Measure.Delegation);
    }

    ZoneSignal Wish(Predicate<ZoneSignal>? which = null) => engine.Next<ZoneSignal>(s => s.Measure == Measure.CdsWanted && which?.Invoke(s) != false);

    [Fact]
    public void What_the_zone_asks_for_is_told_beside_what_does_not_fit()
    {
        // A DS that is of no key, and one that is.
        delegated = [Old, Made.Key("standby")];
        Start(Often);
        Assert.Equal(0, Wish().Value);
        (served, asked) = ([Old, New], [Old, New]);
        var one = Wish(s => s.Value > 0);
        Assert.Contains("the zone asks for the DS", one.Detail, StringComparison.Ordinal);
        Assert.Contains("is of no key that is served", one.Detail, StringComparison.Ordinal);
        // Of keys that do not sign: no parent takes it, and nobody is told to hand it on.
        asked = [New];
        Assert.Equal(one.Detail!.Length > 0, Wish(s => s.Value == Signal.Unsaid).Detail!.Contains("such a DS would break the zone", StringComparison.Ordinal));
        delegated = asked = [Old];
        Assert.Equal(0, Wish(s => s.Value == 0).Value);
    }

    [Fact]
    public void All_that_does_not_fit_is_in_the_detail_the_worst_in_words_and_what_is_too_much_by_its_name()
    {
        Finding Long(FindingKind kind, Severity severity, int length) => new(kind, severity, new string('x', length));
        Assert.Null(KeysVoice.Text([]));
        Assert.Equal($"{new string('x', 300)}; {new string('x', 100)}; and ds-of-no-key", KeysVoice.Text([Long(FindingKind.DsWithoutKey, Severity.Fails, 300), Long(FindingKind.CdsWantsChange, Severity.ChangeWanted, 100), Long(FindingKind.DsOfNoKey, Severity.Note, 300)]));
        Assert.Equal($"{new string('x', 600)} ...; and same-tag, not-heard", KeysVoice.Text([Long(FindingKind.DsWithoutKey, Severity.Fails, 700), Long(FindingKind.SameTag, Severity.MayFail, 300), Long(FindingKind.NotHeard, Severity.Note, 3), Long(FindingKind.NotHeard, Severity.Note, 3)]));
    }

    [Fact]
    public void What_is_ignored_is_told_and_does_not_count()
    {
        delegated = [];
        Start(Target with { Ignore = new HashSet<FindingKind> { FindingKind.KeyWithoutDs } });
        var fit = Fit();
        Assert.Equal(0, fit.Value);
        Assert.Contains("the parent has no DS", fit.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_incarnation_of_the_server_is_told_again()
    {
        Start();
        Keys();
        Fit();
        engine.View = new([], false, 4711, 1);
        Keys();
        Assert.Equal(0, Fit().Value);
    }

    [Fact]
    public async Task While_the_disk_refuses_changes_wait_and_the_delegation_is_judged()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Start(Target with { Folder = Path.Combine(file, "below") });
        Assert.Contains("not stored", engine.Next<ChannelLost>(c => c.Channel == "keys/ns1/keys.db").Why, StringComparison.Ordinal);
        Assert.Equal(0, Fit().Value);
        Assert.DoesNotContain(engine.All, a => a.Input is ZoneSignal { Measure: Measure.Keys });
    }

    [Fact]
    public void A_truncated_answer_is_taken_over_TCP()
    {
        var whole = server.Udp;
        server.Udp = request =>
        {
            var (id, type) = Question(request);
            return type == DnsType.Soa ? whole(request) : [KeyAnswersTests.Message(id, Made.Zone, type, [], flags: DnsHeader.Aa | DnsHeader.Tc)];
        };
        server.Tcp = request => FakeDnsServer.Framed(Served(request));
        Start();
        Assert.True(Keys().Value > 0);
    }
}
