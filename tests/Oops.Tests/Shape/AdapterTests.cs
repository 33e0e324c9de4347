using System.Reflection;
using Oops.Actions;
using Oops.Config;
using Oops.Sources;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>An adapter is one folder, and its name is the config word.</summary>
public sealed class AdapterTests
{
    public static TheoryData<string> Folders => [.. Repository.Adapters().Select(Repository.Name)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_adapter_has_a_page_a_sample_a_record_and_tests(string folder)
    {
        var name = Path.GetFileName(folder);
        var kind = Path.GetFileName(Path.GetDirectoryName(folder)!);
        var path = Path.Combine(Repository.Root, folder);
        Assert.True(File.Exists(Path.Combine(path, "README.md")), "README.md is missing");
        Assert.True(File.Exists(Path.Combine(path, "sample.yaml")), "sample.yaml is missing");
        // A type has one name: where a source has the word, too, the action's record says that it is one.
        Assert.True(File.Exists(Path.Combine(path, name + "Config.cs")) || File.Exists(Path.Combine(path, name + "ActionConfig.cs")), $"{name}Config.cs is missing");
        Assert.True(Directory.Exists(Path.Combine(Repository.Root, "tests/Oops.Tests", kind, name)), $"tests/Oops.Tests/{kind}/{name} is missing");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_adapter_is_wired_by_its_name(string folder)
    {
        var contents = folder.Contains("/Sources/", StringComparison.Ordinal) ? typeof(SourcesConfig) : typeof(ActionsConfig);
        Assert.NotNull(contents.GetProperty(Path.GetFileName(folder)));
    }

    [Fact]
    public void No_config_record_has_an_init_property() =>
        // With System.Text.Json's source generation a missing init property is silently the default of its type.
        Assert.Empty(Records().SelectMany(t => t.GetProperties()).Where(p => p.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Length > 0).Select(p => $"{p.DeclaringType!.Name}.{p.Name}"));

    [Fact]
    public void Every_config_property_is_described() =>
        Assert.Empty(Records().SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(p => p.SetMethod is not null && p.GetCustomAttribute<System.ComponentModel.DescriptionAttribute>() is null).Select(p => $"{p.DeclaringType!.Name}.{p.Name}"));

    static IEnumerable<Type> Records() => typeof(OopsConfig).Assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.Name.EndsWith("Config", StringComparison.Ordinal) && t.GetMethod("<Clone>$") is not null);
}
