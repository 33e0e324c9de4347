using System.Globalization;
using System.Text.Json.Nodes;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Config;

public sealed class SchemaWriterTests
{
    [Fact]
    public void Every_key_of_the_daemons_config_has_a_description()
    {
        var schema = SchemaWriter.Write(ConfigJson.Default.OopsConfig);
        var without = new List<string>();
        foreach (var (name, record) in schema["$defs"]!.AsObject().Append(new("config", schema)))
        {
            var properties = (record!["properties"] ?? record["anyOf"]![1]!["properties"])!.AsObject();
            without.AddRange(properties.Where(p => string.IsNullOrWhiteSpace((string?)p.Value!["description"])).Select(p => $"{name}.{p.Key}"));
        }

        Assert.Empty(without);
    }

    [Fact]
    public void Defaults_are_those_of_the_records()
    {
        var definitions = SchemaWriter.Write(ConfigJson.Default.OopsConfig)["$defs"]!;
        var route = definitions["route"]!["properties"]!;

        Assert.Equal("1m", (string?)route["rise"]!["default"]);
        Assert.Equal("1s", (string?)route["fall"]!["default"]);
        Assert.Equal("""["server-down","server-shutting-down"]""", route["withdraw-when"]!["default"]!.ToJsonString());
        Assert.Equal("prepend 3", (string?)route["degrade"]!["default"]);
        Assert.Equal("hold", (string?)route["on-exit"]!["default"]);
        Assert.Null(route["need"]!["default"]);
        Assert.Equal("""["5m","15m","30m"]""", definitions["budget"]!["anyOf"]![1]!["properties"]!["retries"]!["default"]!.ToJsonString());
        Assert.Equal("off", (string?)definitions["budget"]!["anyOf"]![0]!["const"]);
        Assert.Equal("""["mode","servers"]""", SchemaWriter.Write(ConfigJson.Default.OopsConfig)["required"]!.ToJsonString());
    }

    [Fact]
    public void The_schema_accepts_what_the_loader_accepts()
    {
        var loaded = ConfigLoader.LoadText(TestJson.Default.TestConfig, new ConfigText("c.yaml", SampleConfig.Text));

        Assert.Empty(loaded.Errors.Lines);
        Assert.Empty(SchemaValidator.Validate(SchemaWriter.Write(TestJson.Default.TestConfig), ToJson(SampleConfig.Text)));
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("{ address: 192.0.2.1 }", true)]
    [InlineData("[192.0.2.1, { address: 192.0.2.2 }]", true)]
    [InlineData("[]", false)]
    [InlineData("{ port: 53 }", false)]
    public void What_may_be_one_or_a_list_is_so_in_the_schema(string from, bool good)
    {
        var schema = SchemaWriter.Write(ConfigJson.Default.OopsConfig);
        Assert.Equal(good, SchemaValidator.Validate(schema, ToJson($"mode: observe\nservers: {{ ns1: {{ kind: knot, zones: {{ catalog: {{ zone: a.test, from: {from} }} }} }} }}\n")).Count == 0);
    }

    [Theory]
    [InlineData("wait: 5 minutes")]
    [InlineData("number: 11")]
    [InlineData("nonsense: 1")]
    [InlineData("items: [{count: 1}]")]
    [InlineData("on-exit: maybe")]
    [InlineData("entry: {zones: [a]}")]
    [InlineData("prefixes: [nonsense]")]
    [InlineData("file: relative")]
    [InlineData("map: {UPPER: a}")]
    public void The_schema_refuses_what_the_loader_refuses(string text)
    {
        Assert.NotEmpty(ConfigLoader.LoadText(TestJson.Default.EveryType, new ConfigText("c.yaml", text)).Errors.Lines);
        Assert.NotEmpty(SchemaValidator.Validate(SchemaWriter.Write(TestJson.Default.EveryType), ToJson(text)));
    }

    [Fact]
    public void The_text_is_the_schema_and_readable()
    {
        var text = SchemaWriter.Text(ConfigJson.Default.OopsConfig);

        Assert.True(JsonNode.DeepEquals(SchemaWriter.Write(ConfigJson.Default.OopsConfig), JsonNode.Parse(text)));
        Assert.Contains("'prepend N'", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
    }

    /// <summary>As an editor reads YAML 1.2: plain true, false and numbers are no texts.</summary>
    static JsonNode? ToJson(string yaml)
    {
        return Convert(YamlReader.Read("c.yaml", yaml, new ConfigErrors())!);

        static JsonNode? Convert(Node node) => node switch
        {
            MapNode map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Convert(e.Value)))),
            ListNode list => new JsonArray([.. list.Items.Select(Convert)]),
            TextNode { Plain: true, Text: "true" or "false" } flag => JsonValue.Create(flag.Text == "true"),
            TextNode { Plain: true } text when double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            TextNode text => JsonValue.Create(text.Text),
            _ => null,
        };
    }
}
