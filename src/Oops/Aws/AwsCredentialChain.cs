using Oops.Config;

namespace Oops.Aws;

/// <summary>What came of looking for credentials.</summary>
/// <param name="Credentials">Null: see why.</param>
/// <param name="Why">In words, terminal-safe, without a secret. Empty, and none: there is nothing of the kind here, and the next place is looked at.</param>
internal readonly record struct AwsFound(AwsCredentials? Credentials, string Why = "")
{
    /// <summary>Nothing here says anything about credentials.</summary>
    public bool IsNothing => Credentials is null && string.IsNullOrEmpty(Why);
}

/// <summary>
/// Credentials as AWS's own tools find them, in their order: the environment, the shared files of a profile, the container, the role of the instance. They are kept, and had anew before they end; a file is read anew every five minutes, for who rotates keys there.
/// </summary>
/// <param name="profile">Of the shared files; null: AWS_PROFILE, or `default`. Written, it goes before the environment's keys.</param>
/// <param name="file">The shared credentials file; null: as AWS has it.</param>
/// <param name="around">Where to look.</param>
/// <param name="silence">How long who is asked for them may be silent.</param>
/// <param name="time">The clock.</param>
internal sealed class AwsCredentialChain(string? profile, string? file, AwsSurroundings around, TimeSpan silence, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Early = TimeSpan.FromMinutes(5), Kept = TimeSpan.FromMinutes(5);

    readonly SemaphoreSlim one = new(1);
    // Read and forgotten by who does not wait for his turn.
    volatile AwsCredentials? had;
    DateTimeOffset renew;

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<AwsFound> GetAsync(CancellationToken stop)
    {
        await one.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var now = time.GetUtcNow();
            if (had is { } kept && now < renew)
                return new(kept);
            var found = await FindAsync(stop).ConfigureAwait(false);
            if (found.Credentials is { } fresh)
            {
                had = fresh;
                renew = fresh.Until is { } until ? Later(now + TimeSpan.FromSeconds(30), until - Early) : now + Kept;
                return Ended(fresh, now) ?? found;
            }

            // Those that are had are good for the rest of their time.
            return had is { Until: { } end } old && now < end ? new(old) : found;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>AWS says that these have ended: they are looked for anew.</summary>
    public void Forget(AwsCredentials ended)
    {
        if (ReferenceEquals(had, ended))
            had = null;
    }

    public void Dispose() => one.Dispose();

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    static AwsFound? Ended(AwsCredentials fresh, DateTimeOffset now) =>
        fresh.Until is { } until && until <= now ? new(null, $"the credentials of {fresh.From} have ended {Duration.Format(TimeSpan.FromSeconds(Math.Ceiling((now - until).TotalSeconds)))} ago; renew them there, or look at this machine's clock") : null;

    async Task<AwsFound> FindAsync(CancellationToken stop)
    {
        if (profile is null && file is null && Environment() is { IsNothing: false } environment)
            return environment;
        var files = await new AwsProfile(profile, file, around, silence, time).FindAsync(stop).ConfigureAwait(false);
        if (!files.IsNothing)
            return files;
        var remote = new AwsRemoteCredentials(around, silence, time);
        var container = await remote.ContainerAsync(stop).ConfigureAwait(false);
        if (!container.IsNothing)
            return container;
        var instance = await remote.InstanceAsync(stop).ConfigureAwait(false);
        return instance.Credentials is not null ? instance : new(null, $"no credentials: none in the environment (AWS_ACCESS_KEY_ID), no profile in {file ?? around.Get("AWS_SHARED_CREDENTIALS_FILE") ?? "~/.aws/credentials"}, no container's, and no role of an instance ({instance.Why})");
    }

    AwsFound Environment()
    {
        var (id, secret) = (around.Get("AWS_ACCESS_KEY_ID"), around.Get("AWS_SECRET_ACCESS_KEY"));
        if (id is not null && secret is not null)
            return new(new(id, secret, around.Get("AWS_SESSION_TOKEN"), null, "the environment"));
        if (id is not null || secret is not null)
            return new(null, "the environment has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        return around.Get("AWS_WEB_IDENTITY_TOKEN_FILE") is null ? default : new(null, "AWS_WEB_IDENTITY_TOKEN_FILE is set, and web identity is not supported here; write keys, or let the instance or container have the role");
    }
}
