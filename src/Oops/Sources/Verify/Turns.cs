namespace Oops.Sources.Verify;

/// <summary>One at a time for each zone, and nothing kept of a zone that nobody judges. Thread-safe.</summary>
internal sealed class Turns
{
    readonly Dictionary<ZoneCase, Turn> all = [];

    /// <summary>Waits for the turn, which ends when what is returned is disposed.</summary>
    public async Task<IDisposable> TakeAsync(ZoneCase zone, CancellationToken stop)
    {
        Turn? turn;
        lock (all)
        {
            if (!all.TryGetValue(zone, out turn))
                all.Add(zone, turn = new Turn(this, zone));
            turn.Users++;
        }

        try
        {
            await turn.Gate.WaitAsync(stop).ConfigureAwait(false);
            return turn;
        }
        catch
        {
            Leave(turn);
            throw;
        }
    }

    void Leave(Turn turn)
    {
        lock (all)
        {
            if (--turn.Users > 0)
                return;
            all.Remove(turn.Zone);
        }

        turn.Gate.Dispose();
    }

    sealed class Turn(Turns turns, ZoneCase zone) : IDisposable
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public ZoneCase Zone => zone;

        public int Users { get; set; }

        public void Dispose()
        {
            Gate.Release();
            turns.Leave(this);
        }
    }
}
