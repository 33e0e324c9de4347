using System.Net;
using Oops.Config;
using Oops.Core;
using Xunit;

namespace Oops.Tests.Config;

public sealed class ConfigLoaderTests
{
    /// <summary>Text, and the lines that `oops check` must print for it.</summary>
    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "txet: a", ["c.yaml:1:1: unknown key 'txet' (did you mean 'text'?)"] },
        { "nothing-like-it: a", ["c.yaml:1:1: unknown key 'nothing-like-it'; the keys here are: text, flag, number, rate, wait, share, at-least, listen, prefixes, zones, patterns, on-exit, degrade, file, map, items, entry"] },
        { "text: a\ntext: b", ["c.yaml:2:1: the key 'text' is written twice; the first is at c.yaml:1:1; remove one"] },
        { "text:", ["c.yaml:1:1: text: has no value; give it one or remove the key"] },
        { "text: ''", ["c.yaml:1:7: text: is an empty text; give it a value or remove the key"] },
        { "text: [a]", ["c.yaml:1:7: text: must be a text; found a list"] },
        { "flag: yes", ["c.yaml:1:7: flag: 'yes' is not true or false; write true"] },
        { "number: ten", ["c.yaml:1:9: number: 'ten' is not a whole number"] },
        { "number: 1.5", ["c.yaml:1:9: number: '1.5' is not a whole number"] },
        { "number: 0", ["c.yaml:1:9: number: 0 is too small; the least is 1"] },
        { "number: 11", ["c.yaml:1:9: number: 11 is too large; the most is 10"] },
        { "rate: fast", ["c.yaml:1:7: rate: 'fast' is not a number"] },
        { "wait: 90", ["c.yaml:1:7: wait: 90 has no unit; write 90s for seconds"] },
        { "wait: 5 minutes", ["c.yaml:1:7: wait: '5 minutes' is not a duration such as 250ms, 30s, 5m, 1h30m or 1d"] },
        { "wait: 30m1h", ["c.yaml:1:7: wait: '30m1h' is not a duration such as 250ms, 30s, 5m, 1h30m or 1d"] },
        { "wait: 0", ["c.yaml:1:7: wait: 0 is too small; the least is 100ms"] },
        { "wait: 9999999w", ["c.yaml:1:7: wait: '9999999w' is longer than 100 years"] },
        { "share: 10", ["c.yaml:1:8: share: '10' has no percent sign; write 10%"] },
        { "share: 101%", ["c.yaml:1:8: share: '101%' is not a share such as 10%, from 0% to 100%"] },
        { "at-least: some", ["c.yaml:1:11: at-least: 'some' is not a number such as 2 or a share such as 98%"] },
        { "listen: 127.0.0.1:53", ["c.yaml:1:9: listen: '127.0.0.1:53' is not an IP address with an optional port, such as 192.0.2.1, 127.0.0.1@53 or ::1@5353; write 127.0.0.1@53"] },
        { "listen: '[::1]:53'", ["c.yaml:1:9: listen: '[::1]:53' is not an IP address with an optional port, such as 192.0.2.1, 127.0.0.1@53 or ::1@5353; write ::1@53"] },
        { "listen: localhost@53", ["c.yaml:1:9: listen: 'localhost@53' is a name; write the IP address, since a name would need the DNS to work"] },
        { "listen: 127.1", ["c.yaml:1:9: listen: '127.1' is not an IP address with an optional port, such as 192.0.2.1, 127.0.0.1@53 or ::1@5353"] },
        { "listen: 127.0.0.1@0", ["c.yaml:1:9: listen: '127.0.0.1@0' has a bad port; write a number from 1 to 65535 behind the '@'"] },
        { "prefixes: 192.0.2.0/24", ["c.yaml:1:11: prefixes: must be a list; found the text '192.0.2.0/24'; write [192.0.2.0/24]"] },
        { "prefixes: [192.0.2.1/24]", ["c.yaml:1:12: prefixes[0]: '192.0.2.1/24' has bits set behind its length; write 192.0.2.0/24"] },
        { "prefixes: [192.0.2.1]", ["c.yaml:1:12: prefixes[0]: '192.0.2.1' has no length; write 192.0.2.1/32 for the one address"] },
        { "prefixes: ['2001:db8::/129']", ["c.yaml:1:12: prefixes[0]: '2001:db8::/129' has a bad length; the most is /128"] },
        { "zones: [a..b]", ["c.yaml:1:9: zones[0]: 'a..b' is not a zone name such as example.net or '.'; labels have 1 to 63 characters, the whole at most 255, and what is not printable is escaped as \\DDD"] },
        { "zones: ['*.nl']", ["c.yaml:1:9: zones[0]: '*.nl' is a pattern; write each zone's name here"] },
        { "zones: [zürich.ch]", ["c.yaml:1:9: zones[0]: 'zürich.ch' is not ASCII; write the name as the zone file has it (xn--...)"] },
        { "patterns: ['a.*.b']", ["c.yaml:1:12: patterns[0]: 'a.*.b' is not a zone name, '*.' and a zone name, or '*'; a '*' stands only for whole labels at the left"] },
        { "on-exit: withdrew", ["c.yaml:1:10: on-exit: 'withdrew' is not one of hold, withdraw (did you mean 'withdraw'?)"] },
        { "degrade: prepend 99", ["c.yaml:1:10: degrade: 'prepend 99' is not 'prepend N' (1 to 20), 'med N', 'community N:N' (16 bits each) or 'large-community N:N:N' (32 bits each)"] },
        { "file: etc/zones", ["c.yaml:1:7: file: 'etc/zones' is not an absolute path; begin it with '/'"] },
        { "map: {Big Name: a}", ["c.yaml:1:7: map: 'Big Name' is not a name; use a-z, 0-9 and '-', not '-' first, at most 63"] },
        { "map: [a]", ["c.yaml:1:6: map: must be a map of names; found a list"] },
        { "items:\n  - count: 1", ["c.yaml:2:5: items[0]: the key 'name' is missing: what it is called."] },
        { "items: [a]", ["c.yaml:1:9: items[0]: must be a map with keys such as name, count; found the text 'a'"] },
        { "entry: not", ["c.yaml:1:8: entry.is: 'not' is not a condition's name, or 'not' and the name; conditions are combined by name under 'conditions:', not by an expression"] },
        { "entry: not zone-redy", ["c.yaml:1:8: entry.is: there is no condition 'zone-redy' (did you mean 'zone-ready'?)"] },
        { "entry: {is: zone-ready, share: 5, ofr: 1s}", ["c.yaml:1:32: entry.share: '5' has no percent sign; write 5%", "c.yaml:1:35: entry: unknown key 'ofr' (did you mean 'for'?)"] },
        { "text: refuse me", ["c.yaml:1:7: text: is refused across keys"] },
        { "number: x\nflag: 1\nwiat: 5s\nshare: 5", ["c.yaml:1:9: number: 'x' is not a whole number", "c.yaml:2:7: flag: '1' is not true or false", "c.yaml:3:1: unknown key 'wiat' (did you mean 'wait'?)", "c.yaml:4:8: share: '5' has no percent sign; write 5%"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Each_mistake_is_reported_with_its_place_and_what_to_do(string text, string[] expected) => Assert.Equal(expected, Check(text));

    [Fact]
    public void Every_type_is_read()
    {
        var config = Good("""
            text: no
            flag: false
            number: 10
            rate: 0.25
            wait: 1m30s
            share: 0.5%
            at-least: 98%
            listen: ::1@5353
            prefixes: [192.0.2.0/24, "2001:db8::/48"]
            zones: [no, on, 12, "yes", Example.NET., ., null, 0/25.2.0.192.in-addr.arpa]
            patterns: ["*", "*.Example", nl]
            on-exit: withdraw
            degrade: community 65535:0
            file: /etc/zones
            map: {a: 1, b-2: yes}
            items: [{name: 5}, {name: b, count: 2}]
            entry: not zone-ready
            """);

        Assert.Equal("no", config.Text);
        Assert.False(config.Flag);
        Assert.Equal(10, config.Number);
        Assert.Equal(0.25, config.Rate);
        Assert.Equal(TimeSpan.FromSeconds(90), config.Wait);
        Assert.Equal(0.005, config.Share!.Value.Fraction);
        Assert.Equal(98, config.AtLeast!.Value.Share!.Value.Percent);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 5353), config.Listen!.Value.ToIPEndPoint(53));
        Assert.Equal([IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/48")], config.Prefixes);
        Assert.Equal(["no", "on", "12", "yes", "example.net", ".", "null", "0/25.2.0.192.in-addr.arpa"], config.Zones.Select(z => z.Text));
        Assert.Equal(["*", "*.example", "nl"], config.Patterns.Select(z => z.Text));
        Assert.Equal(OnExit.Withdraw, config.OnExit);
        Assert.Equal(new DegradeAs(new Degradation(Community: (65535, 0))), config.Degrade);
        Assert.Equal("/etc/zones", config.File);
        Assert.Equal("1yes", config.Map!["a"] + config.Map["b-2"]);
        Assert.Equal([5 + "7", "b2"], config.Items.Select(i => i.Name + i.Count));
        Assert.Equal((new NameOrNot("zone-ready", true), true), (config.Entry!.Is, config.Entry.Relative));
    }

    [Fact]
    public void What_is_not_written_has_the_default_of_the_record()
    {
        var config = Good("text: a");

        Assert.True(config.Flag);
        Assert.Equal((3, 1.5, TimeSpan.FromSeconds(90)), (config.Number, config.Rate, config.Wait));
        Assert.Null(config.Share);
        Assert.Empty(config.Prefixes);
    }

    [Fact]
    public void Lists_of_several_files_are_joined_and_names_are_not()
    {
        const string Main = "mode: observe\nservers:\n  ns1: {kind: knot}\nsources:\n  knot: [{server: ns1}]\n";
        var good = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("a.yaml", Main), new ConfigText("b.yaml", "servers: {ns2: {kind: nsd}}\nsources: {knot: [{server: ns2}]}"));
        var bad = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("a.yaml", Main), new ConfigText("b.yaml", "mode: act\nservers: {ns1: {kind: nsd}}"));

        Assert.Empty(good.Errors.Lines);
        Assert.Equal(["ns1", "ns2"], good.Config!.Servers.Keys);
        Assert.Equal(["ns1", "ns2"], good.Config.Sources.Knot.Select(k => k.Server));
        Assert.Equal(
            ["b.yaml:1:1: mode: is written twice; the first is at a.yaml:1:1; remove one", "b.yaml:2:11: servers.ns1: is written twice; the first is at a.yaml:3:3; remove one"],
            bad.Errors.Lines);
    }

    [Fact]
    public void An_error_in_a_joined_list_is_at_its_own_file()
    {
        var loaded = ConfigLoader.LoadText(
            TestJson.Default.TestConfig,
            new ConfigText("a.yaml", "mode: observe\nservers: {ns1: {kind: knot}}\nsources: {knot: [{server: ns1}]}"),
            new ConfigText("b.yaml", "sources:\n  knot:\n  - server: ns11"));

        Assert.Equal(["b.yaml:3:13: sources.knot[1].server: there is no server 'ns11' (did you mean 'ns1'?)"], loaded.Errors.Lines);
    }

    [Fact]
    public void A_file_that_cannot_be_parsed_does_not_make_others_look_incomplete()
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("a.yaml", "mode: observe\n"), new ConfigText("b.yaml", "servers: {ns1: {kind: knot}"));

        var line = Assert.Single(loaded.Errors.Lines);
        Assert.StartsWith("b.yaml:2:1: not YAML: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_declared_twice_are_refused()
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("a.yaml", "mode: observe\nservers: {ns1: {kind: knot}}\nactions: {bird: [{name: edge}], exec: [{name: edge}]}"));

        Assert.Equal(["a.yaml:3:47: actions.exec[0].name: the action 'edge' is declared twice; the first is at a.yaml:3:25; rename one"], loaded.Errors.Lines);
    }

    [Fact]
    public void The_hash_changes_with_the_text_and_not_with_the_path()
    {
        string Hash(string file, string text) => ConfigLoader.LoadText(TestJson.Default.EveryType, new ConfigText(file, text)).Hash;

        Assert.Equal(Hash("a", "text: a"), Hash("b", "text: a"));
        Assert.NotEqual(Hash("a", "text: a"), Hash("a", "text: b"));
    }

    [Fact]
    public void Errors_beyond_the_bound_are_counted()
    {
        var text = string.Concat(Enumerable.Range(0, ConfigErrors.Most + 20).Select(i => $"k{i}: 1\n"));

        var lines = Check(text);

        Assert.Equal(ConfigErrors.Most + 1, lines.Length);
        Assert.Equal("and 20 more", lines[^1]);
    }

    static EveryType Good(string text)
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.EveryType, new ConfigText("c.yaml", text));
        Assert.Empty(loaded.Errors.Lines);
        return loaded.Config!;
    }

    static string[] Check(string text)
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.EveryType, new ConfigText("c.yaml", text));
        Assert.Equal(loaded.Config is null, loaded.Errors.Count > 0);
        return [.. loaded.Errors.Lines];
    }
}
