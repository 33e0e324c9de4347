using System.Text.Json.Serialization;
using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>What came of all NOTIFYs.</summary>
internal sealed record NotifyTold
{
    public int V { get; init; } = 1;

    /// <summary>NOERROR.</summary>
    public required int Answered { get; init; }

    public required int Failed { get; init; }

    /// <summary>The first of those that failed.</summary>
    public required IReadOnlyList<NotifyFailed> Failures { get; init; }
}

/// <summary>One that failed.</summary>
internal sealed record NotifyFailed(string Zone, string Target, string Why);

/// <summary>Many zones to many targets: each target by itself, all at once.</summary>
internal sealed class NotifyRound(IReadOnlyList<string> zones, DnsType type, TimeSpan timeout, int tries)
{
    /// <summary>Failures that are kept; more are counted.</summary>
    const int Kept = 1000;

    readonly Lock gate = new();
    readonly List<NotifyFailed> failures = [];
    int answered, failed;

    public bool Tcp { get; init; }

    public TsigKey? Key { get; init; }

    public int AtOnce { get; init; } = 1;

    /// <param name="targets">Whom to notify.</param>
    /// <param name="say">Takes a line for each that failed; null: nobody does.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<NotifyTold> RunAsync(IReadOnlyList<Notifiee> targets, Action<string>? say, CancellationToken stop)
    {
        await Task.WhenAll(targets.Select(t => Tcp ? StreamAsync(t, say, stop) : DatagramsAsync(t, say, stop))).ConfigureAwait(false);
        return new() { Answered = answered, Failed = failed, Failures = failures };
    }

    /// <summary>To the first address of the target that takes a connection.</summary>
    async Task StreamAsync(Notifiee target, Action<string>? say, CancellationToken stop)
    {
        var left = zones;
        for (var i = 0; i < target.Addresses.Count && left.Count > 0; i++)
        {
            var (here, silent, last) = (left, new List<string>(), i == target.Addresses.Count - 1);
            await new NotifyStream(target.Addresses[i], Key, type, timeout, TimeProvider.System).RunAsync(here, (zone, answer) =>
            {
                if (answer.Rcode is null && !last) silent.Add(here[zone]);
                else Take(target, here[zone], answer, say);
            }, stop).ConfigureAwait(false);
            left = silent;
        }
    }

    Task DatagramsAsync(Notifiee target, Action<string>? say, CancellationToken stop)
    {
        var sender = new NotifySender(timeout, tries, TimeProvider.System) { Type = type };
        return Parallel.ForEachAsync(zones, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, async (zone, ended) => Take(target, zone, await sender.SendAsync(target, NotifyStream.NameOf(zone), ended).ConfigureAwait(false), say));
    }

    void Take(Notifiee target, string zone, NotifyAnswer answer, Action<string>? say)
    {
        lock (gate)
        {
            if (answer.Rcode == DnsRcode.NoError)
            {
                answered++;
                return;
            }

            failed++;
            if (failures.Count < Kept)
                failures.Add(new(zone, target.Name, answer.Text));
            say?.Invoke($"{zone} to {target.Name}: {answer.Text}");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NotifyTold))]
internal sealed partial class NotifyJson : JsonSerializerContext;
