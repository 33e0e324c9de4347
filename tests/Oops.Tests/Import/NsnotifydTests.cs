using Oops.Config;
using Oops.Import;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Import;

public sealed class NsnotifydTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string Write(string? started, params string[] arguments)
    {
        var imported = Nsnotifyd.Read(arguments);
        Assert.Empty(imported.Errors);
        var text = NsnotifydWriter.Write(imported, started);
        Assert.DoesNotContain(Load(text), static l => !l.Contains("warning", StringComparison.Ordinal));
        return text;
    }

    static IReadOnlyList<string> Load(string text)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", text));
        if (loaded.Config is { } config)
            PolicyCompiler.Compile(config, Wiring.Of(loaded, config), loaded.Errors, loaded.Hash);
        return [.. loaded.Errors.Lines];
    }

    /// <summary>Without its comments.</summary>
    static string Bare(string text) => string.Join('\n', text.Split('\n').Where(static l => l.Length > 0 && l.TrimStart()[0] != '#'));

    [Fact]
    public void All_of_its_options_become_a_config()
    {
        var text = Write(null, "-4dtV", "-a", "192.0.2.60", "-p5353", "-l", "local0", "-P", "/run/nsnotifyd.pid", "-u", "dns", "-R1h:1d", "-r", "30", "-s", "192.0.2.1", "-T", "1m30s", "/usr/local/bin/publish", "Example.NET.", "root", "no", "example.net");
        Assert.Equal("""
            mode: observe
            servers:
              primary: { kind: other, address: "192.0.2.1", zones: { list: [example.net, ".", "no"] } }
            sources:
              notify:
                - server: primary
                  listen: ["192.0.2.60@5353"]
                  refresh: { least: 1h, most: 1d }
                  retry: { least: 30s, most: 30s }
                  tcp-timeout: 1m30s
            actions:
              exec: [ { name: command, command: [/usr/local/bin/publish], concurrency: 1 } ]
            rules:
              - { on: zone-updated, do: [ { run: command } ] }
            """, Bare(text));
        foreach (var note in (string[])["# -t: here NOTIFY is taken over UDP and over TCP", "# -l, -P, -u: the log goes to the journal", "# -d: `oops run` stays in the foreground", "write that as `folder`", "Only the server of -s may notify"])
            Assert.Contains(note, text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_wildcard_anybody_notifies_any_zone()
    {
        Assert.Equal("""
            mode: observe
            servers:
              primary: { kind: other }
            sources:
              notify:
                - server: primary
                  listen: ["127.0.0.1"]
                  allow: [ { from: [0.0.0.0/0, "::/0"] } ]
                  zones: ["*"]
            actions:
              exec: [ { name: command, command: ["publish"], concurrency: 1, folder: /srv/zones } ]
            rules:
              - { on: zone-updated, zones: ["*"], do: [ { run: command } ] }
            """, Bare(Write("/srv/zones", "-w", "publish")));
        Assert.Contains("""      zones: [example.net, "*"]""", Write(null, "-ws", "::1", "publish", "example.net"), StringComparison.Ordinal);
        Assert.Contains("not at each NOTIFY", Write(null, "-w", "publish"), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_own_tools_become_the_actions_that_do_it()
    {
        Assert.Contains("""  git: [ { name: zone-history, folder: /srv/zones } ]""", Write("/srv/zones", "-s", "192.0.2.1", "/usr/libexec/nsnotify2git", "example.net"), StringComparison.Ordinal);
        Assert.Contains("docs/how-to/sign-in-the-wire.md", Write(null, "-s", "192.0.2.1", "nsnotify2update", "example.net"), StringComparison.Ordinal);
        Assert.Contains("docs/how-to/stealth-secondaries.md", Write(null, "-s", "192.0.2.1", "nsnotify2stealth", "example.net"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interval_that_made_it_crash_is_brought_within_bounds_and_said()
    {
        Assert.Contains("      refresh: { least: 5s, most: 5s }", Write(null, "-R5", "-s", "192.0.2.1", "publish", "example.net"), StringComparison.Ordinal);
        var text = Write(null, "-R0:90d", "-s", "192.0.2.1", "publish", "example.net");
        Assert.Contains("      refresh: { least: 1s, most: 30d }", text, StringComparison.Ordinal);
        Assert.Contains("# -R 90d: here it is from 1s to 30d.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publish example.net", "without -s it asked the system's resolver, which may answer from its cache; say which server has the zones: add -s ADDRESS to the arguments")]
    [InlineData("-s 192.0.2.1 publish", "there is no zone, and no -w for all")]
    [InlineData("-w", "there is no command; give the arguments as nsnotifyd got them: [options] command zone...")]
    [InlineData("-x publish", "'-x': -x is no option of nsnotifyd 2.0")]
    [InlineData("-w -p", "-p has no value")]
    [InlineData("-w -p ns publish", "-p 'ns': write the port's number")]
    [InlineData("-w -a ns1.example publish", "-a 'ns1.example': a config has the address, since a name would need the DNS to work; give it in its place")]
    [InlineData("-s ns1.example publish example.net", "-s 'ns1.example': a config has the address, since a name would need the DNS to work; give it in its place")]
    [InlineData("-w -R often publish", "-R 'often' is no time: seconds, or such as 1h30m")]
    [InlineData("-w -r 2h:1h publish", "-r '2h:1h': the least is more than the most")]
    [InlineData("-w ./publish", "'./publish' was found from the folder that it was started in; give the command's whole path")]
    [InlineData("-w publish exa..mple", "'exa..mple' is not a zone name")]
    public void What_is_not_understood_is_said(string arguments, string says) => Assert.Contains(Nsnotifyd.Read(arguments.Split(' ')).Errors, e => e.StartsWith(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("#!/bin/sh\n# nsnotifyd -x\ncd /srv/zones\nexec /usr/sbin/nsnotifyd -s 192.0.2.1 \\\n  publish \"example.net\" 2>&1 | logger\n")]
    [InlineData("[Service]\nExecStart=-/usr/sbin/nsnotifyd -s 192.0.2.1 publish example.net\n")]
    [InlineData("nsnotifyd -s 192.0.2.1 publish example.net &\nnsnotifyd -t -s 192.0.2.1 publish example.net &\n")]
    public void A_file_that_starts_it_is_read(string text)
    {
        File.WriteAllText(folder.File("start"), text);
        var imported = NsnotifydFile.Read(folder.File("start"));
        Assert.Empty(imported.Errors);
        Assert.Equal(("192.0.2.1", "publish", "example.net"), (imported.Authority.ToString(), imported.Command, Assert.Single(imported.Zones)));
    }

    [Theory]
    [InlineData("exec something\n", ": nothing in it starts nsnotifyd; give its arguments behind --")]
    [InlineData("nsnotifyd -w a\nnsnotifyd -w b\n", ": nsnotifyd is started in line 1, 2, each time with other arguments; give those of one behind --, and put the configs together")]
    [InlineData("\nnsnotifyd -s 192.0.2.1 publish $ZONES\n", ":2: '$ZONES' is expanded by a shell; give the arguments as they are then behind --")]
    [InlineData("nsnotifyd 'x\n", ":1: has a ' that is not closed")]
    public void A_file_that_cannot_be_understood_is_said(string text, string says)
    {
        File.WriteAllText(folder.File("start"), text);
        Assert.Equal(folder.File("start") + says, Assert.Single(NsnotifydFile.Read(folder.File("start")).Errors));
    }

    [Fact]
    public void Words_from_a_file_do_not_leave_their_comment_or_their_quotes()
    {
        var text = Write(null, "-w", "-s", "192.0.2.1", "/x\"],y:[\u001b[2J", "example\\010mode:.net");
        Assert.DoesNotContain('\u001b', text);
        Assert.Single(text.Split('\n'), static l => l.StartsWith("mode:", StringComparison.Ordinal));
    }
}
