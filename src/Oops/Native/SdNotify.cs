using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Oops.Native;

/// <summary>Tells systemd how we are (sd_notify(3)): datagrams to the Unix socket that NOTIFY_SOCKET names, a path or, with '@', an abstract one.</summary>
internal sealed class SdNotify : IDisposable
{
    readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    readonly UnixDomainSocketEndPoint to;

    /// <param name="address">NOTIFY_SOCKET's value: an absolute path, or '@' and an abstract name.</param>
    /// <exception cref="ArgumentException">Neither of the two, or longer than a socket address (107 bytes).</exception>
    public SdNotify(string address)
    {
        if (address is not ['/' or '@', _, ..]) throw new ArgumentException($"NOTIFY_SOCKET is neither a path nor an abstract name: {address}", nameof(address));
        to = new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address);
        socket.Blocking = false;
    }

    /// <summary>From NOTIFY_SOCKET; null when nobody listens (not started by systemd) or the address is of a kind that we cannot use.</summary>
    public static SdNotify? FromEnvironment()
    {
        var address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        try
        {
            return string.IsNullOrEmpty(address) ? null : new SdNotify(address);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>How often systemd wants to hear from us, or null: WATCHDOG_USEC, unless WATCHDOG_PID names somebody else. Call <see cref="Watchdog"/> twice as often.</summary>
    public static TimeSpan? WatchdogInterval()
    {
        var pid = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (!string.IsNullOrEmpty(pid) && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var us) && us > 0
            ? TimeSpan.FromMicroseconds(us)
            : null;
    }

    /// <summary>Started, or the reload is complete.</summary>
    public bool Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>One line for `systemctl status`.</summary>
    public bool Status(string status) => Send($"STATUS={OneLine(status)}");

    /// <summary>A reload begins; systemd wants the time, so as to pair it with its own request (Type=notify-reload).</summary>
    public bool Reloading(string status) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={BootClock.MonotonicMicroseconds}\nSTATUS={OneLine(status)}"));

    /// <summary>The shutdown begins.</summary>
    public bool Stopping(string status) => Send($"STOPPING=1\nSTATUS={OneLine(status)}");

    /// <summary>Still alive.</summary>
    public bool Watchdog() => Send("WATCHDOG=1");

    public void Dispose() => socket.Dispose();

    // Never blocks and never fails us: a systemd that does not read loses what we say, not our work.
    bool Send(string state)
    {
        try
        {
            return socket.SendTo(Encoding.UTF8.GetBytes(state), to) > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    static string OneLine(string status) => status.ReplaceLineEndings(" ");
}
