using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Oops.Actions.Git;
using Oops.Native;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Commands;

/// <summary>`oops transfer ZONE --from ADDRESS`: a zone as text, or as a commit, as nsnotify2git makes one.</summary>
internal sealed class TransferCommand
{
    const string DefaultAuthor = "oops <oops@localhost>";

    readonly Argument<string[]> zones = new("zone") { Description = "The zone; with --git there may be several.", Arity = ArgumentArity.OneOrMore };
    readonly Option<bool> unsigned = new("--no-signatures") { Description = "Without what signing makes: RRSIG, NSEC, NSEC3, NSEC3PARAM, ZONEMD." };
    readonly Option<string?> git = new("--git") { Description = "Writes the zone into a file in this folder, which is a git work tree or in one, and commits it as `ZONE IN SOA SERIAL`. Default: it is printed." };
    readonly Option<string> author = new("--author") { Description = "Who commits.", DefaultValueFactory = static _ => DefaultAuthor };
    readonly Option<string?> push = new("--push") { Description = "The remote that the branch is pushed to: its name or its address." };
    readonly Option<bool> hooks = new("--hooks") { Description = "The repository's hooks run." };
    readonly Option<TimeSpan?> gitTimeout = Options.Span("--git-timeout", "How long one call of git may take. Default: 1m.", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    readonly TransferFrom from = new("and prints or commits it");

    public static Command New() => new TransferCommand().Build();

    Command Build()
    {
        var command = new Command("transfer", "Transfers a zone and prints it: one record a line, in canonical order. Or commits it to a git repository. Exit 0: done; 1: the zone could not be had, or not be committed; 2: wrong words.") { zones, unsigned, git, author, push, hooks, gitTimeout };
        foreach (var option in from.Options)
            command.Add(option);
        command.Validators.Add(written =>
        {
            if (!Options.IsWritten(written, git) && ((IEnumerable<Option>)[author, push, hooks, gitTimeout]).FirstOrDefault(o => Options.IsWritten(written, o)) is { } alone)
                written.AddError($"{alone.Name} means nothing without {git.Name} FOLDER");
        });
        return command.Does(RunAsync);
    }

    async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var names = new List<DnsName>();
        foreach (var word in parsed.GetValue(zones)!)
        {
            if (!DnsName.TryParse(word, out var zone))
                return Refuse($"'{word}': no domain name");
            names.Add(zone);
        }

        var folder = parsed.GetValue(git);
        if (folder is null && names.Count > 1)
            return Refuse("one zone is printed; for several write --git FOLDER");
        if (GitAuthor.Of(parsed.GetValue(author)!) is not { } who)
            return Refuse($"--author {parsed.GetValue(author)}: is not like this: Name <address>");
        if (parsed.GetValue(push) is { } remote && !GitRepository.IsRemote(remote))
            return Refuse($"--push {remote}: is no remote's name or address");
        if (parsed.GetValue(push) is { } address && GitRepository.HasPassword(address))
            return Refuse("--push: has a password, which everybody could read in the list of processes; name a remote of the repository, and give git the password by a credential helper");
        if (from.Open(parsed, null) is not { } primaries)
            return Verb.Usage;
        using var repository = folder is null ? null : new GitRepository(new(Path.GetFullPath(folder), who) { Push = parsed.GetValue(push), Hooks = parsed.GetValue(hooks), Timeout = parsed.GetValue(gitTimeout) ?? TimeSpan.FromMinutes(1) }, Children.Instance, TimeProvider.System);
        var worst = Verb.Done;
        foreach (var name in names)
            worst = Math.Max(worst, await OneAsync(parsed, primaries, name, repository, stop).ConfigureAwait(false));
        return worst;
    }

    async Task<int> OneAsync(ParseResult parsed, Primaries primaries, DnsName name, GitRepository? repository, CancellationToken stop)
    {
        var (taken, ended) = await SyncRun.TakeAsync(primaries, from.LimitsOf(parsed), new SyncWish(name), null, stop).ConfigureAwait(false);
        if (taken is null)
            return Fail($"{name}: {ended!.Why}");
        var signatures = !parsed.GetValue(unsigned);
        if (repository is null)
            return Print(taken.Version, signatures, stop);
        if (GitFile.Of(name) is not { } file)
            return Fail($"{name}: the name is too long for a file");
        var done = await repository.CommitAsync(file.Name, file.Owner, s => ZoneLines.Write(taken.Version, s, signatures, stop), file.Message(taken.Serial), stop).ConfigureAwait(false);
        var words = string.Create(CultureInfo.InvariantCulture, $"{name} serial {taken.Serial}: {done.Words}");
        if (!done.Ok)
            return Fail(words);
        var pushed = await repository.PushAsync(stop).ConfigureAwait(false);
        if (pushed is { Ok: false })
            return Fail($"{words}; {pushed.Value.Words}");
        Terminal.Line(pushed is { } too ? $"{words}; {too.Words}" : words);
        return Verb.Done;
    }

    static int Print(ZoneVersion version, bool signatures, CancellationToken stop)
    {
        try
        {
            using var output = Console.OpenStandardOutput();
            ZoneLines.Write(version, output, signatures, stop);
            return Verb.Done;
        }
        catch (IOException e)
        {
            return Fail($"cannot be written: {Reason.Of(e)}");
        }
    }

    static int Refuse(string why)
    {
        Terminal.Error(why);
        return Verb.Usage;
    }

    static int Fail(string why)
    {
        Terminal.Error(why);
        return Verb.Failed;
    }
}
