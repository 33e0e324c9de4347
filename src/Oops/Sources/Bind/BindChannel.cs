using Oops.Servers;
using Oops.Wire.Json;

namespace Oops.Sources.Bind;

/// <summary>named's statistics channel: asks it, and says why there is no answer in words that say what to write into named.conf.</summary>
internal sealed class BindChannel : IDisposable
{
    readonly BindOptions options;
    readonly BindCounts counts;
    readonly HttpApi api;

    public BindChannel(BindOptions options, BindCounts counts, TimeProvider time)
    {
        (this.options, this.counts) = (options, counts);
        api = new(new("bind", options.Statistics, options.Timeout) { MostBytes = options.MostBytes }, time);
    }

    /// <summary>Asks for a path, and hands over the tokens of its JSON.</summary>
    /// <param name="path">`/json/v1/zones`.</param>
    /// <param name="sink">Takes the tokens.</param>
    /// <param name="fault">What is wrong with what they say, as far as it was taken; asked for at the end, and after each piece.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="room">Awaited between pieces of the answer.</param>
    public async ValueTask<HttpResult> AskAsync(string path, JsonTokenSink sink, Func<bool, string?> fault, CancellationToken stop, Func<Task>? room = null)
    {
        var pieces = new JsonPieces(sink);
        string? wrong = null;
        var result = await api.GetAsync(path, Take, stop, room);
        if (wrong is not null) result = new($"bind: {wrong}, in {path} at {options.Statistics}", HttpFault.Unwanted);
        if (result.Why is null) counts.Answered();
        else counts.Failed(result.Fault);
        return result with { Why = result.Why is { } why ? why + Hint(result.Fault) : null };

        bool Take(ReadOnlySpan<byte> piece, bool last)
        {
            wrong = pieces.Feed(piece, last) ? fault(last) : pieces.Fault;
            return wrong is null;
        }
    }

    public void Dispose() => api.Dispose();

    string Hint(HttpFault fault) => fault switch
    {
        HttpFault.Nobody => $": named does not run, or has no {Line}",
        HttpFault.Broken => $": perhaps our address is not in its allow list; {Line}",
        HttpFault.Status => ": a named that was built without json-c gives no JSON (named -V tells)",
        _ => "",
    };

    string Line => $"statistics-channels {{ inet {options.Statistics.Address} port {options.Statistics.Port} allow {{ {(System.Net.IPAddress.IsLoopback(options.Statistics.Address) ? options.Statistics.Address : "ADDRESS-OF-THIS-HOST")}; }}; }};";
}
