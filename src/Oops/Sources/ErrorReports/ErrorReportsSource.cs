using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Reports;
using Oops.Reports.Verify;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>
/// A monitoring agent (RFC 9567). The listener's threads answer and count; what the conditions have to be told is told by <see cref="ReportTeller"/>. README.md says what begins and ends each claim.
/// </summary>
internal sealed class ErrorReportsSource(ErrorReportsTarget target) : ISource
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(10), Stores = TimeSpan.FromSeconds(5), Longest = TimeSpan.FromMinutes(1);

    /// <summary>So many times as long as a write took it is waited for the next one.</summary>
    const int Sparing = 40;

    readonly ResponderCounts counts = new();
    readonly VerifierHealth health = new();
    volatile DnsListenerCounts? traffic;

    // The same for the life of the source, so that a listener that fails for a while loses nothing.
    ReportTally? tally;
    volatile ReportStore? store;

    public string Name => $"{ErrorReportsConfig.SourceName}/{target.Server}";

    /// <summary>Beside those of the conditions two that measure nothing: so it is seen that it cannot listen also where there is no condition, and that what came is not stored.</summary>
    public ImmutableArray<ChannelSpec> Covers => [.. Heard, Quiet(StoreChannel)];

    ImmutableArray<ChannelSpec> Heard => [Quiet(Name), .. target.Channels];

    string StoreChannel => $"{Name}/{ReportStore.FileName}";

    ChannelSpec Quiet(string channel) => new(channel, target.Server, Standing.Messenger, [], Timeout.InfiniteTimeSpan);

    public IReadOnlyList<SourceCount> Counted => [.. ErrorReportsCounts.All(counts, tally?.Counts ?? new(), traffic), .. target.Verify is not null && tally is { } checking ? ErrorReportsCounts.Checks(checking.CheckCounts) : [], .. store?.Counted ?? []];

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        tally ??= new ReportTally(target.Tally, engine.Time);
        await using var kept = new ReportStore(target.Folder, target.Store, engine.Time);
        store = kept;
        try
        {
            await Together.RunAsync(stop, t => ListenAsync(tally, engine, t), t => StoreAsync(tally, kept, engine, t), t => SocketAsync(kept, engine.Time, t), t => VerifyAsync(tally, kept, engine, t)).ConfigureAwait(false);
        }
        finally
        {
            // Only handed over: the store's own end writes it, and waits for the disk no longer than it may.
            await kept.WriteAsync([.. tally.TakeNews(target.AgentNames)], new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
    }

    async Task ListenAsync(ReportTally tally, IEngine engine, CancellationToken stop)
    {
        string? told = null;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (TryReadSecrets(out var secrets, out var why) && DnsListener.TryBind(target.Listen, engine.Time, out var listener, out why))
            {
                using (listener)
                    await ServeAsync(listener, new CookieJar(secrets), tally, engine, stop).ConfigureAwait(false);
            }

            if (why != told)
            {
                foreach (var channel in Heard) engine.Send(new ChannelLost(channel.Name, $"error-reports: {why}"));
            }

            told = why;
            await Task.Delay(Again, engine.Time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Ends only by cancellation, or by throwing.</summary>
    async Task ServeAsync(DnsListener listener, CookieJar cookies, ReportTally tally, IEngine engine, CancellationToken stop)
    {
        var responder = new Responder(target.Answers, cookies, tally.Take, counts);
        foreach (var channel in Heard) engine.Send(new ChannelOpened(channel.Name));
        traffic = listener.Counts;
        await Together.RunAsync(stop, t => listener.RunAsync(responder.Answer, t), new ReportTeller(target, tally, engine, health).RunAsync, t => FollowSecretsAsync(cookies, engine.Time, t)).ConfigureAwait(false);
    }

    /// <summary>What came is stored in one go every few seconds, and in a flood less often, so that storing takes no more than a fortieth of the time; what cannot be waits in the store, and is counted.</summary>
    async Task StoreAsync(ReportTally tally, ReportStore kept, IEngine engine, CancellationToken stop)
    {
        string? told = null;
        var rest = Stores;
        engine.Send(new ChannelOpened(StoreChannel));
        while (true)
        {
            await Task.Delay(rest, engine.Time, stop).ConfigureAwait(false);
            var began = engine.Time.GetTimestamp();
            var why = await kept.WriteAsync([.. tally.TakeNews(target.AgentNames)], stop).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            rest = TimeSpan.FromTicks(Math.Clamp(Sparing * engine.Time.GetElapsedTime(began).Ticks, Stores.Ticks, Longest.Ticks));
            if (why == told) continue;
            engine.Send(why is null ? new ChannelOpened(StoreChannel) : new ChannelLost(StoreChannel, $"reports are not stored, and wait: {why}"));
            told = why;
        }
    }

    Task SocketAsync(ReportStore kept, TimeProvider time, CancellationToken stop) => target.Socket is null
        ? Task.Delay(Timeout.InfiniteTimeSpan, time, stop)
        : new ReportSocket(target.Socket, target.Group, kept.FilePath, time).RunAsync(_ => { }, stop);

    Task VerifyAsync(ReportTally tally, ReportStore kept, IEngine engine, CancellationToken stop) => target.Verify is { } plan
        ? new ReportVerifier(target.Server, tally, kept, engine, new CheckProcess(plan, Children.Instance), health).RunAsync(stop)
        : Task.Delay(Timeout.InfiniteTimeSpan, engine.Time, stop);

    /// <summary>A rollover (RFC 9018, 5) takes no reload. What cannot be read leaves those that are in use.</summary>
    async Task FollowSecretsAsync(CookieJar cookies, TimeProvider time, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(target.CookieSecrets is null ? Timeout.InfiniteTimeSpan : Again, time, stop).ConfigureAwait(false);
            if (Sources.ErrorReports.CookieSecrets.Read(target.CookieSecrets!).Secrets is { } secrets) cookies.Use(secrets);
        }
    }

    bool TryReadSecrets([NotNullWhen(true)] out byte[]? secrets, [NotNullWhen(false)] out string? why)
    {
        why = null;
        secrets = target.CookieSecrets is null ? RandomNumberGenerator.GetBytes(ServerCookie.SecretSize) : null;
        if (secrets is null) (secrets, why) = Sources.ErrorReports.CookieSecrets.Read(target.CookieSecrets!);
        return secrets is not null;
    }
}
