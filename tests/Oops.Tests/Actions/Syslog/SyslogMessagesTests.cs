using System.Net;
using System.Text.Json;
using Oops.Actions.Syslog;
using Oops.Core;
using Oops.Tests.Actions.Webhook;
using Oops.Wire.Syslog;
using Xunit;

namespace Oops.Tests.Actions.Syslog;

public sealed class SyslogMessagesTests
{
    static SyslogMessage Of(SyslogFormat format, ReactionIntent reaction, SyslogSeverity? severity = null, SyslogTransport transport = SyslogTransport.Tcp) =>
        new SyslogMessages(new() { Name = "siem", To = [], Format = format, Severity = severity, Transport = transport }, CloudEventsTests.Fields("siem")).Of(reaction);

    [Fact]
    public void All_that_a_webhook_gets_is_in_the_structured_data_but_what_stands_elsewhere()
    {
        var message = Of(SyslogFormat.Structured, CloudEventsTests.Reaction);
        Assert.Equal(("oops@32473", "keys-changed", CloudEventsTests.Reaction.Because), (message.Element, message.Id, message.Text));
        Assert.Equal(["id", "condition", "kind", "state", "server", "zone", "serial", "previous_serial", "source", "channel", "action", "rule", "sequence", "site"], message.Parameters.Select(static p => p.Name));
    }

    [Theory]
    [InlineData("server-down", State.Met, SyslogSeverity.Warning)]
    [InlineData("server-down", State.NotMet, SyslogSeverity.Notice)]
    [InlineData("server-down", State.Unknown, SyslogSeverity.Notice)]
    [InlineData("server-running", State.Met, SyslogSeverity.Notice)]
    [InlineData("server-running", State.NotMet, SyslogSeverity.Warning)]
    [InlineData("zone-updated", State.Met, SyslogSeverity.Informational)]
    [InlineData("up", State.Met, SyslogSeverity.Notice)]
    [InlineData("up", State.NotMet, SyslogSeverity.Warning)]
    [InlineData("closed", State.Met, SyslogSeverity.Warning)]
    [InlineData("site-ok", State.NotMet, SyslogSeverity.Warning)]
    [InlineData("gone-from-the-config", State.Met, SyslogSeverity.Notice)]
    internal void How_bad_it_is_follows_from_what_happened_unless_it_is_written(string condition, State state, SyslogSeverity severity)
    {
        var reaction = CloudEventsTests.Reaction with { Condition = condition, State = state };
        Assert.Equal(severity, Of(SyslogFormat.Structured, reaction).Severity);
        Assert.Equal(SyslogSeverity.Alert, Of(SyslogFormat.Structured, reaction, SyslogSeverity.Alert).Severity);
    }

    [Fact]
    public void In_cef_nothing_that_is_told_ends_a_field()
    {
        var text = Of(SyslogFormat.Cef, CloudEventsTests.Reaction with { Zone = "a|b=c\\.example", Because = "x=1|2\\3\n4" }).Text;
        Assert.Matches(@"^CEF:0\|DNS OOPS\|oops\|[^|]+\|keys-changed\|keys-changed: a\\\|b=c\\\\\.example at ns1\|1\|externalId=siem-7-\w+ rt=1767323045678 ", text);
        Assert.EndsWith(@" msg=x\=1|2\\3\\x0a4", text, StringComparison.Ordinal);
        Assert.Contains(@" outcome=met dhost=ns1 cs2=a|b\=c\\.example cs2Label=zone cn1=12 cn1Label=serial cn2=11 cn2Label=previous_serial src=192.0.2.53 cs3=keys/ns1 cs3Label=channel cs4=siem cs4Label=action dvchost=ams1", text, StringComparison.Ordinal);
        Assert.Contains(" c6a2=2001:db8::1 ", Of(SyslogFormat.Cef, CloudEventsTests.Reaction with { Source = IPAddress.Parse("2001:db8::1") }).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void In_ocsf_all_is_there_that_its_class_requires()
    {
        using var json = JsonDocument.Parse(Of(SyslogFormat.Ocsf, CloudEventsTests.Reaction).Text);
        var root = json.RootElement;
        foreach (var required in new[] { "activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "dst_endpoint" })
            Assert.True(root.TryGetProperty(required, out _), required);
        Assert.Equal((1767323045678, "d1.example", "192.0.2.53", 12), (root.GetProperty("time").GetInt64(), root.GetProperty("query").GetProperty("hostname").GetString(), root.GetProperty("src_endpoint").GetProperty("ip").GetString(), root.GetProperty("unmapped").GetProperty("serial").GetInt32()));
    }

    [Theory]
    [InlineData(100, 4)]
    [InlineData(20_000, 4)]
    [InlineData(100, 1000)]
    [InlineData(20_000, 1000)]
    public void An_ocsf_event_is_whole_however_long_what_it_tells_is(int because, int zone)
    {
        var reaction = CloudEventsTests.Reaction with { Because = string.Concat(Enumerable.Repeat("\"\u20ac", because / 2)), Zone = string.Concat(Enumerable.Repeat("\\001", zone / 4)) };
        foreach (var transport in new[] { SyslogTransport.Udp, SyslogTransport.Tcp })
        {
            var message = Of(SyslogFormat.Ocsf, reaction, transport: transport);
            var text = System.Text.Encoding.UTF8.GetString(message.Write(transport == SyslogTransport.Udp ? SyslogMessage.LongestDatagram : SyslogMessage.LongestStream));
            using var json = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
            Assert.Equal("ns1", json.RootElement.GetProperty("dst_endpoint").GetProperty("name").GetString());
        }
    }
}
