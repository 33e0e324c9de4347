using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Catalog;

/// <summary>Rings when a NOTIFY has come for the catalog; the listener's threads ring it, one task waits. However many come before that looks, they are one.</summary>
internal sealed class CatalogBell(DnsName zone) : IDisposable
{
    readonly SemaphoreSlim wake = new(0, 1);
    readonly Lock gate = new();
    bool rung;
    uint? known;

    /// <summary>The serial that is had: a NOTIFY with it has no news (RFC 1996, 3.7).</summary>
    public void Knows(uint? serial)
    {
        lock (gate) known = serial;
    }

    /// <summary>A <see cref="NotifyTaker"/>.</summary>
    public Noted Note(in DnsName name, Notified what, uint? serial, PeerAddress by)
    {
        if (name != zone || what != Notified.Soa)
            return Noted.NotOurs;
        lock (gate)
        {
            if (serial is not null && serial == known)
                return Noted.Unchanged;
            if (rung)
                return Noted.Merged;
            rung = true;
        }

        Wake();
        return Noted.Taken;
    }

    /// <summary>Whether it has rung since this was asked last.</summary>
    public bool Take()
    {
        lock (gate)
        {
            var was = rung;
            rung = false;
            return was;
        }
    }

    /// <summary>Waits until it rings or <paramref name="other"/> ends, at most so long.</summary>
    public async Task WaitAsync(TimeSpan most, Task other, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        var rings = wake.WaitAsync(both.Token);
        await Task.WhenAny(rings, other).ConfigureAwait(false);
        await both.CancelAsync().ConfigureAwait(false);
        await rings.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    public void Dispose() => wake.Dispose();

    void Wake()
    {
        lock (gate)
        {
            if (wake.CurrentCount == 0)
                wake.Release();
        }
    }
}
