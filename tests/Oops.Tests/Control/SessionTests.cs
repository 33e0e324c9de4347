using System.Text.Json;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Xunit;

namespace Oops.Tests.Control;

/// <summary>BGP sessions of our own, in what the daemon answers.</summary>
public sealed class SessionTests
{
    static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    static readonly SessionReport Up = new("edge", "10.99.0.2", 64500, "Established", At, 2, null, "it ended the session: Cease, administrative shutdown: maintenance", At.AddMinutes(-1));

    static readonly SessionReport Down = new("edge", "2001:db8:99::2", 65550, "Active", At, 0, "connection refused", null, null);

    [Fact]
    public async Task They_are_in_status_explain_and_metrics()
    {
        await using var oops = await Living.StartAsync();
        oops.Router.Sessions = [Up, Down];
        oops.Router.Listening = [new("10.99.0.1@179", null), new("10.99.0.9@179", "cannot listen")];
        var (status, text) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Equal([Up, Down], status!.Sessions);
        using var json = JsonDocument.Parse(text);
        var session = json.RootElement.GetProperty("sessions")[0];
        Assert.Equal(
            ["action", "peer", "asn", "state", "since", "transitions", "last_error", "last_error_at"],
            session.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Established 2026-01-02T03:04:05.000Z", $"{session.GetProperty("state").GetString()} {session.GetProperty("since").GetString()}");

        var (action, _) = await oops.Client.GetAsync("/explain/action%2Fedge", ControlJson.Default.ExplainAnswer, default);
        Assert.Equal([Up, Down], action!.Sessions);
        Assert.Equal(oops.Router.Listening, action.Action!.Listening);
        var (route, _) = await oops.Client.GetAsync("/explain/anycast4", ControlJson.Default.ExplainAnswer, default);
        Assert.Equal([Up, Down], route!.Sessions);

        var metrics = new MetricsText();
        metrics.Write(status, oops.Daemon);
        foreach (var line in (string[])[
            "oops_bgp_session_up{action=\"edge\",peer=\"10.99.0.2\"} 1\n", "oops_bgp_session_up{action=\"edge\",peer=\"2001:db8:99::2\"} 0\n",
            "# TYPE oops_bgp_session_transitions_total counter\noops_bgp_session_transitions_total{action=\"edge\",peer=\"10.99.0.2\"} 2\n", "oops_bgp_session_since_seconds{action=\"edge\",peer=\"10.99.0.2\"} 1767323045\n"])
            Assert.Contains(line, metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_are_none_nothing_is_said_of_them()
    {
        await using var oops = await Living.StartAsync();
        var (status, _) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Empty(status!.Sessions);
        var metrics = new MetricsText();
        metrics.Write(status, oops.Daemon);
        Assert.DoesNotContain("oops_bgp", metrics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_check_asks_a_running_oops_where_it_listens()
    {
        await using var oops = await Living.StartAsync();
        oops.Router.Listening = [new("10.99.0.1@179", null), new("10.99.0.9@179", "cannot listen")];
        Assert.True(await LiveProbe.ListensAsync(oops.Socket, "edge", "10.99.0.1@179", default));
        foreach (var (socket, action, address) in new[] { (oops.Socket, "edge", "10.99.0.9@179"), (oops.Socket, "edge", "10.99.0.1@1179"), (oops.Socket, "other", "10.99.0.1@179"), ("/nonexistent/socket", "edge", "10.99.0.1@179") })
            Assert.False(await LiveProbe.ListensAsync(socket, action, address, default));
    }

    [Fact]
    public void Why_it_cannot_listen_names_the_address_once()
    {
        Assert.Equal("listens at 10.99.0.1@179", ExplainCommand.Listening(new("10.99.0.1@179", null)));
        Assert.Equal("cannot listen at 10.99.0.9@179: the address is not on this host", ExplainCommand.Listening(new("10.99.0.9@179", "cannot listen at 10.99.0.9@179: the address is not on this host")));
        Assert.Equal("does not listen at 10.99.0.9@179: not listening yet", ExplainCommand.Listening(new("10.99.0.9@179", "not listening yet")));
    }

    [Fact]
    public async Task An_alarm_that_stands_is_explained_with_its_history_and_one_that_does_not_leads_to_it()
    {
        await using var oops = await Living.StartAsync();
        oops.Daemon.Engine.Send(new RouterObserved("edge", [new RouteSeen("anycast4", RouteForm.Plain)], []) { Troubles = [new("session/edge/10.99.0.2", "lost")] });
        var (answer, text) = await oops.Client.GetAsync("/explain/alarm%2Fsession%2Fedge%2F10.99.0.2", ControlJson.Default.ExplainAnswer, default);
        Assert.True(answer is not null, text);
        Assert.Equal(("session/edge/10.99.0.2", "edge: lost"), (answer.Alarm!.Id, answer.Alarm.Text));
        (answer, text) = await oops.Client.GetAsync("/explain/alarm%2Fkept%2Fanycast4", ControlJson.Default.ExplainAnswer, default);
        Assert.Null(answer);
        Assert.StartsWith("no alarm kept/anycast4 stands; there are: ", text, StringComparison.Ordinal);
        Assert.EndsWith("alarm/session/edge/10.99.0.2; `oops history alarm/kept/anycast4` says whether it did", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_the_last_one_stands_beside_what_the_newest_try_found()
    {
        static string When(DateTimeOffset at) => "then";
        Assert.Equal("before: it ended the session: Cease, administrative shutdown: maintenance (then)", SessionText.Why(Up, When));
        Assert.Equal("connection refused", SessionText.Why(Down, When));
        Assert.Equal($"connection refused; before that, {Up.LastError} (then)", SessionText.Why(Down with { LastError = Up.LastError, LastErrorAt = At }, When));
        Assert.Equal("hold timer expired (then)", SessionText.Why(Down with { Down = "hold timer expired", LastError = "hold timer expired", LastErrorAt = At }, When));
        Assert.Equal("", SessionText.Why(Up with { LastError = null, LastErrorAt = null }, When));
    }
}
