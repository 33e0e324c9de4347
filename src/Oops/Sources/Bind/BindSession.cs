using Oops.Servers;

namespace Oops.Sources.Bind;

/// <summary>A look at named. Each question is a connection of its own, so that there is nothing to open but the first answer.</summary>
internal sealed class BindSession(BindReader reader, string? greeted) : IServerSession
{
    // TCP does not tell who listens; when named was started does.
    public int? PeerPid => null;

    public ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop) => new((greeted, ""));

    public ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop) => some is null ? reader.ReadAsync(into, stop) : reader.ReadAsync(some, into, stop);

    public ValueTask DisposeAsync() => default;
}
