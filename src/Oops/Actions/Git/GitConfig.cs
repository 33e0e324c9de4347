using System.ComponentModel;
using System.Text.Json.Serialization;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Sync;

namespace Oops.Actions.Git;

/// <summary>Each version of a zone as a commit.</summary>
internal sealed record GitConfig : ZoneActionConfig
{
    [Description("Absolute path of the folder for the files: the work tree of a git repository, or a folder in one. It must belong to the user of oops.")]
    [Path]
    [JsonPropertyOrder(-1)]
    public required string Folder { get; set; }

    [Description("Who commits, as git writes it: Name <address>.")]
    public string Author { get; set; } = "oops <oops@localhost>";

    [Description("Also what signing makes: RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD. Without them a zone that is only signed anew changes in its SOA alone.")]
    public bool Signatures { get; set; } = true;

    [Description("The remote that the branch is pushed to after each commit: its name (origin) or its address. Tried again until it was taken. Default: nothing is pushed.")]
    public string? Push { get; set; }

    [Description("The repository's hooks run. Default: none does.")]
    public bool Hooks { get; set; }

    [Description("More environment variables of git, each as NAME=value. It gets PATH, HOME, TZ and the language of oops, and no GIT_* but those written here.")]
    public IReadOnlyList<string> Environment { get; set; } = [];

    [Description("How long one call of git may take, with its hooks; a push is one. Then it gets SIGTERM, and 5 s later SIGKILL, with all that it started.")]
    [Bounds("1s", "1h")]
    [JsonPropertyOrder(1)]
    public TimeSpan GitTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public override IAction Create(OopsConfig config) => new GitAction(this, config, Children.Instance);

    public override void Validate(ConfigErrors errors, string path)
    {
        base.Validate(errors, path);
        CommandRules.CheckEnvironment(Environment, $"{path}.environment", errors);
        if (GitAuthor.Of(Author) is null)
            errors.Add($"{path}.author", $"{ConfigErrors.Show(Author)} is not like this: Name <address>");
        if (Push is { } remote && !GitRepository.IsRemote(remote))
            errors.Add($"{path}.push", $"{ConfigErrors.Show(remote)} is no remote's name or address; git would take it for something else");
        else if (Push is { } address && GitRepository.HasPassword(address))
            errors.Add($"{path}.push", "has a password, which everybody could read in the list of processes; name a remote of the repository, and give git the password by a credential helper");
    }

    public override void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        base.CheckAgainst(config, errors, path);
        if (config.Actions.Git.FirstOrDefault(g => !ReferenceEquals(g, this) && Path.TrimEndingDirectorySeparator(g.Folder) == Path.TrimEndingDirectorySeparator(Folder)) is { } other)
            errors.Add($"{path}.folder", $"{other.Name} writes there, too; give each a folder, and a repository, of its own");
    }
}
