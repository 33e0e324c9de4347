using Oops.Control;
using Oops.Tests.Control;
using Xunit;

namespace Oops.Tests.Engine;

/// <summary>A reload that would end sessions of our own, or would not work.</summary>
public sealed class ReloadLossTests
{
    const string Empty = "mode: act\nservers: { ns1: { kind: knot } }\n";

    [Fact]
    public async Task It_waits_for_a_person_and_is_refused_in_a_hold()
    {
        await using var oops = await Living.StartAsync();
        await WriteAsync(oops, Empty);
        oops.Router.Lost = ["edge: the session with 192.0.2.9 ends"];

        var result = await oops.Daemon.ReloadAsync(confirm: false);
        Assert.False(result.Taken);
        Assert.Contains("edge: the session with 192.0.2.9 ends", result.Lines);
        Assert.Equal("small", oops.Daemon.Plan.Policy.Hash);

        Assert.Equal(0, (await oops.SayAsync("hold", new() { Routes = ["anycast4"] })).Exit);
        foreach (var confirm in new[] { false, true })
        {
            var answer = await oops.SayAsync("reload", new() { Confirm = confirm });
            Assert.Equal(4, answer.Exit);
            Assert.StartsWith("refused: the new config would end sessions, and a hold stands", answer.Text, StringComparison.Ordinal);
            Assert.Equal(["edge: the session with 192.0.2.9 ends"], answer.Lines);
        }

        // What was refused does not wait for a `confirm` that is meant for something else.
        Assert.Null(oops.Daemon.Pending);
        Assert.Equal("small", oops.Daemon.Plan.Policy.Hash);

        Assert.Equal(0, (await oops.SayAsync("unhold", new())).Exit);
        Assert.Equal(4, (await oops.SayAsync("reload", new())).Exit);
        Assert.Equal(0, (await oops.SayAsync("confirm", new())).Exit);
        Assert.NotEqual("small", oops.Daemon.Plan.Policy.Hash);
        var (history, _) = await oops.Client.GetAsync("/history?id=action/edge", ControlJson.Default.HistoryAnswer, default);
        Assert.Equal("by a reload: edge: the session with 192.0.2.9 ends", Assert.Single(history!.History, d => d is { Kind: "session", To: "ended" }).Text);
    }

    [Fact]
    public async Task What_would_stay_announced_and_be_followed_by_nobody_waits_for_a_person_with_its_prefixes()
    {
        await using var oops = await Living.StartAsync();
        Assert.Equal(0, (await oops.SayAsync("confirm", new())).Exit);
        await WriteAsync(oops, """
            mode: observe
            servers: { ns1: { kind: knot, address: 192.0.2.53, pidfile: /nonexistent/pid } }
            sources: { process: [ { server: ns1 } ] }
            actions: { bird: [ { name: edge, socket: /nonexistent/bird.ctl } ] }
            routes: { anycast4: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running] } }
            """);
        var answer = await oops.SayAsync("reload", new());
        Assert.Equal(4, answer.Exit);
        Assert.Contains(answer.Lines, l => l.StartsWith("anycast4: edge goes on announcing 192.0.2.0/24, and nobody follows it any more", StringComparison.Ordinal));
        Assert.Equal("small", oops.Daemon.Plan.Policy.Hash);
    }

    [Fact]
    public async Task What_would_not_work_is_refused_with_the_reason_before_anything_is_touched()
    {
        await using var oops = await Living.StartAsync();
        await WriteAsync(oops, """
            mode: act
            servers: { ns1: { kind: knot, address: 192.0.2.53, pidfile: /nonexistent/pid } }
            sources: { process: [ { server: ns1 } ] }
            actions: { speaker: [ { name: edge, asn: 64501, router-id: 192.0.2.1, peers: [ { address: 192.0.2.9, asn: 64500, password-file: /nonexistent/password } ] } ] }
            routes: { anycast4: { prefixes: [192.0.2.0/24], via: edge, announce-when: [server-running] } }
            """);
        var answer = await oops.SayAsync("reload", new() { Confirm = true });
        Assert.Equal((2, "the new config would not work; the old one stays in charge"), (answer.Exit, answer.Text));
        Assert.Equal(["edge: the password of 192.0.2.9: /nonexistent/password: there is no such file"], answer.Lines);
        Assert.Equal("small", oops.Daemon.Plan.Policy.Hash);
    }

    static Task WriteAsync(Living oops, string config) =>
        File.WriteAllTextAsync(Path.Combine(oops.Folder, "oops.yaml"), $"{config}\nstate-directory: {oops.Folder}\nruntime-directory: {oops.Folder}\n", TestContext.Current.CancellationToken);
}
