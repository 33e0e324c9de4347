using System.ComponentModel;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Actions.Exec;

/// <summary>What a command reads.</summary>
internal enum ExecInput
{
    None,

    /// <summary>The keys of the zone.</summary>
    Keys,
}

/// <summary>A command that rules run.</summary>
internal sealed record ExecConfig : IActionConfig, IValidate
{
    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("The program and its first arguments; zone, serial and source are added behind them. No shell: for one, write [/bin/sh, -c, '...', name]. An absolute path, or a name that is looked up in PATH.")]
    [NotEmpty]
    public required IReadOnlyList<string> Command { get; set; }

    [Description("How long it may run; then it gets SIGTERM, with all that it started.")]
    [Bounds("100ms", "1d")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    [Description("How long after SIGTERM it gets SIGKILL, with all that it started.")]
    [Bounds("0s", "5m")]
    public TimeSpan KillAfter { get; set; } = TimeSpan.FromSeconds(5);

    [Description("How many of it may run at once, each for another zone or server.")]
    [Bounds("1", "256")]
    public int Concurrency { get; set; } = 4;

    [Description("Where it runs: an absolute path of a folder.")]
    [Path]
    public string Folder { get; set; } = "/";

    [Description("More environment variables, each as NAME=value. It gets PATH, HOME, TZ and the language of oops, and OOPS_*.")]
    public IReadOnlyList<string> Environment { get; set; } = [];

    [Description("What it reads from its standard input. none: nothing. keys: for a condition of a zone, as a source keys has it, the DNSKEY records of its KSKs that are served and not revoked, and a DS record of each: what a registrar wants. Lines of a zone file. Only for rules on keys-changed.")]
    public ExecInput Stdin { get; set; }

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) => new ExecAction(this, config.Site ?? System.Environment.MachineName, Children.Instance) { Keys = Stdin == ExecInput.Keys ? new(Path.Combine(config.StateDirectory, Oops.Keys.KeyStore.FileName), BootTime.Instance) : null };

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (Stdin == ExecInput.Keys && config.Sources.Keys.Count == 0) errors.Add($"{path}.stdin", "nobody knows the keys; add a source under sources: keys, or remove this");
        if (Stdin != ExecInput.Keys) return;
        for (var i = 0; i < config.Rules.Count; i++)
        {
            var rule = config.Rules[i];
            if (!errors.Unbound.IsWhole($"rules[{i}]") || !rule.Do.Any(d => d.Run == Name) || KindOf(config, rule.On) is Kind.KeysChanged) continue;
            errors.Add($"rules[{i}].on", $"'{Name}' reads the keys (stdin: keys), and only of keys-changed is sure that what it reads is stored by then: on {rule.On} it could hand old keys on; run it on keys-changed, and here another action");
        }
    }

    static Kind? KindOf(OopsConfig config, string condition) => config.Conditions.TryGetValue(condition, out var written) ? written.Kind : Kinds.Find(condition)?.Kind;

    public void Validate(ConfigErrors errors, string path)
    {
        CommandRules.Check(Command, $"{path}.command", errors);
        CommandRules.CheckEnvironment(Environment, $"{path}.environment", errors);
    }
}
