using Oops.Native;

namespace Oops.Actions.Git;

/// <summary>How git is called.</summary>
/// <param name="Folder">Where the files are.</param>
/// <param name="Author">Who commits.</param>
internal sealed record GitOptions(string Folder, GitAuthor Author)
{
    /// <summary>Null: nothing is pushed.</summary>
    public string? Push { get; init; }

    public bool Hooks { get; init; }

    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Of one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What came of it.</summary>
/// <param name="Words">What was done, or why not; terminal-safe.</param>
/// <param name="Ok">It was done.</param>
/// <param name="ForGood">It is so until somebody changes something.</param>
internal readonly record struct GitOutcome(string Words, bool Ok, bool ForGood = false)
{
    public static GitOutcome Later(string why) => new(why, Ok: false);
}

/// <summary>A git work tree that files are committed in, one at a time: git has one index, and locks it.</summary>
internal sealed class GitRepository(GitOptions options, Children children, TimeProvider time) : IDisposable
{
    /// <summary>Calls of git of one zone: add, diff, commit, push.</summary>
    public const int CallsPerZone = 4;

    /// <summary>After SIGTERM.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>A push that failed is not tried again for so long: what many zones wait for is one push.</summary>
    static readonly TimeSpan PushPause = TimeSpan.FromSeconds(10);

    const int LinesInReason = 2;

    readonly SemaphoreSlim turn = new(1, 1);

    // What an earlier run has committed may not have been pushed.
    bool unpushed = true;
    (long At, string Why)? failure;

    /// <summary>What git cannot take for an option.</summary>
    public static bool IsRemote(string word) => word.Length > 0 && word[0] != '-' && !word.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c));

    /// <summary>`https://user:password@...`, or `https://token@...`. Of ssh a user is no secret.</summary>
    public static bool HasPassword(string word) => Uri.TryCreate(word, UriKind.Absolute, out var url) && (url.UserInfo.Contains(':', StringComparison.Ordinal) || (url.UserInfo.Length > 0 && url.Scheme is ("http" or "https")));

    /// <summary>Writes a file and commits it, if that changes anything.</summary>
    /// <param name="file">Its name in the folder.</param>
    /// <param name="owner">The first word of what the file holds, if it is ours.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="message">Of the commit.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<GitOutcome> CommitAsync(string file, string owner, Action<Stream> write, string message, CancellationToken stop)
    {
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var path = Path.Combine(options.Folder, file);
            if (Stranger(path, owner) is { } stranger)
                return new(stranger, Ok: false, ForGood: true);
            if (!Durable.TryWrite(path, write, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, out var why))
                return GitOutcome.Later(why);
            var added = await GitAsync(stop, "add", "--", file).ConfigureAwait(false);
            if (!added.Ok)
                return GitOutcome.Later(Why(added));
            var same = await GitAsync(stop, "diff", "--cached", "--quiet", "--no-ext-diff", "--no-textconv", "--", file).ConfigureAwait(false);
            if (same.Ok)
                return new("is there already", Ok: true);
            if (same is not { End: ChildEnd.Exited, Status: { Known: true, Code: 1 } })
                return GitOutcome.Later(Why(same));
            var committed = await GitAsync(stop, "commit", $"--message={message}", "--", file).ConfigureAwait(false);
            if (!committed.Ok)
                return GitOutcome.Later(Why(committed));
            unpushed = true;
            return new(Committed(committed.Output), Ok: true);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Pushes what is not pushed yet. Null: nothing is to be pushed.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<GitOutcome?> PushAsync(CancellationToken stop)
    {
        if (options.Push is not { } remote)
            return null;
        await turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (!unpushed)
                return new($"pushed to {remote}", Ok: true);
            if (failure is { } last && time.GetElapsedTime(last.At) < PushPause)
                return GitOutcome.Later(last.Why);
            var pushed = await GitAsync(stop, "push", "--quiet", "--", remote, "HEAD").ConfigureAwait(false);
            unpushed = !pushed.Ok;
            failure = pushed.Ok ? null : (time.GetTimestamp(), $"not pushed to {remote}: {Why(pushed)}");
            return failure is { } now ? GitOutcome.Later(now.Why) : new($"pushed to {remote}", Ok: true);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>With wildcards the name of a file is chosen by whoever may notify: what is not a version of this zone stays. Null: it is one, or nothing is there.</summary>
    static string? Stranger(string path, string owner)
    {
        try
        {
            if (!File.Exists(path))
                return Directory.Exists(path) ? $"{path} is a folder" : null;
            using var text = new StreamReader(path);
            var buffer = new char[1024];
            var first = buffer.AsSpan(0, text.ReadBlock(buffer));
            var end = first.IndexOfAny(' ', '\t', '\n');
            return first.IsEmpty || (end > 0 && first[..end].Equals(owner, StringComparison.OrdinalIgnoreCase)) ? null : $"{path} holds something else than this zone; move it away";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}: {Reason.Unreadable(path, e)}";
        }
    }

    async Task<ChildResult> GitAsync(CancellationToken stop, params string[] words)
    {
        List<string> argv = ["git", "-C", options.Folder, "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.autocrlf=false"];
        if (!options.Hooks)
            argv.AddRange(["-c", "core.hooksPath=/dev/null"]);
        argv.AddRange(words);
        var environment = CommandEnvironment.With(
            options.Environment,
            ("LC_ALL", "C"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", options.Author.Name),
            ("GIT_AUTHOR_EMAIL", options.Author.Address),
            ("GIT_COMMITTER_NAME", options.Author.Name),
            ("GIT_COMMITTER_EMAIL", options.Author.Address));
        var result = await children.RunAsync(new SpawnOptions { Argv = argv, Environment = environment, Folder = options.Folder }, options.Timeout, Grace, stop).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>`committed as main 3f2a91c: 1 file changed, 2 insertions(+), 1 deletion(-)`.</summary>
    static string Committed(string[] output)
    {
        var first = Array.Find(output, static l => l.StartsWith('[') && l.Contains(']', StringComparison.Ordinal));
        var change = Array.Find(output, static l => l.Contains(" changed", StringComparison.Ordinal));
        return $"committed{(first is null ? "" : $" as {first[1..first.IndexOf(']', StringComparison.Ordinal)]}")}{(change is null ? "" : $": {change.Trim()}")}";
    }

    string Why(ChildResult result)
    {
        var lines = result.Errors.Length > 0 ? result.Errors : result.Output;
        if (Array.Find(lines, static l => l.Contains(".lock': File exists", StringComparison.Ordinal)) is { } locked)
            return Locked(locked);
        var said = string.Join("; ", lines.Where(static l => !l.StartsWith("hint:", StringComparison.Ordinal)).Take(LinesInReason));
        return said.Length == 0 ? $"git: {result.Why}" : result.End == ChildEnd.Exited ? $"git: {said}" : $"git: {result.Why}: {said}";
    }

    /// <summary>fatal: Unable to create '/srv/zones/.git/index.lock': File exists.</summary>
    string Locked(string line)
    {
        var from = line.IndexOf('\'', StringComparison.Ordinal) + 1;
        var path = line[from..line.IndexOf("': File exists", StringComparison.Ordinal)];
        var age = "";
        try
        {
            if (File.Exists(path))
                age = $", for {Oops.Config.Duration.Format(TimeSpan.FromSeconds(Math.Max(0, Math.Round((time.GetUtcNow() - File.GetLastWriteTimeUtc(path)).TotalSeconds))))}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its age would only help.
        }

        return $"git: {path} is there{age}: another git is at work, or one crashed; if none runs there, remove it";
    }
}
