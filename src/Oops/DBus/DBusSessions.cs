namespace Oops.DBus;

/// <summary>Session after session on one bus: connects, hands the connection to the session until that gives it up, waits, and connects again.</summary>
internal static class DBusSessions
{
    static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    /// <summary>Ends only by cancellation, or by throwing.</summary>
    /// <param name="options">The bus.</param>
    /// <param name="time">For timeouts and waits.</param>
    /// <param name="session">Uses a connection until it is of no use any more; gives why.</param>
    /// <param name="ended">Is told each end, also of an attempt to connect, and why. True: the session had got as far as listening, so the next wait is the first one again.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(DBusOptions options, TimeProvider time, Func<DBusConnection, CancellationToken, Task<string>> session, Func<string, bool> ended, CancellationToken stop)
    {
        var wait = FirstWait;
        while (true)
        {
            var opened = await DBusConnection.OpenAsync(options, time, stop);
            var why = opened.Why;
            if (opened.Connection is { } connection)
            {
                await using (connection)
                {
                    why = await session(connection, stop);
                }
            }

            if (ended(why)) wait = FirstWait;
            await Task.Delay(wait, time, stop);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }
}
