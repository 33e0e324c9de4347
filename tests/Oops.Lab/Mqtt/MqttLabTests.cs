using System.Globalization;
using System.Text;
using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Oops.Wire.Bus;
using Xunit;

namespace Oops.Lab.Mqtt;

/// <summary>oops and real brokers, and subscribers that know nothing else.</summary>
public sealed class MqttLabTests : IAsyncDisposable
{
    readonly OopsDaemon oops = new();
    readonly Broker broker = new();

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        await broker.DisposeAsync();
    }

    static string Config(string options, string more = "") => $$"""
        mode: act
        site: lab
        servers:
          ns1: { kind: nsd, address: 127.0.0.1@{{ZoneServer.Port}}, zones: { list: [d1.test, gone.test] } }
        conditions:
          trouble: { kind: external, polarity: bad }
        sources:
          probe: [ { server: ns1, to: ["127.0.0.1@{{ZoneServer.Port}}"] } ]
        actions:
          mqtt: [ { name: bus, broker: 127.0.0.1, port: {{Broker.Port}}, node: n1, {{options}} } ]
        {{more}}
        """;

    [Fact]
    public async Task Who_comes_late_has_the_present_states_at_once_hears_each_change_and_that_oops_was_killed()
    {
        LabRequires.Programs("mosquitto", "mosquitto_sub", "nsd");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        await using var server = new ZoneServer("nsd", "d1.test");
        await server.StartAsync(Zone(7));
        await broker.StartAsync();
        await oops.StartAsync(Config("republish: 30s", "rules: [ { on: zone-updated, zones: ['*'], do: [ { run: bus, each: every } ] } ]"));
        await RetainedAsync("dns-oops/v1/lab/ns1/zone-ready/gone.test", BusState.NotMet);
        await RetainedAsync("dns-oops/v1/lab/ns1/server-running", BusState.Met);
        await RetainedAsync("dns-oops/v1/lab/_node/n1", BusState.Met);

        await Wait.UntilAsync("both zones are counted", async () => Parse(await Broker.RetainedAsync("dns-oops/v1/lab/ns1/zone-ready")) is [{ Signal.Arguments: var a }] && a.Contains(new("met", null, 1)) && a.Contains(new("not_met", null, 1)), TimeSpan.FromSeconds(20));

        var late = Parse(await Broker.RetainedAsync());
        Assert.All(late, s => Assert.Equal(s.Topic, BusTopic.Of(s.Signal).ToString()));
        var sum = late.Single(s => s.Topic == "dns-oops/v1/lab/ns1/zone-ready").Signal;
        Assert.Equal(BusState.NotMet, sum.State);
        Assert.Equal([new("first", "gone.test"), new("met", null, 1), new("not_met", null, 1), new("unknown", null, 0), new("zones", null, 2)], sum.Arguments);
        Assert.DoesNotContain(late, s => s.Signal.Zone == "d1.test");
        Assert.Single(late.Select(s => s.Signal.Life).Distinct());
        Assert.Equal(late.Count, late.Select(s => s.Signal.Sequence).Distinct().Count());

        await using var listener = broker.Listen("listener");
        await Wait.UntilAsync("the listener has all", () => Heard(listener).Length >= late.Count);
        Assert.Equal(0, (await oops.RunAsync("signal", "trouble", "ns1", "met", "--valid-for", "5m", "why=lab")).Code);
        await HearsAsync(listener, "0 dns-oops/v1/lab/ns1/trouble ", "\"state\":\"met\"");
        Assert.Equal(0, (await oops.RunAsync("signal", "trouble", "ns1", "not-met", "--valid-for", "5m")).Code);
        await HearsAsync(listener, "0 dns-oops/v1/lab/ns1/trouble ", "\"state\":\"not-met\"");

        // What the server says of itself comes as soon as it is seen.
        await server.Process.EndAsync(LabProcess.KillNow);
        await HearsAsync(listener, "0 dns-oops/v1/lab/ns1/server-running ", "\"state\":\"not-met\"");

        // A level has a topic of its own, where a rule says so.
        await server.StartAsync(Zone(8));
        await RetainedAsync("dns-oops/v1/lab/ns1/zone-updated/d1.test", BusState.Met);
        var level = Assert.Single(Parse(await Broker.RetainedAsync("dns-oops/v1/lab/ns1/zone-updated/d1.test"))).Signal;
        Assert.Equal((8L, new BusArgument("previous_serial", null, 7)), (level.Value!.Value, Assert.Single(level.Arguments)));

        oops.Process.Signal(LabProcess.KillNow);
        await HearsAsync(listener, "0 dns-oops/v1/lab/_node/n1 ", "\"state\":\"not-met\"");
        await RetainedAsync("dns-oops/v1/lab/_node/n1", BusState.NotMet);

        // The next life says all anew, and its end in good order is told as such.
        await oops.Process.EndAsync(0);
        await oops.LaunchAsync();
        await RetainedAsync("dns-oops/v1/lab/_node/n1", BusState.Met);
        await Wait.UntilAsync("all is of the new life", async () => Parse(await Broker.RetainedAsync()).Where(s => s.Signal.Zone is null).Select(s => s.Signal.Life).Distinct().Count() == 1, TimeSpan.FromSeconds(20));
        await oops.Process.EndAsync();
        await HearsAsync(listener, "0 dns-oops/v1/lab/_node/n1 ", "\"because\":\"stopped\"");
        Assert.Equal("stopped", Assert.Single(Parse(await Broker.RetainedAsync("dns-oops/v1/lab/_node/n1"))).Signal.Because);
    }

    [Fact]
    public async Task What_a_broker_kept_while_oops_was_not_connected_is_mended_when_it_is()
    {
        LabRequires.Programs("mosquitto", "mosquitto_sub", "nsd");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        broker.Persists = true;
        await broker.StartAsync();
        await using (var other = new ZoneServer("nsd", "gone.test"))
        {
            await other.StartAsync(Zone(1).Replace("d1.test", "gone.test", StringComparison.Ordinal));
            await oops.StartAsync(Config(""));
            await RetainedAsync("dns-oops/v1/lab/ns1/zone-ready/d1.test", BusState.NotMet);
            await broker.StopAsync();
            await AlarmAsync("session/bus", $"mqtt broker 127.0.0.1@{Broker.Port}:");
        }

        await using var server = new ZoneServer("nsd", "d1.test");
        await server.StartAsync(Zone(7));
        await Wait.UntilAsync("the zone is there", async () => (await oops.RunAsync("explain", "condition/zone-ready/ns1/d1.test", "--json")).Text.Contains("\"state\":\"met\"", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("explain", "condition/zone-ready/ns1/d1.test").Result.Text);
        await broker.StartAsync();
        await RetainedAsync("dns-oops/v1/lab/ns1/zone-ready/d1.test", BusState.Met);
        await RetainedAsync("dns-oops/v1/lab/ns1/zone-ready/gone.test", BusState.NotMet);
    }

    [Fact]
    public async Task With_TLS_a_broker_that_is_down_is_told_as_such_and_costs_no_time_and_one_with_another_name_gets_nothing()
    {
        LabRequires.Programs("mosquitto", "mosquitto_sub", "openssl");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        string at = broker.Folder;
        await CertificateAsync(at, "ca", null, "basicConstraints=critical,CA:TRUE");
        await CertificateAsync(at, "other", "ca", "subjectAltName=DNS:other.test");
        await CertificateAsync(at, "broker", "ca", "subjectAltName=IP:127.0.0.1");
        await oops.StartAsync(Config($"tls: {{ ca: {at}/ca.pem }}"));
        await AlarmAsync("session/bus", $"mqtt broker 127.0.0.1@{Broker.Port}: connection refused");
        var spent = Spent();
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.InRange(Spent() - spent, 0, 300);

        broker.Config = $"listener {Broker.Port} 127.0.0.1\ncertfile {at}/other.pem\nkeyfile {at}/other.key\nallow_anonymous true";
        await broker.StartAsync();
        await AlarmAsync("session/bus", "TLS error");
        await broker.StopAsync();
        broker.Config = broker.Config.Replace("other", "broker", StringComparison.Ordinal);
        await broker.StartAsync();
        await Wait.UntilAsync("it is connected", async () => Parse(await Broker.RetainedAsync("dns-oops/v1/lab/_node/n1", "--cafile", $"{at}/ca.pem")) is [{ Signal.State: BusState.Met }],
            TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail() + broker.Process.Tail());
    }

    [Fact]
    public async Task What_changed_while_the_broker_was_away_is_there_when_it_is_back_and_the_alarm_says_why_meanwhile()
    {
        LabRequires.Programs("mosquitto", "mosquitto_sub");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        await oops.StartAsync(Config("format: cbor", "rules: [ { on: trouble, do: [ { run: bus, each: every } ] }, { on: trouble, states: [not-met], do: [ { run: bus } ] } ]"));
        await AlarmAsync("session/bus", $"mqtt broker 127.0.0.1@{Broker.Port}: connection refused");
        Assert.Equal(0, (await oops.RunAsync("signal", "trouble", "ns1", "met", "--valid-for", "5m")).Code);
        await broker.StartAsync();
        await Wait.UntilAsync("the state of meanwhile is there", async () => (await CborAsync("dns-oops/v1/lab/ns1/trouble"))?.State == BusState.Met, TimeSpan.FromSeconds(40), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail());
        await Wait.UntilAsync("no alarm", async () => !(await oops.RunAsync("status")).Text.Contains("session/bus", StringComparison.Ordinal), state: () => oops.Process.Tail());

        await broker.StopAsync();
        await AlarmAsync("session/bus", $"mqtt broker 127.0.0.1@{Broker.Port}:");
        Assert.Equal(0, (await oops.RunAsync("signal", "trouble", "ns1", "not-met", "--valid-for", "5m")).Code);
        await broker.StartAsync();
        await Wait.UntilAsync("the newest state is there", async () => (await CborAsync("dns-oops/v1/lab/ns1/trouble"))?.State == BusState.NotMet, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail());
    }

    [Fact]
    public async Task A_broker_that_asks_for_a_certificate_and_a_password_gets_both_and_one_that_is_not_who_it_should_be_gets_nothing()
    {
        LabRequires.Programs("mosquitto", "mosquitto_sub", "mosquitto_passwd", "openssl");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        string at = broker.Folder;
        await CertificateAsync(at, "ca", null, "basicConstraints=critical,CA:TRUE");
        await CertificateAsync(at, "other-ca", null, "basicConstraints=critical,CA:TRUE");
        await CertificateAsync(at, "broker", "ca", "subjectAltName=IP:127.0.0.1");
        await CertificateAsync(at, "n1", "ca", "extendedKeyUsage=clientAuth");
        await OopsDaemon.DoProgramAsync(Harness.Lab.Find("mosquitto_passwd")!, "-c", "-b", $"{at}/passwd", "lab", "s3cret");
        await File.WriteAllTextAsync($"{at}/acl", "pattern write dns-oops/v1/%u/#\nuser noc\ntopic read dns-oops/v1/#\n");
        await OopsDaemon.DoProgramAsync(Harness.Lab.Find("mosquitto_passwd")!, "-b", $"{at}/passwd", "noc", "noc");
        broker.Config = $"listener {Broker.Port} 127.0.0.1\ncafile {at}/ca.pem\ncertfile {at}/broker.pem\nkeyfile {at}/broker.key\nrequire_certificate true\nallow_anonymous false\npassword_file {at}/passwd\nacl_file {at}/acl";
        await broker.StartAsync();
        await File.WriteAllTextAsync($"{at}/password", "s3cret\n");
        File.SetUnixFileMode($"{at}/password", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        string options = $"user: lab, password: {at}/password, tls: {{ ca: {at}/CA.pem, certificate: {at}/n1.pem, key: {at}/n1.key }}";
        await oops.StartAsync(Config(options.Replace("CA.pem", "other-ca.pem", StringComparison.Ordinal)));
        await AlarmAsync("session/bus", "mqtt broker 127.0.0.1@1884: a TLS error");
        Assert.DoesNotContain(await File.ReadAllLinesAsync(broker.Process.Output), l => l.Contains("lab", StringComparison.Ordinal) && l.Contains("as oops-", StringComparison.Ordinal));

        await File.WriteAllTextAsync($"{at}/password", "wrong\n");
        await oops.WriteAsync(Config(options.Replace("CA.pem", "ca.pem", StringComparison.Ordinal)));
        Assert.Equal(0, (await oops.RunAsync("reload")).Code);
        await AlarmAsync("session/bus", "not authori");
        Assert.DoesNotContain("s3cret", (await oops.RunAsync("status")).Text, StringComparison.Ordinal);

        // A new password counts without a reload.
        await File.WriteAllTextAsync($"{at}/password", "s3cret\n");
        await Wait.UntilAsync("it is connected", async () => Parse(await Broker.RetainedAsync("dns-oops/v1/lab/_node/n1", "-u", "noc", "-P", "noc", "--cafile", $"{at}/ca.pem", "--cert", $"{at}/n1.pem", "--key", $"{at}/n1.key")) is [{ Signal.State: BusState.Met }],
            TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail() + broker.Process.Tail());
        await Wait.UntilAsync("no alarm", async () => !(await oops.RunAsync("status")).Text.Contains("session/bus", StringComparison.Ordinal));

        // What its access list does not allow is told, with the topic.
        await oops.WriteAsync(Config(options.Replace("CA.pem", "ca.pem", StringComparison.Ordinal)).Replace("site: lab", "site: elsewhere", StringComparison.Ordinal));
        await oops.RunAsync("reload", "--confirm");
        await AlarmAsync("session/bus", "does not take dns-oops/v1/elsewhere/");
    }

    [Fact]
    public async Task A_broker_of_MQTT_3_1_1_alone_is_told_as_such_and_takes_all_states_by_that_version()
    {
        LabRequires.Programs("nats-server", "mosquitto_sub");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        await broker.StartNatsAsync();
        await oops.StartAsync(Config("version: 5"));
        await AlarmAsync("session/bus", "version: 3.1.1");
        await oops.WriteAsync(Config("version: 3.1.1"));
        Assert.Equal(0, (await oops.RunAsync("reload")).Code);
        await RetainedAsync("dns-oops/v1/lab/_node/n1", BusState.Met, "-V", "311");
        Assert.Equal(0, (await oops.RunAsync("signal", "trouble", "ns1", "met", "--valid-for", "5m")).Code);
        await RetainedAsync("dns-oops/v1/lab/ns1/trouble", BusState.Met, "-V", "311");
        await using var listener = broker.Listen("listener", "-V", "311");
        await Wait.UntilAsync("the listener has all", () => Heard(listener).Length >= 2);
        oops.Process.Signal(LabProcess.KillNow);
        await HearsAsync(listener, "0 dns-oops/v1/lab/_node/n1 ", "\"state\":\"not-met\"");
    }

    [Fact]
    public async Task A_broker_that_ends_the_connection_at_what_it_is_told_is_left_alone_for_longer_each_time()
    {
        LabRequires.Programs("nats-server", "mosquitto_sub", "nsd");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
        await broker.StartNatsAsync();
        await using var server = new ZoneServer("nsd", "gone.test");
        await server.StartAsync(Zone(1).Replace("d1.test", "gone.test", StringComparison.Ordinal));
        await oops.StartAsync(Config("version: 3.1.1"));
        // NATS before 2.10 takes no topic with a dot in it.
        await Wait.UntilAsync("it is thrown out, or not", async () => Ends() > 0 || (await Broker.RetainedAsync("dns-oops/v1/lab/ns1/zone-ready/d1.test", "-V", "311")).Count > 0, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail() + broker.Process.Tail(40));
        await Task.Delay(TimeSpan.FromSeconds(25));
        Assert.InRange(Ends(), 0, 8);

        int Ends() => File.ReadLines(broker.Process.Output).Count(l => l.Contains("not supported for MQTT topics", StringComparison.Ordinal));
    }

    /// <summary>Hundredths of a second of the processor, of all its threads.</summary>
    int Spent() => File.ReadAllText($"/proc/{oops.Process.Pid}/stat").Split(' ') is var fields ? int.Parse(fields[13], CultureInfo.InvariantCulture) + int.Parse(fields[14], CultureInfo.InvariantCulture) : 0;

    Task RetainedAsync(string topic, BusState state, params string[] more) =>
        Wait.UntilAsync($"{topic} is {state}", async () => Parse(await Broker.RetainedAsync(topic, more)) is [var one] && one.Signal.State == state, TimeSpan.FromSeconds(40), TimeSpan.FromMilliseconds(50), () => oops.Process.Tail() + broker.Process.Tail());

    Task AlarmAsync(string id, string says) =>
        Wait.UntilAsync($"alarm {id}: {says}", async () => (await oops.RunAsync("explain", "alarm/" + id)).Text.Replace("\n", " ", StringComparison.Ordinal).Contains(says, StringComparison.OrdinalIgnoreCase), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("status").Result.Text + oops.Process.Tail());

    static Task HearsAsync(LabProcess listener, string begins, string has) =>
        Wait.UntilAsync($"it hears {begins} {has}", () => Heard(listener).Any(l => l.StartsWith(begins, StringComparison.Ordinal) && l.Contains(has, StringComparison.Ordinal)), TimeSpan.FromSeconds(30), state: () => listener.Tail(40));

    static string Zone(int serial) => $"$ORIGIN d1.test.\n@ 300 IN SOA ns hostmaster {serial} 3600 600 86400 300\n@ 300 IN NS ns\nns 300 IN A 192.0.2.1\n";

    static string[] Heard(LabProcess listener) => File.Exists(listener.Output) ? File.ReadAllLines(listener.Output) : [];

    static List<(string Topic, BusSignal Signal)> Parse(IReadOnlyList<string> lines) => [.. lines.Select(l => l.Split(' ', 2)).Select(p =>
    {
        var signal = BusJson.Read(Encoding.UTF8.GetBytes(p[1]), out string why);
        Assert.True(signal is not null, $"{why}: {p[1]}");
        return (p[0], signal);
    })];

    static async Task<BusSignal?> CborAsync(string topic)
    {
        (_, string hex) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("mosquitto_sub")!, "-h", "127.0.0.1", "-p", $"{Broker.Port}", "-t", topic, "-C", "1", "-W", "1", "-F", "%x");
        return hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit) ? BusCbor.Read(Convert.FromHexString(hex), out _) : null;
    }

    static async Task CertificateAsync(string folder, string name, string? issuer, string extension)
    {
        string[] by = issuer is null ? [] : ["-CA", $"{folder}/{issuer}.pem", "-CAkey", $"{folder}/{issuer}.key"];
        await OopsDaemon.DoProgramAsync([Harness.Lab.Find("openssl")!, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=" + name, "-keyout", $"{folder}/{name}.key", "-out", $"{folder}/{name}.pem", "-addext", extension, .. by]);
    }
}
