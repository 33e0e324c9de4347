using System.Net;
using System.Text;
using System.Text.Json;
using Oops.Actions;
using Oops.Actions.Webhook;
using Oops.Config;
using Oops.Core;
using Oops.Journal;
using Xunit;

namespace Oops.Tests.Actions.Webhook;

public sealed class CloudEventsTests
{
    /// <summary>Of a config with conditions of each sort.</summary>
    internal static ReactionFields Fields(string action) => new(action, Loaded);

    internal static OopsConfig Loaded { get; } = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", """
        mode: act
        site: ams1
        servers: { ns1: { kind: other } }
        conditions:
          site-ok: { all: [up, server-running] }
          up: { kind: external, polarity: good }
          closed: { kind: external, polarity: bad }

        """)).Config!;

    static CloudEvents Events { get; } = new(Fields("phone"), "oops://ams1", "dns.oops");

    internal static ReactionIntent Reaction { get; } = new("phone", 7, "keys-changed: the keys of d1.example at ns1 are others (keys/ns1): added 13008")
    {
        Rule = 1,
        Condition = "keys-changed",
        Server = "ns1",
        Zone = "d1.example",
        State = State.Met,
        Serial = 12,
        PreviousSerial = 11,
        Source = IPAddress.Parse("192.0.2.53"),
        Channel = "keys/ns1",
        When = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
    };

    [Fact]
    public void All_that_a_command_gets_is_in_the_data()
    {
        using var json = JsonDocument.Parse(Events.Of(Reaction).Data);
        Assert.Equal(
            "title=keys-changed: d1.example at ns1 message=keys-changed: the keys of d1.example at ns1 are others (keys/ns1): added 13008 condition=keys-changed kind=keys-changed state=met server=ns1 zone=d1.example serial=12 "
            + "previous_serial=11 source=192.0.2.53 channel=keys/ns1 because=keys-changed: the keys of d1.example at ns1 are others (keys/ns1): added 13008 action=phone rule=1 sequence=7 site=ams1 time=2026-01-02T03:04:05.678Z",
            string.Join(' ', json.RootElement.EnumerateObject().Select(p => $"{p.Name}={p.Value}")));
    }

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        var sent = Events.Of(new ReactionIntent("phone", 8, "b") { Rule = 2, Condition = "site-ok", Server = "ns1", State = State.NotMet });
        Assert.Equal(("dns.oops.composed", "server/ns1", null), (sent.Type, sent.Subject, sent.Time));
        using var json = JsonDocument.Parse(sent.Data);
        Assert.Equal(["title", "message", "condition", "kind", "state", "server", "because", "action", "rule", "sequence", "site"], json.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void In_structured_mode_the_body_is_the_event()
    {
        var (body, type, headers) = Events.Of(Reaction).In(WebhookMode.Structured);
        Assert.Equal(("application/cloudevents+json; charset=utf-8", 0), (type, headers.Count));
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        Assert.Equal(["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("1.0", "oops://ams1", "dns.oops.keys-changed", "zone/ns1/d1.example"), (root.GetProperty("specversion").GetString(), root.GetProperty("source").GetString(), root.GetProperty("type").GetString(), root.GetProperty("subject").GetString()));
        Assert.Equal(("2026-01-02T03:04:05.678Z", "application/json", "ns1"), (root.GetProperty("time").GetString(), root.GetProperty("datacontenttype").GetString(), root.GetProperty("data").GetProperty("server").GetString()));
    }

    [Fact]
    public void In_binary_mode_the_data_are_the_body_and_the_rest_is_in_headers()
    {
        var sent = Events.Of(Reaction with { Zone = "a\\032b.example" });
        var (body, type, headers) = sent.In(WebhookMode.Binary);
        Assert.Equal((sent.Data, "application/json"), (body, type));
        Assert.Equal(
            [("ce-specversion", "1.0"), ("ce-id", sent.Id), ("ce-source", "oops://ams1"), ("ce-type", "dns.oops.keys-changed"), ("ce-subject", "zone/ns1/a\\032b.example"), ("ce-time", "2026-01-02T03:04:05.678Z")],
            headers);
    }

    // The examples of the HTTP binding, 3.1.3.2, and the edges of what it leaves as it is.
    [Theory]
    [InlineData("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80")]
    [InlineData("a\"b%c d", "a%22b%25c%20d")]
    [InlineData("!~\u007f\r\n", "!~%7F%0D%0A")]
    [InlineData("", "")]
    public void A_header_holds_what_is_printable_and_the_rest_by_octet(string value, string header) => Assert.Equal(header, CloudEvent.Percent(value));

    [Fact]
    public void Words_of_others_come_without_what_a_terminal_obeys()
    {
        using var json = JsonDocument.Parse(Events.Of(Reaction with { Because = "it said \u001b[2J\u202e\"}" }).Data);
        Assert.Equal("it said \\x1b[2J\\u202e\"}", json.RootElement.GetProperty("because").GetString());
    }

    [Fact]
    public void The_event_is_the_same_at_each_try_and_after_a_restart_and_another_is_another()
    {
        var one = Events.Of(Reaction);
        var again = Events.Of(Outbox.Read("phone", Outbox.Write(Reaction))!);
        Assert.Equal((one.Id, Encoding.UTF8.GetString(one.Data)), (again.Id, Encoding.UTF8.GetString(again.Data)));
        Assert.NotEqual(one.Id, Events.Of(Reaction with { Sequence = 8 }).Id);
        // A crash may take the number back; time goes on.
        Assert.NotEqual(one.Id, Events.Of(Reaction with { When = Reaction.When + TimeSpan.FromMilliseconds(1) }).Id);
        Assert.DoesNotContain('.', one.Id);
    }
}
