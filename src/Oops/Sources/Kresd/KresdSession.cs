using System.Globalization;
using Oops.Servers;
using Oops.Wire.Json;

namespace Oops.Sources.Kresd;

/// <summary>A look at a Knot Resolver: at all its control sockets, or at its module http.</summary>
internal sealed class KresdSession(KresdAnswer[] answers) : IServerSession
{
    // Of several instances each has its own, and one that is restarted is not another server.
    public int? PeerPid => answers.Length == 1 ? answers[0].Pid : null;

    /// <summary>Asks each instance once. There is a session while one of them answers.</summary>
    public static async ValueTask<SessionOpened> OpenAsync(Func<CancellationToken, ValueTask<KresdAnswer[]>> askAsync, CancellationToken stop)
    {
        var answers = await askAsync(stop);
        return Array.Exists(answers, a => a.Version is not null)
            ? new(new KresdSession(answers), "")
            : new(null, answers[0].Why, Array.TrueForAll(answers, a => a.Nobody));
    }

    public static async ValueTask<KresdAnswer[]> AskControlsAsync(KresdOptions options, TimeProvider time, CancellationToken stop) =>
        await Task.WhenAll(options.Controls.Select(c => KresdControl.AskAsync(c, options.Timeout, time, stop).AsTask()));

    public static async ValueTask<KresdAnswer[]> AskWebAsync(ApiAccess access, KresdOptions options, CancellationToken stop)
    {
        var (api, why) = access.Open();
        if (api is null) return [new(null, null, null, why)];
        var picked = new JsonScalars(["request.total"], ["request.internal"], ["worker.queries"]);
        var result = await api.GetJsonAsync("/stats", picked.Take, stop);
        if (result.Why is { } failed) return [new(null, null, null, failed, result.Nobody)];
        if (picked.Found.Number(2) is null) return [new(null, null, null, $"kresd: not the statistics of a Knot Resolver at {options.Web!.Where}/stats")];
        var queries = picked.Found.Number(0) - (picked.Found.Number(1) ?? 0);
        // The module http does not tell its version.
        return [new("", queries is < 0 ? null : queries, null)];
    }

    public ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        var there = answers.Where(a => a.Version is not null).ToArray();
        var software = $"Knot Resolver {there[0].Version}".TrimEnd();
        if (answers.Length > 1) software += string.Create(CultureInfo.InvariantCulture, $", {there.Length} of {answers.Length} instances");
        return new((software, ""));
    }

    public ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop) => new((string?)null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
