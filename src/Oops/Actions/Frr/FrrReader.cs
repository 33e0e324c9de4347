using System.Text;

namespace Oops.Actions.Frr;

/// <summary>
/// Cuts the bytes of a VTY socket into replies: text, three NULs, and the status. There is no NUL within a text. Bytes arrive in any pieces; an answer that exceeds the bound, or is none, is an error.
/// </summary>
internal sealed class FrrReader
{
    public const int ReplyLimit = 8 * 1024 * 1024;

    const int Usual = 4096;
    const int Trailer = 4;

    byte[] buffer = new byte[Usual];
    int end;
    int looked;

    /// <summary>What was wrong with the bytes; the connection is of no use any more.</summary>
    public string? Error { get; private set; }

    /// <summary>Something of the next reply is already here.</summary>
    public bool HasPartial => end > 0;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Free()
    {
        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        return buffer.AsMemory(end);
    }

    public void Filled(int count) => end += count;

    /// <summary>The complete reply, or null: more bytes are needed, or <see cref="Error"/>.</summary>
    public FrrReply? Next()
    {
        if (Error is not null) return null;
        var bytes = buffer.AsSpan(0, end);
        var nul = bytes[looked..].IndexOf((byte)0);
        looked = nul < 0 ? end : looked + nul;
        if (looked > ReplyLimit) return Fail("an answer of more than 8 MiB");
        var trailer = bytes[looked..];
        if (trailer.Length > Trailer || trailer[..Math.Min(trailer.Length, Trailer - 1)].IndexOfAnyExcept((byte)0) >= 0) return Fail("something that is not the protocol of a VTY socket");
        if (trailer.Length < Trailer) return null;
        var reply = new FrrReply(trailer[^1], Encoding.UTF8.GetString(bytes[..looked]));
        // One answer of many megabytes is no reason to hold them.
        if (buffer.Length > Usual * 16) buffer = new byte[Usual];
        end = looked = 0;
        return reply;
    }

    FrrReply? Fail(string error)
    {
        Error = error;
        return null;
    }
}
