using System.ComponentModel;
using System.Globalization;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.Check;

/// <summary>A command whose exit code claims an external condition.</summary>
internal sealed record CheckConfig : ISourceConfig, IValidate
{
    [Description("The server that it checks.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The condition that it claims, one of kind external. Exit code 0 is well: met of a good condition, not met of a bad one.")]
    [Reference(Named.Condition)]
    public required string Condition { get; set; }

    [Description("Tells several checks of one condition apart: a-z, 0-9 and '-'. Default: the condition's name.")]
    public string? Name { get; set; }

    [Description("The program and its arguments. No shell: for one, write [/bin/sh, -c, '...']. An absolute path, or a name that is looked up in PATH.")]
    [NotEmpty]
    public required IReadOnlyList<string> Command { get; set; }

    [Description("From the start of one run to the start of the next; a run that takes longer delays it. What was claimed stands for three intervals and one timeout.")]
    [Bounds("100ms", "1d")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("true: it also runs as soon as a zone of the server has a new serial, at most once a second. Some other source must hear of serials: by NOTIFY, D-Bus, a control socket or probes.")]
    public bool OnUpdate { get; set; }

    [Description("How long it may run; then it is killed with all that it started, and its silence is a suspicion of trouble.")]
    [Bounds("100ms", "1h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Where it runs: an absolute path of a folder.")]
    [Path]
    public string Folder { get; set; } = "/";

    [Description("More environment variables, each as NAME=value. It gets PATH, HOME, TZ and the language of oops, and OOPS_SERVER, OOPS_CONDITION, OOPS_SITE, OOPS_ADDRESS, OOPS_PORT.")]
    public IReadOnlyList<string> Environment { get; set; } = [];

    public IEnumerable<string> FollowsSerialsOf => OnUpdate ? [Server] : [];

    public ISource Create(OopsConfig config)
    {
        var condition = config.Conditions.GetValueOrDefault(Condition);
        var address = config.Servers[Server].Address?.ToIPEndPoint(53);
        var environment = CommandEnvironment.With(
            Environment,
            ("OOPS_SERVER", Server),
            ("OOPS_CONDITION", Condition),
            ("OOPS_SITE", config.Site ?? System.Environment.MachineName),
            ("OOPS_ADDRESS", address?.Address.ToString()),
            ("OOPS_PORT", address?.Port.ToString(CultureInfo.InvariantCulture)));
        return new CheckSource(
            this,
            condition?.Polarity ?? Kinds.Of(Kind.External).Polarity,
            condition?.Proof == true ? Evidence.Proof : Evidence.Suspicion,
            environment,
            Children.Instance);
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (config.Conditions.GetValueOrDefault(Condition)?.Kind != Kind.External)
            errors.Add($"{path}.condition", $"'{Condition}' is not of kind external, which is all that a command can claim; declare one under conditions: {{ kind: external, polarity: bad }}");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Name is not null && ConfigNames.Problem(Name) is { } problem) errors.Add($"{path}.name", problem);
        CommandRules.Check(Command, $"{path}.command", errors);
        CommandRules.CheckEnvironment(Environment, $"{path}.environment", errors);
    }
}
