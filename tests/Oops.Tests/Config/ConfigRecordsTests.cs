using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Config;

/// <summary>What every config record must be, those of adapters too: found through the metadata, not listed.</summary>
public sealed class ConfigRecordsTests
{
    static readonly List<JsonTypeInfo> Records = Reachable(ConfigJson.Default.OopsConfig, []);

    [Fact]
    public void No_property_is_init_only()
    {
        // With source generation a missing init property is silently default, not what its initialiser says.
        var init = Records.SelectMany(r => r.Type.GetProperties())
            .Where(p => p.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") == true)
            .Select(p => $"{p.DeclaringType!.Name}.{p.Name}");

        Assert.Empty(init);
    }

    [Fact]
    public void Records_are_sealed_and_described()
    {
        Assert.All(Records, r => Assert.True(r.Type.IsSealed, r.Type.Name));
        Assert.All(Records.SelectMany(Oops.Config.Shape.Keys), p => Assert.NotEmpty(((DescriptionAttribute)p.AttributeProvider!.GetCustomAttributes(typeof(DescriptionAttribute), false)[0]).Description));
    }

    [Fact]
    public void Bounds_parse_as_the_type_of_their_property_and_the_default_is_within()
    {
        foreach (var property in Records.SelectMany(Oops.Config.Shape.Keys))
        {
            if (property.AttributeProvider!.GetCustomAttributes(typeof(BoundsAttribute), false).FirstOrDefault() is not BoundsAttribute bounds)
                continue;
            var type = property.PropertyType.IsGenericType && Scalars.For(property.PropertyType) is null ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            var scalar = Scalars.For(type);
            Assert.NotNull(scalar);
            Assert.All(new[] { bounds.Least, bounds.Most }.Where(b => b.Length > 0), b => Assert.NotNull(scalar.Parse(b).Value));
        }

        Assert.Empty(SchemaValidator.Validate(SchemaWriter.Write(ConfigJson.Default.OopsConfig), new JsonObject
        {
            ["mode"] = "act",
            ["servers"] = new JsonObject { ["a"] = new JsonObject { ["kind"] = "other" } },
        }));
    }

    [Fact]
    public void Keys_of_one_of_and_short_forms_exist()
    {
        foreach (var record in Records)
        {
            var keys = Oops.Config.Shape.Keys(record).Select(p => p.Name).ToHashSet();
            Assert.All(record.Type.GetCustomAttribute<OneOfAttribute>()?.Keys ?? [], k => Assert.Contains(k, keys));
            if (record.Type.GetCustomAttribute<ShortFormAttribute>() is { } form)
                Assert.Contains(form.Key, keys);
        }
    }

    [Fact]
    public void The_example_of_each_scalar_parses_and_matches_its_pattern()
    {
        foreach (var type in Records.SelectMany(Oops.Config.Shape.Keys).Select(p => p.PropertyType).Concat([typeof(Share), typeof(CountOrShare), typeof(TimeSpan)]))
        {
            if (Scalars.For(type) is not { } scalar)
                continue;
            var (value, problem) = scalar.Parse(scalar.Example);
            Assert.True(value is not null, problem);
            if (scalar.Schema()["pattern"] is { } pattern)
                Assert.Matches(new Regex((string)pattern!, RegexOptions.ECMAScript), scalar.Example);
        }
    }

    [Theory]
    [InlineData("0", "0s")]
    [InlineData("30s", "30s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1w2d3h4m5s", "9d3h4m5s")]
    [InlineData("250ms", "250ms")]
    [InlineData("1h1m1s", "1h1m1s")]
    public void Durations_are_written_in_their_shortest_form(string text, string expected) =>
        Assert.Equal(expected, Duration.Format(Duration.Parse(text, out _)!.Value));

    [Theory]
    [InlineData("widthdraw-when", "withdraw-when")]
    [InlineData("anounce-when", "announce-when")]
    [InlineData("enabel", "enable")]
    [InlineData("last_resort", "last-resort")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_suggested(string word, string? expected) =>
        Assert.Equal(expected, Suggest.Nearest(word, ["withdraw-when", "announce-when", "enable", "last-resort", "rise"]));

    static List<JsonTypeInfo> Reachable(JsonTypeInfo info, List<JsonTypeInfo> found)
    {
        if (Scalars.For(info.Type) is not null || found.Contains(info))
            return found;
        if (info.Kind == JsonTypeInfoKind.Object)
            found.Add(info);
        foreach (var type in info.Kind == JsonTypeInfoKind.Object ? Oops.Config.Shape.Keys(info).Select(p => p.PropertyType) : [info.ElementType!])
            Reachable(info.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type), found);
        return found;
    }
}
