using Oops.Servers;
using Oops.Wire.Dnsdist;

namespace Oops.Sources.Dnsdist;

/// <summary>A look at dnsdist's API. One answer tells who it is and how its backends are.</summary>
internal sealed class DnsdistSession(HttpApi api, DnsdistOptions options, Action<IReadOnlyList<DnsdistBackend>> take) : IServerSession
{
    DnsdistAnswer? greeted;

    public int? PeerPid => null;

    public async ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop)
    {
        var (answer, why) = await AskAsync(stop);
        greeted = answer;
        return (answer is null ? null : $"dnsdist {answer.Version}", why);
    }

    public async ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop)
    {
        var (answer, why) = greeted is { } just ? (just, "") : await AskAsync(stop);
        greeted = null;
        if (answer is null) return why;
        take(answer.Backends);
        return null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async ValueTask<(DnsdistAnswer? Answer, string Why)> AskAsync(CancellationToken stop)
    {
        var answer = new DnsdistAnswer();
        var result = await api.GetJsonAsync("/api/v1/servers/localhost", answer.Take, stop);
        var why = result.Why
            ?? (answer.Daemon != "dnsdist" ? $"dnsdist: at {options.Api.Where} answers '{answer.Daemon}', not a dnsdist"
            : !answer.Listed ? $"dnsdist: no list of backends at {options.Api.Where}"
            : answer.Fault is { } fault ? $"dnsdist: {fault}" : null);
        return (why is null ? answer : null, why ?? "");
    }
}
