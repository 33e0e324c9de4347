using System.Buffers.Text;

namespace Oops.Native;

/// <summary>What a pidfile says now.</summary>
/// <param name="Pid">The number, 0 when there is none to be had.</param>
/// <param name="Written">When it was last written, by the wall clock of then.</param>
/// <param name="Missing">There is no such file, or it is empty: not written yet, or removed.</param>
/// <param name="Why">Why there is no number.</param>
internal readonly record struct Pidfile(int Pid, DateTimeOffset Written, bool Missing, string Why)
{
    const int MaxPid = 4 * 1024 * 1024;

    /// <summary>Reads the number on its first line. Never blocks, not even when somebody put a FIFO there.</summary>
    public static Pidfile Read(string path)
    {
        Span<byte> buffer = stackalloc byte[64];
        using var file = Descriptor.TryOpenToRead(path, out var errno);
        if (file is null)
            return new(0, default, errno is Errno.NoEntry or Errno.NotFolder, errno == Errno.NoEntry ? $"{path} does not exist" : Errno.Say($"cannot read {path}", errno));
        var n = file.Read(buffer, out errno);
        if (n < 0) return new(0, default, false, Errno.Say($"cannot read {path}", errno));
        var text = buffer[..n].Trim(" \t\r\n\0"u8);
        if (text.IsEmpty) return new(0, default, true, $"{path} is empty");
        var ok = Utf8Parser.TryParse(text, out int pid, out var used) && pid is > 0 and <= MaxPid && (used == text.Length || text[used] is (byte)'\n' or (byte)'\r' or (byte)' ');
        return ok ? new(pid, File.GetLastWriteTimeUtc(path), false, "") : new(0, default, false, $"{path} holds no process number");
    }
}
