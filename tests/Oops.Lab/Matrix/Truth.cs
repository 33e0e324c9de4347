using System.Net;
using Oops.Dns;
using Oops.Lab.Harness;
using Oops.Wire.Dns;

namespace Oops.Lab.Matrix;

/// <summary>Asks a server again and again over DNS, to know when something became true: what the latencies are counted from.</summary>
internal sealed class Truth(IPEndPoint server, Func<string> state)
{
    static readonly AskOptions Ask = new() { Query = SoaQueryOptions.None, Timeout = TimeSpan.FromMilliseconds(200) };

    readonly DnsAsker asker = new(TimeProvider.System);

    public static bool Authoritative(AskResult result) => result is { Outcome: AskOutcome.Answered, Answer: { Rcode: DnsRcode.NoError, Authoritative: true, Soa: not null } };

    public static bool Denied(AskResult result) => result.Outcome == AskOutcome.Answered && !Authoritative(result);

    public static bool Answered(AskResult result) => result.Outcome == AskOutcome.Answered;

    /// <summary>When the first answer came that is so.</summary>
    public async Task<DateTimeOffset> UntilAsync(string zone, Predicate<AskResult> so, TimeSpan? patience = null)
    {
        var name = Name(zone);
        DateTimeOffset at = default;
        string last = "";
        await Wait.UntilAsync($"an answer for {zone}", async () =>
        {
            var result = await asker.AskAsync(server, name, Ask, CancellationToken.None);
            at = DateTimeOffset.UtcNow;
            last = $"{result.Outcome} {result.Answer.Rcode} {result.Answer.Soa?.Serial} {result.Why}";
            return so(result);
        }, patience ?? TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(2), () => $"{last}\n{state()}");
        return at;
    }

    public Task<DateTimeOffset> SerialAsync(string zone, uint serial) => UntilAsync(zone, r => Authoritative(r) && r.Answer.Soa!.Value.Serial == serial);

    /// <summary>When the last of these zones was answered for.</summary>
    public async Task<DateTimeOffset> AllAsync(IReadOnlyList<string> zones)
    {
        var open = zones.Select(Name).ToArray();
        DateTimeOffset at = default;
        await Wait.UntilAsync("answers for all zones", async () =>
        {
            foreach (var some in open.Chunk(DnsAsker.MaxZones))
            {
                var results = await asker.AskAsync(server, some, Ask, CancellationToken.None);
                at = DateTimeOffset.UtcNow;
                open = [.. open.Except(some.Where((_, i) => Authoritative(results[i])))];
                if (results.All(r => !Authoritative(r))) break;
            }

            return open.Length == 0;
        }, TimeSpan.FromSeconds(120), TimeSpan.FromMilliseconds(5), () => $"{open.Length} are open, {open.FirstOrDefault()} first\n{state()}");
        return at;
    }

    /// <summary>Asks without a pause until cancelled; gives when the last answer came.</summary>
    public async Task<DateTimeOffset> LastAnswerAsync(string zone, CancellationToken stop)
    {
        var name = Name(zone);
        DateTimeOffset last = default;
        var brief = Ask with { Timeout = TimeSpan.FromMilliseconds(50) };
        while (!stop.IsCancellationRequested)
        {
            var result = await asker.AskAsync(server, name, brief, CancellationToken.None);
            if (result.Outcome == AskOutcome.Answered) last = DateTimeOffset.UtcNow;
            else await Task.Delay(1, CancellationToken.None);
        }

        return last;
    }

    static DnsName Name(string zone) => DnsName.TryParse(zone, out var name) ? name : throw new ArgumentException(zone);
}
