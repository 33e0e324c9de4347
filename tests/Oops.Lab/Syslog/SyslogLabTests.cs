using System.Text.Json;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Syslog;

/// <summary>What happened, told to a real rsyslogd.</summary>
public sealed class SyslogLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static string Config(string action, int port = Rsyslogd.Port) => $$"""
        mode: act
        site: ams1
        servers: { ns1: { kind: other } }
        conditions: { closed: { kind: external, polarity: bad } }
        actions:
          syslog: [ { name: siem, to: [127.0.0.1@{{port}}], {{action}} } ]
        rules:
          - { on: closed, states: [met, not-met], do: [ { run: siem, each: every } ] }
        """;

    [Theory]
    [InlineData("udp", "structured")]
    [InlineData("tcp", "structured")]
    [InlineData("tcp", "cef")]
    [InlineData("tls", "ocsf")]
    public async Task A_receiver_understands_each_message(string transport, string format)
    {
        LabRequires.Programs("rsyslogd", "openssl");
        await using var receiver = new Rsyslogd();
        await receiver.StartAsync();
        await using var oops = new OopsDaemon();
        await oops.StartAsync(transport == "tls"
            ? Config($"format: {format}, tls: {{ server-name: log.test, ca: {receiver.Certificate} }}", Rsyslogd.TlsPort)
            : Config($"transport: {transport}, format: {format}"));
        Assert.Equal(0, (await oops.RunAsync("signal", "closed", "ns1", "met")).Code);
        await Wait.UntilAsync("it came", () => receiver.Messages.Count >= 1, Patience, state: () => oops.Process.Tail(20) + receiver.Process.Tail());
        Assert.Equal(0, (await oops.RunAsync("signal", "closed", "ns1", "not-met")).Code);
        await Wait.UntilAsync("its end came", () => receiver.Messages.Count >= 2, Patience, state: () => oops.Process.Tail(20) + receiver.Process.Tail());

        var (met, over) = (receiver.Messages[0], receiver.Messages[1]);
        Assert.Equal(("oops", "external", "daemon", "warning", "notice"), (Text(met, "app-name"), Text(met, "msgid"), Text(met, "syslogfacility-text"), Text(met, "syslogseverity-text"), Text(over, "syslogseverity-text")));
        var said = Text(met, "msg").TrimStart('\ufeff', ' ');
        switch (format)
        {
            case "structured":
                Assert.Contains("condition=\"closed\" kind=\"external\" state=\"met\" server=\"ns1\" ", Text(met, "structured-data"), StringComparison.Ordinal);
                Assert.StartsWith("[oops@32473 id=\"siem-", Text(met, "structured-data"), StringComparison.Ordinal);
                Assert.Contains("state=\"not-met\"", Text(over, "structured-data"), StringComparison.Ordinal);
                Assert.Equal("closed: ns1: met (cli/root)", said);
                break;
            case "cef":
                Assert.Matches(@"^CEF:0\|DNS OOPS\|oops\|[^|]+\|external\|closed: ns1\|6\|externalId=siem-\S+ rt=\d+ cs1=closed cs1Label=condition outcome=met dhost=ns1 ", said);
                break;
            default:
                using (var json = JsonDocument.Parse(said))
                    Assert.Equal((4003, 400399, "external", "met"), (json.RootElement.GetProperty("class_uid").GetInt32(), json.RootElement.GetProperty("type_uid").GetInt32(), json.RootElement.GetProperty("activity_name").GetString(), json.RootElement.GetProperty("unmapped").GetProperty("state").GetString()));
                break;
        }
    }

    [Fact]
    public async Task What_a_receiver_that_was_away_has_missed_comes_when_it_is_back_once_and_in_order()
    {
        LabRequires.Programs("rsyslogd", "openssl");
        await using var receiver = new Rsyslogd();
        await receiver.StartAsync();
        await using var oops = new OopsDaemon();
        await oops.StartAsync(Config("transport: tcp"));
        Assert.Equal(0, (await oops.RunAsync("signal", "closed", "ns1", "met")).Code);
        await Wait.UntilAsync("it came", () => receiver.Messages.Count == 1, Patience, state: () => oops.Process.Tail(20));
        await receiver.EndAsync();
        foreach (var state in new[] { "not-met", "met", "not-met" })
            Assert.Equal(0, (await oops.RunAsync("signal", "closed", "ns1", state)).Code);
        await Wait.UntilAsync("it is tried again", async () => (await oops.RunAsync("status")).Text.Contains("connection refused; it is tried again", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => oops.Process.Tail(20));
        await receiver.StartAsync();
        await Wait.UntilAsync("all came", () => receiver.Messages.Count >= 4, TimeSpan.FromSeconds(60), state: () => oops.Process.Tail(20));
        string[] states = [.. receiver.Messages.Select(static m => Text(m, "structured-data").Split("state=\"")[1].Split('"')[0])], ids = [.. receiver.Messages.Select(static m => Text(m, "structured-data").Split("id=\"")[1].Split('"')[0])];
        Assert.Equal(["met", "not-met", "met", "not-met"], states);
        Assert.Equal(4, ids.Distinct().Count());
    }

    static string Text(JsonElement message, string name) => message.GetProperty(name).GetString()!;
}
