using System.Net;
using System.Net.Sockets;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Actions;

/// <summary>What an operator sees of the sessions of the built oops: its status, alarms and log, with a real BIRD on the other end.</summary>
public sealed class SpeakerSessionLabTests : IAsyncLifetime
{
    const string Alarm = "session/edge/" + Harness.Lab.Upstream4;

    readonly UpstreamBird upstream = new();
    readonly OopsDaemon oops = new();

    /// <param name="speaker">More of the speaker.</param>
    /// <param name="peer">More of its peer.</param>
    static string Config(string speaker = "", string peer = "") => $$"""
        mode: act
        site: lab
        servers:
          ns1: { kind: knot, address: {{Harness.Lab.Anycast4}}@53, pidfile: /run/lab/nobody.pid, control: /run/lab/nobody.sock, zones: { list: [one.test] } }
        sources:
          process: [ { server: ns1 } ]
          probe: [ { server: ns1, to: [{{Harness.Lab.Anycast4}}] } ]
        actions:
          speaker:
            - { name: edge, asn: {{Harness.Lab.NodeAs}}, router-id: {{Harness.Lab.Node4}}, read-every: 1s, peers: [ { address: {{Harness.Lab.Upstream4}}, asn: {{Harness.Lab.UpstreamAs}}{{peer}} } ]{{speaker}} }
        routes:
          anycast: { prefixes: [{{Harness.Lab.Prefix4}}], via: edge, announce-when: [server-running, all-zones-ready], withdraw-when: [server-down] }
        """;

    public async ValueTask InitializeAsync()
    {
        LabRequires.Programs("bird");
        await upstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        await upstream.DisposeAsync();
    }

    Task StatusAsync(string what, Func<string, bool> like, int seconds = 25) =>
        Wait.UntilAsync(what, async () => like((await oops.RunAsync("status")).Text), TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(200), () => oops.RunAsync("status").Result.Text + oops.Process.Tail());

    int Logged(string words) => File.ReadLines(oops.Process.Output).Count(l => l.Contains(words, StringComparison.Ordinal));

    [Fact]
    public async Task A_session_that_the_peer_ends_is_listed_logged_and_alarmed_with_its_words_until_it_stands_again()
    {
        await oops.StartAsync(Config());
        await StatusAsync("it is established", s => s.Contains("Established", StringComparison.Ordinal) && !s.Contains(Alarm, StringComparison.Ordinal));

        Assert.True((await upstream.Client.AskAsync("disable node \"rack 7 moves\"", default)).Reply is { Ok: true });
        const string Reason = "it ended the session: Cease, administrative shutdown: rack 7 moves";
        await StatusAsync("status has the alarm", s => s.Contains($"{Alarm}: edge: no session with {Harness.Lab.Upstream4} any more: {Reason}", StringComparison.Ordinal) && !s.Contains("Established", StringComparison.Ordinal));
        // Whatever the next tries find, why it went is still there; and it is one line of the log.
        await StatusAsync("a try has failed", s => s.Contains($"; before that, {Reason} (", StringComparison.Ordinal) && s.Contains($"{Reason}; now: ", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(1, Logged(Reason));
        (_, string json) = await oops.RunAsync("status", "--json");
        Assert.Contains($"\"last_error\":\"{Reason}\"", json, StringComparison.Ordinal);

        Assert.True((await upstream.Client.AskAsync("enable node", default)).Reply is { Ok: true });
        await StatusAsync("it is over", s => s.Contains("Established", StringComparison.Ordinal) && !s.Contains(Alarm, StringComparison.Ordinal), 40);
        Assert.Equal((1, 1), (Logged($"alarm {Alarm} raised"), Logged($"alarm {Alarm} cleared")));
        foreach (string id in (string[])["action/edge", "route/anycast"])
        {
            (_, string text) = await oops.RunAsync("explain", id);
            Assert.Contains($"{Harness.Lab.Upstream4} (AS {Harness.Lab.UpstreamAs}): Established since ", text, StringComparison.Ordinal);
            Assert.Contains($", established 2 times; before: {Reason} (", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_peer_that_never_comes_is_alarmed_after_a_grace()
    {
        upstream.NodeAs = 64999;
        await upstream.Process.EndAsync();
        await upstream.StartAsync();
        await oops.StartAsync(Config());
        await StatusAsync("it is alarmed", s => s.Contains($"{Alarm}: edge: no session with {Harness.Lab.Upstream4} yet: it ended the session: OPEN: bad peer AS", StringComparison.Ordinal), 45);
        await Task.Delay(TimeSpan.FromSeconds(8));
        Assert.Equal((1, 0), (Logged($"alarm {Alarm} raised"), Logged($"alarm {Alarm} cleared")));
    }

    [Fact]
    public async Task An_address_where_it_cannot_listen_is_alarmed_while_the_session_stands_and_a_live_check_fails_of_it()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse(Harness.Lab.Node4), 1179));
        other.Listen();
        await oops.StartAsync(Config($", listen: [{Harness.Lab.Node4}@1179, {Harness.Lab.Node4}@1180]"));
        await StatusAsync("it is alarmed", s => s.Contains($"listen/edge/{Harness.Lab.Node4}@1179: edge: cannot listen at {Harness.Lab.Node4}@1179: ", StringComparison.Ordinal) && s.Contains("Established", StringComparison.Ordinal));
        Assert.Equal(1, Logged($"alarm listen/edge/{Harness.Lab.Node4}@1179 raised"));
        (_, string text) = await oops.RunAsync("explain", "action/edge");
        Assert.Contains($"listens at {Harness.Lab.Node4}@1180", text, StringComparison.Ordinal);
        // Of the two that are taken, one is ours.
        (int code, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--live", oops.ConfigPath);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: cannot listen at {Harness.Lab.Node4}@1179: ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("@1180: ", text, StringComparison.Ordinal);

        other.Dispose();
        await StatusAsync("it is over", s => !s.Contains("listen/edge", StringComparison.Ordinal));
        (code, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--live", oops.ConfigPath);
        Assert.True(code == 0, text);

        await oops.WriteAsync(Config($", listen: [{Harness.Lab.Upstream4}]", ", password-file: /run/lab/no-such-password"));
        (code, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", "--live", oops.ConfigPath);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  action edge: the password of {Harness.Lab.Upstream4}: /run/lab/no-such-password: there is no such file", text, StringComparison.Ordinal);
        Assert.Contains($"FAIL  action edge: cannot listen at {Harness.Lab.Upstream4}@179: ", text, StringComparison.Ordinal);
    }
}
