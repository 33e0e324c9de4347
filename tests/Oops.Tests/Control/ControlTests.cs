using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Commands;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Control;

public sealed class ControlTests
{
    static readonly VerbRequest Nothing = new();
    static readonly VerbRequest All = new() { Routes = ["all"] };

    [Fact]
    public async Task Status_keeps_its_contract()
    {
        await using var oops = await Living.StartAsync();
        var (status, text) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.NotNull(status);
        using var json = JsonDocument.Parse(text);
        Assert.Equal(1, json.RootElement.GetProperty("v").GetInt32());
        Assert.Equal("act", json.RootElement.GetProperty("mode").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json.RootElement.GetProperty("now").GetString());
        var route = json.RootElement.GetProperty("routes")[0];
        Assert.Equal("anycast4 announced", route.GetProperty("name").GetString() + " " + route.GetProperty("router").GetString());
        foreach (var key in (string[])["state", "wanted", "since", "because", "timers", "blocked", "would_change", "last_resort", "shadow"]) Assert.True(route.TryGetProperty(key, out _) || key is "since", key);
        foreach (var key in (string[])["site", "config_hash", "started", "servers", "channels", "alarms", "people", "not_monitored"]) Assert.True(json.RootElement.TryGetProperty(key, out _), key);
    }

    [Fact]
    public async Task A_crash_is_explained_with_its_claims_and_history()
    {
        await using var oops = await Living.StartAsync();
        oops.Daemon.Engine.Send(new ProcessGone("process/ns1", "signal 9"));
        await oops.UntilAsync(r => r.Router == RouteForm.Withdrawn);
        var (answer, text) = await oops.Client.GetAsync("/explain/route%2Fanycast4", ControlJson.Default.ExplainAnswer, default);
        Assert.True(answer is not null, text);
        Assert.Equal(RouteState.Withdrawn, answer.Route!.State);
        Assert.Contains("server-down", answer.Route.Because, StringComparison.Ordinal);
        Assert.NotEmpty(answer.Route.WouldChange);
        var (condition, _) = await oops.Client.GetAsync("/explain/condition%2Fserver-down%2Fns1", ControlJson.Default.ExplainAnswer, default);
        Assert.Equal(State.Met, condition!.Condition!.State);
        var (history, _) = await oops.Client.GetAsync("/history?id=route/anycast4", ControlJson.Default.HistoryAnswer, default);
        Assert.Contains(history!.History, d => d.To == "withdrawn");
    }

    [Fact]
    public async Task A_rule_is_explained_with_what_fires_it_and_of_whom()
    {
        await using var oops = await Living.StartAsync(p => p with
        {
            Rules = [new(0, "server-crashed") { Do = [new("tell")] }, new(1, "zone-updated") { Zones = new(["*.nl"]), Servers = ["ns1"], Do = [new("scan"), new("sync")] }],
        });
        Assert.Equal("rule/0: on server-crashed (met) of every server: run tell", await RuleAsync(0));
        Assert.Equal("rule/1: on zone-updated (each new value) of *.nl at ns1: run scan, sync", await RuleAsync(1));

        async Task<string> RuleAsync(int index) =>
            ExplainCommand.Rule((await oops.Client.GetAsync($"/explain/rule%2F{index}", ControlJson.Default.ExplainAnswer, default)).Answer!.Rule!);
    }

    [Fact]
    public async Task A_drain_that_waits_returns_when_the_router_shows_it()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { Graceful = TimeSpan.FromMilliseconds(300), Linger = TimeSpan.FromMilliseconds(100) }] });
        var answer = await oops.SayAsync("drain", new() { Server = "ns1", Wait = 15 });
        Assert.True(answer.Exit == 0, answer.ToString());
        var route = await oops.UntilAsync(_ => true);
        Assert.Equal((RouteState.Drained, RouteForm.Withdrawn), (route.State, route.Router!.Value));
        Assert.Contains(oops.Router.Applied.OfType<RouterIntent>(), i => i.Routes[0].Form == RouteForm.Draining);
        Assert.Equal(0, (await oops.SayAsync("undrain", Nothing)).Exit);
        await oops.UntilAsync(r => r.Router == RouteForm.Plain);
    }

    [Fact]
    public async Task A_drain_that_waits_in_vain_names_who_else_announces_it()
    {
        await using var oops = await Living.StartAsync();
        oops.Router.Observe = () => new RouterObserved("edge", [new RouteSeen("anycast4", RouteForm.Plain) { Others = "192.0.2.0/24 also comes from protocol static1" }], []);
        oops.Daemon.Engine.Send(oops.Router.Observe()!);
        await oops.UntilAsync(r => r.Shared is not null);
        var answer = await oops.SayAsync("drain", new() { Routes = ["anycast4"], Wait = 0 });
        Assert.Equal(3, answer.Exit);
        Assert.EndsWith("; 192.0.2.0/24 also comes from protocol static1; while it does, a withdraw of ours takes nothing off the wire: take it out", Assert.Single(answer.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_drained_or_held_is_not_said_to_have_ended()
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal((0, "nothing was drained"), Said(await oops.SayAsync("undrain", Nothing)));
        Assert.Equal((0, "anycast4: not drained"), Said(await oops.SayAsync("undrain", new() { Routes = ["anycast4"] })));
        var none = await oops.SayAsync("unhold", Nothing);
        Assert.Equal((0, "there was no hold"), Said(none));
        // Who has removed the break-glass file has ended one.
        Assert.False(Verb.Tells(none, VerbApi.NoHold));
        Assert.True(Verb.Tells(none, null) && Verb.Tells(VerbAnswer.Done("the hold of all has ended"), VerbApi.NoHold));
        Assert.Equal(0, (await oops.SayAsync("drain", All)).Exit);
        Assert.Equal((1, "no route anycast9; there are: anycast4"), Said(await oops.SayAsync("undrain", new() { Routes = ["anycast4", "anycast9"] })));
        Assert.Equal(RouteState.Drained, (await oops.UntilAsync(_ => true)).State);
        Assert.Equal((0, "undrained anycast4; full admission decides"), Said(await oops.SayAsync("undrain", Nothing)));
        Assert.Equal(0, (await oops.SayAsync("hold", Nothing)).Exit);
        Assert.Equal(0, (await oops.SayAsync("hold", new() { Routes = ["anycast4"] })).Exit);
        var answer = await oops.SayAsync("unhold", Nothing);
        Assert.Equal((0, "the hold of all, anycast4 has ended"), Said(answer));
        Assert.Empty(answer.Lines);
        Assert.Equal(0, (await oops.SayAsync("hold", Nothing)).Exit);
        Assert.Equal(0, (await oops.SayAsync("hold", new() { Routes = ["anycast4"] })).Exit);
        answer = await oops.SayAsync("unhold", new() { Routes = ["anycast4"] });
        Assert.Equal((0, "the hold of anycast4 has ended"), Said(answer));
        Assert.Equal(["still held: all; oops unhold"], answer.Lines);

        static (int, string) Said(VerbAnswer answer) => (answer.Exit, answer.Text);
    }

    [Fact]
    public async Task Undrain_names_the_routes_that_were_not_drained()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0], p.Routes[0] with { Name = "anycast5" }] });
        Assert.Equal(0, (await oops.SayAsync("drain", new() { Routes = ["anycast4"] })).Exit);
        var answer = await oops.SayAsync("undrain", new() { Routes = ["anycast5", "anycast4"] });
        Assert.Equal("undrained anycast4; full admission decides", answer.Text);
        Assert.Equal(["anycast5: was not drained"], answer.Lines);
    }

    [Fact]
    public async Task Nothing_is_said_of_the_router_of_a_route_that_is_only_observed()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { Mode = Mode.Observe }] });
        oops.Daemon.Engine.Send(new ProcessGone("process/ns1", "signal 9"));
        var route = await oops.UntilAsync(r => r.State == RouteState.Withdrawn);
        Assert.Equal((RouteForm.Withdrawn, null), (route.Wanted, route.Router));
    }

    [Fact]
    public async Task A_route_of_whose_peers_none_answers_is_drained_by_force_or_before_a_stop_only()
    {
        var silent = new ChannelSpec("probe/ns1/peer/198.51.100.7", "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromMilliseconds(50), IPAddress.Parse("198.51.100.7"), Peer: true);
        await using var oops = await Living.StartAsync(p => p with { Channels = [.. p.Channels, silent], Routes = [p.Routes[0] with { Graceful = TimeSpan.FromMinutes(5) }] });
        oops.Daemon.Engine.Send(new ChannelOpened(silent.Name));
        await oops.UntilAsync(r => r.Covers is [{ State: State.NotMet }]);
        var answer = await oops.SayAsync("drain", All);
        Assert.Equal((4, "nothing is drained"), (answer.Exit, answer.Text));
        Assert.StartsWith("anycast4: nobody else answers; `--force` drains it all the same (peer 198.51.100.7 of ns1: has never answered, for ", Assert.Single(answer.Lines), StringComparison.Ordinal);
        Assert.NotEqual(RouteState.Drained, (await oops.UntilAsync(_ => true)).State);
        answer = await oops.SayAsync("drain", new() { Server = "ns1", UntilStarted = true });
        Assert.Equal(0, answer.Exit);
        Assert.StartsWith("anycast4: nobody else answers (peer", Assert.Single(answer.Lines), StringComparison.Ordinal);
        Assert.Equal(0, (await oops.SayAsync("undrain", Nothing)).Exit);
        Assert.Equal(0, (await oops.SayAsync("drain", All with { Force = true })).Exit);
    }

    [Fact]
    public async Task A_drain_of_everything_is_asked_for_by_name()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0], p.Routes[0] with { Name = "anycast5" }] });
        var answer = await oops.SayAsync("drain", Nothing);
        Assert.Equal((2, "which routes? `oops drain ROUTE`, `--server NAME` for those of a server, or `all`; there are: anycast4, anycast5"), (answer.Exit, answer.Text));
        Assert.Equal(2, (await oops.SayAsync("drain", new() { Routes = [] })).Exit);
        Assert.NotEqual(RouteState.Drained, (await oops.UntilAsync(_ => true)).State);
        Assert.Equal("draining anycast4, anycast5 for 1h", (await oops.SayAsync("drain", All)).Text);
    }

    [Fact]
    public async Task A_drain_of_what_is_only_observed_is_exit_5_and_waits_for_nothing()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { Mode = Mode.Observe, Graceful = TimeSpan.FromMinutes(5) }, p.Routes[0] with { Name = "anycast5" }] });
        var answer = await oops.SayAsync("drain", new() { Routes = ["anycast4"], Wait = 60 });
        Assert.Equal((5, "nothing is drained"), (answer.Exit, answer.Text));
        Assert.Equal(["anycast4 is only observed (mode: observe): nothing was touched, the router keeps what it has; it counts as drained in what is observed, until that ends or is acted for"], answer.Lines);
        answer = await oops.SayAsync("drain", All);
        Assert.Equal((5, "draining anycast5 for 1h; not anycast4"), (answer.Exit, answer.Text));
    }

    [Fact]
    public async Task Where_nothing_acts_a_drain_is_of_what_is_only_observed_too()
    {
        await using var oops = await Living.StartAsync(p => p with { Mode = Mode.Observe });
        Assert.Equal(5, (await oops.SayAsync("drain", new() { Server = "ns1", UntilStarted = true, Wait = 15 })).Exit);
    }

    [Fact]
    public async Task A_drain_that_takes_too_long_is_exit_3()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { Graceful = TimeSpan.FromMinutes(5) }] });
        Assert.Equal(3, (await oops.SayAsync("drain", All with { Wait = 0.2 })).Exit);
    }

    [Fact]
    public async Task A_last_resort_refuses_a_person_and_does_not_delay_a_stop()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { LastResort = true }] });
        Assert.Equal(4, (await oops.SayAsync("drain", All with { Wait = 5 })).Exit);
        Assert.Equal(0, (await oops.SayAsync("drain", new() { Server = "ns1", UntilStarted = true, Wait = 5 })).Exit);
        Assert.Equal(RouteForm.Plain, (await oops.UntilAsync(_ => true)).Router);
    }

    [Fact]
    public async Task A_drain_of_what_a_person_holds_is_refused_at_once()
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal(0, (await oops.SayAsync("hold", new() { Routes = ["anycast4"], For = 300 })).Exit);
        var answer = await oops.SayAsync("drain", new() { Server = "ns1", UntilStarted = true, Wait = 15 });
        Assert.Equal(4, answer.Exit);
        Assert.Matches("^anycast4 is held by .* for .*; oops unhold anycast4$", answer.Text);
        Assert.NotEqual(RouteState.Drained, (await oops.UntilAsync(_ => true)).State);
        Assert.Equal(0, (await oops.SayAsync("unhold", new() { Routes = ["anycast4"] })).Exit);
        Assert.Equal(0, (await oops.SayAsync("drain", new() { Server = "ns1" })).Exit);
    }

    [Theory]
    [InlineData("override", "{\"condition\":\"server-down\",\"subject\":\"ns1\",\"state\":\"yes\",\"reason\":\"x\"}", "met, not-met or unknown")]
    [InlineData("override", "{\"condition\":\"server-down\",\"subject\":\"ns1\",\"state\":\"met\"}", "needs a reason")]
    [InlineData("hold", "{\"for\":-1}", "how long it stands (--for) is more than 0")]
    [InlineData("release", "{\"prefix\":\"nonsense\"}", "no prefix")]
    [InlineData("override", "{\"condition\":\"zone-ready\",\"subject\":\"ns1\",\"state\":\"met\",\"reason\":\"x\"}", "zone-ready is a condition of zones: name one, as ns1/ZONE")]
    [InlineData("override", "{\"condition\":\"server-down\",\"subject\":\"ns1/nl\",\"state\":\"met\",\"reason\":\"x\"}", "server-down is a condition of servers: name ns1 alone")]
    [InlineData("fly", "{}", "no verb fly")]
    public async Task A_word_that_is_not_understood_is_an_answer(string verb, string request, string text)
    {
        await using var oops = await Living.StartAsync();
        var answer = await oops.SayAsync(verb, JsonSerializer.Deserialize(request, ControlJson.Default.VerbRequest)!);
        Assert.Equal(2, answer.Exit);
        Assert.Contains(text, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drain", "{\"routes\":[\"anycast9\"]}", "no route anycast9; there are: anycast4")]
    [InlineData("undrain", "{\"routes\":[\"anycast4\",\"anycast9\"]}", "no route anycast9; there are: anycast4")]
    [InlineData("confirm", "{\"routes\":[\"anycast9\"]}", "no route anycast9; there are: anycast4")]
    [InlineData("drain", "{\"server\":\"ns9\"}", "no server ns9; there are: ns1")]
    [InlineData("override", "{\"condition\":\"server-dwon\",\"subject\":\"ns1\",\"state\":\"met\",\"reason\":\"x\"}", "no condition server-dwon; there are: all-zones-ready, ")]
    [InlineData("override", "{\"condition\":\"server-down\",\"subject\":\"ns9\",\"state\":\"met\",\"reason\":\"x\"}", "no server ns9; there are: ns1")]
    [InlineData("override", "{\"condition\":\"zone-ready\",\"subject\":\"ns1/nosuch.test\",\"state\":\"met\",\"reason\":\"x\"}", "ns1 has no zone nosuch.test")]
    [InlineData("signal", "{\"condition\":\"site\",\"subject\":\"ns1\",\"state\":\"met\"}", "no external condition site; the config has none")]
    public async Task A_name_that_is_not_there_is_exit_1_and_what_there_is_is_said(string verb, string request, string text)
    {
        await using var oops = await Living.StartAsync();
        var answer = await oops.SayAsync(verb, JsonSerializer.Deserialize(request, ControlJson.Default.VerbRequest)!);
        Assert.Equal(1, answer.Exit);
        Assert.StartsWith(text, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "/explain/route%2Fnope", "no route nope; there are: anycast4")]
    [InlineData(1, "/explain/nope", "no route, server or action nope; there are: route/anycast4, server/ns1, action/")]
    [InlineData(1, "/explain/action%2Fnope", "no action nope; there are: ")]
    [InlineData(1, "/explain/rule%2F0", "no rule 0; the config has none")]
    [InlineData(1, "/explain/condition%2Fserver-down%2Fns9", "no server ns9; there are: ns1")]
    [InlineData(1, "/explain/zone%2Fns9%2Fnl", "no server ns9; there are: ns1")]
    [InlineData(1, "/explain/zone%2Fns1%2Fnosuch", "ns1 has no zone nosuch; `oops zones --server ns1` lists those that it has")]
    [InlineData(1, "/zones?server=ns9", "no server ns9; there are: ns1")]
    [InlineData(2, "/explain/condition%2Fserver-down", "an id is server/NAME")]
    [InlineData(2, "/explain/rule%2Fx", "an id is server/NAME")]
    [InlineData(2, "/zones?state=bad", "state is met, not-met or unknown")]
    [InlineData(2, "/zones?limit=-1", "limit is a number from 1")]
    [InlineData(2, "/history?limit=0", "limit is a number from 1")]
    public async Task A_question_about_nothing_is_exit_1_and_one_that_is_none_is_exit_2(int exit, string path, string text)
    {
        await using var oops = await Living.StartAsync();
        var read = await oops.Client.GetAsync(path, ControlJson.Default.StatusAnswer, default);
        Assert.Equal((null, exit), (read.Answer, read.Exit));
        Assert.StartsWith(text, read.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_persons_are_answered_with_their_subject_and_their_end()
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal("draining anycast4 until ns1 is started, at most 10m", (await oops.SayAsync("drain", new() { Server = "ns1", UntilStarted = true, For = 600 })).Text);
        Assert.Equal("held anycast4 for 10m: nothing moves until then, or until oops unhold anycast4", (await oops.SayAsync("hold", new() { Routes = ["anycast4"], For = 600 })).Text);
        Assert.Equal("held all routes for 1h: nothing moves until then, or until oops unhold", (await oops.SayAsync("hold", Nothing)).Text);
        var end = new VerbRequest { Condition = "zone-ready", Subject = "ns1/NL.", End = true };
        Assert.Equal((0, "zone-ready ns1/nl: there was no override"), Said(await oops.SayAsync("override", end)));
        Assert.Equal(0, (await oops.SayAsync("override", end with { End = null, State = "met", Reason = "drill" })).Exit);
        Assert.Equal((0, "the override of zone-ready ns1/nl has ended"), Said(await oops.SayAsync("override", end)));
        Assert.Equal((0, "zone-ready ns1/nl: there was no override"), Said(await oops.SayAsync("override", end)));

        static (int, string) Said(VerbAnswer answer) => (answer.Exit, answer.Text);
    }

    [Fact]
    public async Task A_drain_is_shown_once()
    {
        await using var oops = await Living.StartAsync(p => p with { Routes = [p.Routes[0] with { Graceful = TimeSpan.FromMilliseconds(100), Linger = TimeSpan.Zero }] });
        Assert.Equal(0, (await oops.SayAsync("drain", All with { Wait = 15 })).Exit);
        Assert.Equal(0, (await oops.SayAsync("hold", new() { Reason = "night" })).Exit);
        Assert.Equal(0, (await oops.SayAsync("unhold", Nothing)).Exit);
        Assert.Equal(0, (await oops.SayAsync("override", new() { Condition = "server-down", Subject = "ns1", State = "met", Reason = "drill" })).Exit);
        var (status, _) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Single(Oops.Commands.StatusCommand.Lines(status!.Routes[0]), l => l.Contains("drained by", StringComparison.Ordinal));
        Assert.Equal(2, status.People.Length);
        Assert.StartsWith("override server-down ns1 met", Assert.Single(Oops.Commands.StatusCommand.People(status)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("anycast4", "route/anycast4")]
    [InlineData("ns1", "condition/zone-ready/ns1/nl")]
    [InlineData("server/ns1", "condition/server-running/ns1")]
    [InlineData("zone/ns1/NL.", "condition/zone-ready/ns1/nl")]
    [InlineData("condition/zone-ready/ns1", "condition/zone-ready/ns1/nl")]
    [InlineData("condition/zone-ready/ns1/NL.", "condition/zone-ready/ns1/nl")]
    public async Task History_takes_what_explain_takes(string id, string found)
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal(0, (await oops.SayAsync("override", new() { Condition = "zone-ready", Subject = "ns1/nl", State = "not-met", Reason = "drill" })).Exit);
        await oops.UntilAsync(r => r.Router == RouteForm.Plain);
        var (history, text) = await oops.Client.GetAsync("/history?id=" + Uri.EscapeDataString(id), ControlJson.Default.HistoryAnswer, default);
        Assert.True(history is not null, text);
        Assert.Contains(history.History, d => d.Id == found);
        if (id.StartsWith("zone/", StringComparison.Ordinal)) Assert.All(history.History, d => Assert.EndsWith("/ns1/nl", d.Id, StringComparison.Ordinal));
        var (explained, _) = await oops.Client.GetAsync("/explain/" + Uri.EscapeDataString(id), ControlJson.Default.ExplainAnswer, default);
        if (id is not "condition/zone-ready/ns1") Assert.NotEmpty(explained!.History);
        Assert.Empty((await oops.Client.GetAsync("/history?id=nosuch", ControlJson.Default.HistoryAnswer, default)).Answer!.History);
    }

    [Fact]
    public async Task An_override_and_a_hold_stand_in_status_and_survive_a_restart_in_the_snapshot()
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal(0, (await oops.SayAsync("hold", new() { Reason = "night" })).Exit);
        Assert.Equal(0, (await oops.SayAsync("override", new() { Condition = "server-down", Subject = "ns1", State = "met", Reason = "drill" })).Exit);
        var (status, _) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Equal(2, status!.People.Length);
        Assert.Equal(RouteForm.Plain, status.Routes[0].Router);
        using var reader = Oops.Journal.JournalReader.Open(oops.Daemon.Journal.FilePath);
        var saved = reader.Snapshot()!.Value.Snapshot;
        Assert.Single(saved.Overrides);
        Assert.Single(saved.Holds);
    }

    [Fact]
    public async Task Watchers_see_a_decision_at_once()
    {
        await using var oops = await Living.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var lines = oops.Client.EventsAsync("/watch", stop.Token).GetAsyncEnumerator(stop.Token);
        var next = lines.MoveNextAsync().AsTask();
        await Recorder.Eventually(() => oops.Daemon.Watchers.Count > 0);
        oops.Daemon.Engine.Send(new ProcessGone("process/ns1", "signal 9"));
        var seen = new List<string>();
        do
        {
            Assert.True(await next);
            seen.Add(lines.Current);
            next = lines.MoveNextAsync().AsTask();
        }
        while (!seen[^1].Contains("\"route/anycast4\"", StringComparison.Ordinal));
        await stop.CancelAsync();
        await next.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Metrics_speak_of_routes_conditions_and_zones()
    {
        await using var oops = await Living.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var unix = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                await unix.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(oops.Socket), stop);
                return new System.Net.Sockets.NetworkStream(unix, true);
            },
        });
        var text = await http.GetStringAsync("http://oops/metrics");
        Assert.Contains("oops_route_announced{route=\"anycast4\",action=\"edge\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("oops_condition{condition=\"server-running\",server=\"ns1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("oops_zone_serial{server=\"ns1\",zone=\"nl\"} 1\n", text, StringComparison.Ordinal);
        Assert.Equal("ok\n", await http.GetStringAsync("http://oops/healthz"));
    }

    [Fact]
    public async Task What_a_source_counts_and_what_is_shed_is_shown()
    {
        await using var oops = await Living.StartAsync(source: new CountingSource());
        oops.Daemon.Engine.Send(new Shed("outbox of tell", 3));
        oops.Daemon.Engine.Send(new Shed("own pause, ms", 900));
        await oops.Daemon.Engine.AskAsync((_, _) => true);
        var (status, _) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Equal([new("shed", "outbox of tell", 3), new("notify/ns1", "bad_signature", 7), new("notify/ns1", "zones", 2)], status!.Counts.Where(c => c.By != "engine"));
        Assert.Equal(["shed: outbox of tell 3", "notify/ns1: bad signature 7, zones 2"], Oops.Commands.StatusCommand.Counts(status.Counts.Where(c => c.By != "engine")));
        var text = new MetricsText();
        text.Write(status, oops.Daemon);
        Assert.Contains("oops_shed_total{where=\"outbox of tell\"} 3\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("# HELP oops_notify_bad_signature_total Bad ones.\n# TYPE oops_notify_bad_signature_total counter\noops_notify_bad_signature_total{source=\"notify/ns1\"} 7\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("# TYPE oops_notify_zones gauge\noops_notify_zones{source=\"notify/ns1\"} 2\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("oops_notify_shed_total{source=\"notify/ns1\"} 0\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_of_one_kind_are_one_family()
    {
        var text = new MetricsText();
        text.Write([("notify/a", new SourceCount("shed", "Shed.", 1)), ("notify/b", new SourceCount("shed", "Shed.", 2))]);
        Assert.Equal("# HELP oops_notify_shed_total Shed.\n# TYPE oops_notify_shed_total counter\noops_notify_shed_total{source=\"notify/a\"} 1\noops_notify_shed_total{source=\"notify/b\"} 2\n", text.ToString());
    }

    sealed class CountingSource : ISource
    {
        public string Name => "notify/ns1";

        public System.Collections.Immutable.ImmutableArray<ChannelSpec> Covers => [];

        public IReadOnlyList<SourceCount> Counted => [new("bad_signature", "Bad ones.", 7), new("shed", "Shed.", 0), new("zones", "Zones.", 2, SourceCountKind.Level)];

        public Task RunAsync(IEngine engine, CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
    }

    [Fact]
    public async Task A_config_with_errors_leaves_the_old_one_in_charge_and_says_so()
    {
        await using var oops = await Living.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(oops.Folder, "oops.yaml"), "mode: fly\n");
        var answer = await oops.SayAsync("reload", Nothing);
        Assert.Equal(2, answer.Exit);
        Assert.NotEmpty(answer.Lines);
        var (status, _) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.Contains(status!.Alarms, a => a.Id == "config");
        Assert.Equal("small", status.ConfigHash);
    }

    [Fact]
    public async Task The_break_glass_file_holds_while_it_exists()
    {
        await using var oops = await Living.StartAsync();
        await using var hold = new Oops.Engine.HoldFile(oops.Daemon.Engine, Path.Combine(oops.Folder, "other", "hold"), Path.Combine(oops.Folder, "hold"));
        var file = Path.Combine(oops.Folder, "hold");
        await File.WriteAllTextAsync(file, "");
        await oops.UntilAsync(r => r.Person is not null);
        oops.Daemon.Engine.Send(new ProcessGone("process/ns1", "signal 9"));
        await Task.Delay(200);
        Assert.Equal(RouteForm.Plain, (await oops.UntilAsync(_ => true)).Router);
        File.Delete(file);
        await oops.UntilAsync(r => r.Router == RouteForm.Withdrawn);
    }

    static Policy Two(Policy p) => p with
    {
        Servers = [.. p.Servers, new("ns2", ["nl"])],
        Channels = [.. p.Channels, new("process/ns2", "ns2", Standing.Witness, [], Timeout.InfiniteTimeSpan, null, Process: true)],
        Routes = [p.Routes[0] with { Servers = ["ns1", "ns2"], Graceful = TimeSpan.FromMilliseconds(100), Linger = TimeSpan.Zero }],
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_is_drained_where_the_others_that_are_left_do_not_cover(bool down)
    {
        await using var oops = await Living.StartAsync(Two);
        oops.Daemon.Engine.Send(new ProcessStarted("process/ns2", 2, 200));
        if (down) oops.Daemon.Engine.Send(new ProcessGone("process/ns2", "signal 9"));
        var answer = await oops.SayAsync("drain", new() { Server = "ns1", Wait = 15 });
        Assert.True(answer.Exit == 0, answer.ToString());
        Assert.Equal(down ? "drained anycast4" : "no route depends on ns1 alone: nothing to drain", answer.Text);
        await oops.UntilAsync(r => r.Router == (down ? RouteForm.Withdrawn : RouteForm.Plain));
    }

    [Fact]
    public async Task Zones_are_found_beyond_the_first_page()
    {
        var names = Enumerable.Range(0, (2 * ZonePages.Page) + 1).Select(i => $"z{i}").ToArray();
        await using var oops = await Living.StartAsync(p => p with { Servers = [new("ns1", [.. names])] });
        var (zones, text) = await oops.Client.GetAsync("/zones?limit=7", ControlJson.Default.ZonesAnswer, default);
        Assert.True(zones is not null, text);
        Assert.InRange(zones.Total, names.Length, names.Length + 1);
        Assert.Equal(7, zones.Zones.Length);
        var (found, _) = await oops.Client.GetAsync($"/explain/zone%2Fns1%2F{names[^1]}", ControlJson.Default.ExplainAnswer, default);
        Assert.Equal(names[^1], found!.Zone!.Zone);
        Assert.Null((await oops.Client.GetAsync("/explain/zone%2Fns1%2Fnowhere", ControlJson.Default.ExplainAnswer, default)).Answer);
    }

    [Fact]
    public async Task A_start_that_comes_second_leaves_the_socket_to_the_first()
    {
        await using var oops = await Living.StartAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => ControlServer.ListenAsync(oops.Daemon, oops.Socket, "root", null, NullLogger.Instance, default));
        var (status, text) = await oops.Client.GetAsync("/status", ControlJson.Default.StatusAnswer, default);
        Assert.True(status is not null, text);
    }

    [Fact]
    public async Task A_start_that_fails_after_its_socket_was_bound_removes_it_and_so_does_an_end()
    {
        await using var oops = await Living.StartAsync();
        var socket = Path.Combine(oops.Folder, "second.sock");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await Assert.ThrowsAnyAsync<IOException>(() => ControlServer.StartAsync(oops.Daemon, socket, "root", (IPEndPoint)taken.LocalEndpoint, NullLogger.Instance, default));
        Assert.False(File.Exists(socket));
        await using (await ControlServer.StartAsync(oops.Daemon, socket, "root", null, NullLogger.Instance, default)) Assert.True(File.Exists(socket));
        Assert.False(File.Exists(socket));
    }
}
