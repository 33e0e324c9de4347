using System.Text.Json.Nodes;
using Oops.Core;
using Oops.Tests.Config;
using Oops.Wire.Bus;
using Xunit;

namespace Oops.Tests.Wire.Bus;

public sealed class BusSignalTests
{
    // What its two forms have in common cannot tell of a field that is for later.
    const string WithMore = "unknown-field";

    public static TheoryData<string> Valid => [.. BusVectors.Valid];

    public static TheoryData<string> InvalidJson => [.. BusVectors.InvalidJson];

    public static TheoryData<string> InvalidCbor => [.. BusVectors.InvalidCbor];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Both_forms_say_the_same(string name)
    {
        var json = Read(name);
        var cbor = BusCbor.Read(BusVectors.ReadCbor("valid", name), out var why);
        Assert.True(cbor is not null, why);
        Assert.Equal(BusJson.Write(json), BusJson.Write(cbor));
        Assert.Equal(json.Arguments, cbor.Arguments);
        Assert.Equal(json with { Arguments = [] }, cbor with { Arguments = [] });
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_is_written_is_what_another_implementation_wrote(string name)
    {
        var signal = Read(name);
        if (name != WithMore)
        {
            Assert.Equal(Convert.ToHexString(BusVectors.ReadCbor("valid", name)), Convert.ToHexString(BusCbor.Write(signal)));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(BusVectors.ReadJson("valid", name)), JsonNode.Parse(BusJson.Write(signal))));
        }

        Assert.Equal(BusCbor.Write(signal), BusCbor.Write(BusJson.Read(BusJson.Write(signal), out _)!));
    }

    [Theory]
    [MemberData(nameof(InvalidJson))]
    public void What_is_no_signal_in_JSON_is_refused_with_a_reason(string name)
    {
        Assert.Null(BusJson.Read(BusVectors.ReadJson("invalid", name), out var why));
        Assert.NotEmpty(why);
    }

    [Theory]
    [MemberData(nameof(InvalidCbor))]
    public void What_is_no_signal_in_CBOR_is_refused_with_a_reason(string name)
    {
        Assert.Null(BusCbor.Read(BusVectors.ReadCbor("invalid", name), out var why));
        Assert.NotEmpty(why);
    }

    [Theory]
    [InlineData('\'')]
    [InlineData('<')]
    [InlineData('\u00e9')]
    [InlineData('\\')]
    public void The_longest_names_and_words_of_strangers_fit_into_a_signal(char character)
    {
        var longest = string.Concat(Enumerable.Repeat("\\200", 255));
        var signal = Read(BusVectors.Valid.First(n => n != WithMore)) with { Server = "ns1", Zone = longest, Because = new(character, BusRules.LongestBecause), Arguments = [new("first", longest)] };
        Assert.Null(BusRules.Fault(signal));
        Assert.InRange(BusJson.Write(signal).Length, 1, BusSignal.MaxSize);
        Assert.Equal(signal.Because, BusJson.Read(BusJson.Write(signal), out _)!.Because);
    }

    [Fact]
    public void The_schema_takes_every_signal_and_refuses_all_that_a_schema_can()
    {
        var schema = JsonNode.Parse(Repository.Text("docs/spec/signal.schema.json"))!.AsObject();
        foreach (var name in BusVectors.Valid)
        {
            Assert.Empty(SchemaValidator.Validate(schema, JsonNode.Parse(BusVectors.ReadJson("valid", name))));
            Assert.Empty(SchemaValidator.Validate(schema, JsonNode.Parse(BusJson.Write(Read(name)))));
        }

        var passed = BusVectors.InvalidJson.Where(n => Parse(n) is { } value && SchemaValidator.Validate(schema, value).Count == 0);
        Assert.Equal(["sequence-with-exponent", "time-before-1970", "time-that-is-none", "too-long", "too-many-arguments", "zone-without-server"], passed);
    }

    [Fact]
    public void There_is_a_signal_for_each_condition_of_the_draft()
    {
        var kinds = BusVectors.Valid.Select(n => Read(n).Kind).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(Kinds.All.Where(k => k.About.Contains("(draft", StringComparison.Ordinal)).Select(k => k.Name).ToHashSet(StringComparer.Ordinal), kinds);
    }

    [Fact]
    public void Whatever_comes_is_a_signal_that_is_written_as_it_came_or_none()
    {
        FuzzRun.Mutate([.. BusVectors.Valid.Where(n => n != WithMore).Select(n => BusVectors.ReadCbor("valid", n)), .. BusVectors.InvalidCbor.Select(n => BusVectors.ReadCbor("invalid", n))], 30_000, 8, (bytes, random) =>
        {
            if (BusCbor.Read(bytes, out var why) is not { } signal)
            {
                Assert.NotEmpty(why);
                return;
            }

            Assert.Null(BusRules.Fault(signal));
            var written = BusCbor.Write(signal);
            // A field for later is not written again; without one there is one form only.
            if (written.Length == bytes.Length) Assert.Equal(bytes, written);
            Assert.Equal(written, BusCbor.Write(BusJson.Read(BusJson.Write(signal), out _)!));
        });
        FuzzRun.Mutate([.. BusVectors.Valid.Select(n => BusVectors.ReadJson("valid", n)), .. BusVectors.InvalidJson.Select(n => BusVectors.ReadJson("invalid", n))], 30_000, 9, (bytes, random) =>
        {
            if (BusJson.Read(bytes, out var why) is { } signal) Assert.Equal(BusJson.Write(signal), BusJson.Write(BusCbor.Read(BusCbor.Write(signal), out _)!));
            else Assert.NotEmpty(why);
        });
    }

    [Theory]
    [InlineData("ams1", "ns1", "zone-ready", "example", "dns-oops/v1/ams1/ns1/zone-ready/example")]
    [InlineData("ams1", "ns1", "zone-ready", ".", "dns-oops/v1/ams1/ns1/zone-ready/.")]
    [InlineData("ams1", "ns1", "server-down", null, "dns-oops/v1/ams1/ns1/server-down")]
    [InlineData("ams1", null, "ns-ams1", null, "dns-oops/v1/ams1/_node/ns-ams1")]
    [InlineData("a/b", "ns1", "zone-ready", "a/+#$%\\000.example", "dns-oops/v1/a%2Fb/ns1/zone-ready/a%2F%2B%23%24%25\\000.example")]
    [InlineData("_node", "ns1", "x", "_dmarc.example", "dns-oops/v1/%5Fnode/ns1/x/%5Fdmarc.example")]
    [InlineData("Zürich 1\n", "ns1", "x", null, "dns-oops/v1/Z%C3%BCrich%201%0A/ns1/x")]
    public void A_topic_has_one_level_for_each_name_and_leads_back_to_it(string site, string? server, string name, string? zone, string topic)
    {
        var one = new BusTopic(site, server, name, zone);
        Assert.Equal(topic, one.ToString());
        Assert.Equal(one, BusTopic.Parse(topic));
    }

    [Theory]
    [InlineData("dns-oops/v1/ams1/ns1")]
    [InlineData("dns-oops/v1/ams1/ns1/a/b/c")]
    [InlineData("dns-oops/v1/ams1/_node/ns1/x")]
    [InlineData("dns-oops/v2/ams1/ns1/zone-ready")]
    [InlineData("dns-oops/v1//ns1/zone-ready")]
    [InlineData("dns-oops/v1/ams1/ns1/+")]
    [InlineData("dns-oops/v1/ams1/ns1/zone-ready/%")]
    [InlineData("dns-oops/v1/ams1/ns1/zone-ready/%2")]
    [InlineData("dns-oops/v1/ams1/ns1/zone-ready/%2f")]
    [InlineData("dns-oops/v1/ams1/ns1/zone-ready/%41")]
    [InlineData("dns-oops/v1/ams1/ns1/zone-ready/%FF")]
    [InlineData("$SYS/broker/uptime")]
    public void What_is_none_of_ours_is_no_topic(string topic) => Assert.Null(BusTopic.Parse(topic));

    static BusSignal Read(string name)
    {
        var signal = BusJson.Read(BusVectors.ReadJson("valid", name), out var why);
        Assert.True(signal is not null, $"{name}: {why}");
        return signal;
    }

    static JsonNode? Parse(string name)
    {
        try
        {
            var value = JsonNode.Parse(BusVectors.ReadJson("invalid", name));
            // A name that is there twice shows only where it is looked for, and half a surrogate pair where it is written.
            return value is JsonObject map && map.Count > 0 && map.ToJsonString().Length > 0 ? value : new JsonObject();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
