using Oops.Engine;

namespace Oops.Sources.SdNotify;

/// <summary>What became of the datagrams; each a number that only rises.</summary>
internal sealed class SdNotifyCounts
{
    long received;
    long strangers;
    long tooLong;
    long forwarded;
    long lost;

    public void Received() => Interlocked.Increment(ref received);

    public void Stranger() => Interlocked.Increment(ref strangers);

    public void TooLong() => Interlocked.Increment(ref tooLong);

    public void Forwarded() => Interlocked.Increment(ref forwarded);

    public void Lost() => Interlocked.Increment(ref lost);

    /// <summary>What `/metrics` and `status` show.</summary>
    public IReadOnlyList<SourceCount> All() =>
    [
        new("received", "Datagrams received.", Volatile.Read(ref received)),
        new("strangers", "Datagrams with a state that were not the server's own: forwarded, and no claim.", Volatile.Read(ref strangers)),
        new("too_long", "Datagrams that are longer than 64 KiB: neither read nor forwarded.", Volatile.Read(ref tooLong)),
        new("forwarded", "Datagrams that were forwarded.", Volatile.Read(ref forwarded)),
        new("not_forwarded", "Datagrams that could not be forwarded: nobody listens there, it does not read, or we may not.", Volatile.Read(ref lost)),
    ];
}
