using System.Globalization;
using Oops.Wire.Dns;
using Oops.Zones.Verification;

namespace Oops.Commands;

/// <summary>How far a verification is, in one line on the terminal that is written again and again; nowhere else.</summary>
internal sealed class VerifyProgressLine(DnsName zone) : IDisposable
{
    static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    readonly Lock writing = new();
    readonly long began = TimeProvider.System.GetTimestamp();
    TimeSpan last;
    bool shown;

    public bool IsShown { get; } = Terminal.IsTerminal && !Console.IsErrorRedirected;

    /// <summary>Called by several threads.</summary>
    public void Show(VerifyProgress progress)
    {
        lock (writing)
        {
            var now = TimeProvider.System.GetElapsedTime(began);
            if (now - last < Between)
                return;
            (last, shown) = (now, true);
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{Terminal.Safe(zone.ToString())}: {100L * progress.Pages / progress.Of} %, {now.TotalSeconds:0} s"));
        }
    }

    public void Clear()
    {
        lock (writing)
        {
            if (shown)
                Console.Error.Write("\r\x1b[K");
            shown = false;
        }
    }

    public void Dispose() => Clear();
}
