using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Exec;

public sealed class ExecConfigTests
{
    const string Head = "mode: observe\nservers: { ns1: { kind: knot } }\n";

    static Loaded<OopsConfig> Load(string text) => ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", Head + text));

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = Repository.Text("src/Oops/Actions/Exec/sample.yaml");
        Assert.Empty(Load(sample).Errors.Lines);
        var all = Load(SampleText.WithAllOptions(sample));
        Assert.Empty(all.Errors.Lines);
        var exec = all.Config!.Actions.Exec[0];
        Assert.Equal(["MAILTO=ops@example.net"], exec.Environment);
        var action = exec.Create(all.Config);
        Assert.Equal(("tell-ops", 4, false), (action.Name, action.Parallel, ((Oops.Actions.IActionConfig)exec).CarriesRoutes));
    }

    [Theory]
    [InlineData("actions: { exec: [ { name: a } ] }", "command")]
    [InlineData("actions: { exec: [ { name: a, command: [] } ] }", "command")]
    [InlineData("actions: { exec: [ { name: a, command: [bin/x] } ] }", "neither an absolute path nor a name")]
    [InlineData("actions: { exec: [ { name: a, command: ['/bin/echo hello'] } ] }", "write them as a list: [/bin/echo, hello]")]
    [InlineData("actions: { exec: [ { name: a, command: [/bin/x], environment: [OOPS_ZONE=x] } ] }", "is set by oops")]
    [InlineData("actions: { exec: [ { name: a, command: [/bin/x], environment: [PATH] } ] }", "write NAME=value")]
    [InlineData("actions: { exec: [ { name: a, command: [/bin/x], timeout: 2d } ] }", "timeout")]
    [InlineData("actions: { exec: [ { name: a, command: [/bin/x], concurrency: 0 } ] }", "concurrency")]
    [InlineData("actions: { exec: [ { name: a, command: [/bin/x], folder: tmp } ] }", "folder")]
    public void A_mistake_is_told(string text, string says) =>
        Assert.Contains(says, Assert.Single(Load(text).Errors.Lines), StringComparison.Ordinal);

    [Theory]
    [InlineData("keys-changed", null)]
    [InlineData("others", null)]
    [InlineData("delegation-mismatch", "on delegation-mismatch it could hand old keys on")]
    [InlineData("zone-updated", "on zone-updated it could hand old keys on")]
    public void The_keys_are_read_on_a_change_of_the_keys_alone(string on, string? says)
    {
        var loaded = Load($$"""
            conditions: { others: { kind: keys-changed } }
            sources:
              knot: [ { server: ns1 } ]
              keys: [ { server: ns1, to: [192.0.2.1], parent: [192.0.2.2], zones: [d1.test] } ]
            actions: { exec: [ { name: submit, command: [/bin/x], stdin: keys }, { name: tell, command: [/bin/x] } ] }
            rules: [ { on: {{on}}, zones: ['*'], do: [ { run: submit } ] }, { on: delegation-mismatch, zones: ['*'], do: [ { run: tell } ] } ]
            """);
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        var errors = loaded.Errors.Lines;
        if (says is null) Assert.Empty(errors);
        else Assert.Contains(says, Assert.Single(errors), StringComparison.Ordinal);
    }
}
