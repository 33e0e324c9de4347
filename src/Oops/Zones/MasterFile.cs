using System.Globalization;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Zones;

/// <summary>Reads a zone's text (RFC 1035, 5) from a file or a stream into a sink, piece by piece: it is never in memory as a whole.</summary>
internal static class MasterFile
{
    /// <summary>$INCLUDE within $INCLUDE: deeper, and it includes itself.</summary>
    const int MaxDepth = 16;

    const int Piece = 256 * 1024;

    /// <summary>Reads a file. Null: all of it was read. Else one line, terminal-safe: where, what is wrong, and what to do.</summary>
    public static string? Read(string path, in DnsName origin, IRecordSink sink, CancellationToken stop) => ReadFile(path, new MasterReader(origin, sink), 0, stop);

    /// <summary>Reads a stream, in which $INCLUDE is refused: it has no folder that the name could be relative to.</summary>
    public static string? Read(Stream stream, string name, in DnsName origin, IRecordSink sink, CancellationToken stop) => Read(stream, name, new MasterReader(origin, sink), null, 0, stop);

    static string? ReadFile(string path, MasterReader reader, int depth, CancellationToken stop)
    {
        try
        {
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return Read(stream, path, reader, Path.GetDirectoryName(Path.GetFullPath(path)), depth, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}: cannot be read ({Reason.Of(e)})";
        }
    }

    static string? Read(Stream stream, string name, MasterReader reader, string? folder, int depth, CancellationToken stop)
    {
        var buffer = new byte[2 * Piece];
        var (held, last) = (0, false);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            switch (reader.Read(buffer.AsSpan(0, held), last, out var used))
            {
                case MasterReading.Done:
                    return null;
                case MasterReading.Broken:
                    return string.Create(CultureInfo.InvariantCulture, $"{name}:{reader.Why}");
                case MasterReading.Include when folder is null:
                    return string.Create(CultureInfo.InvariantCulture, $"{name}:{reader.Line}: $INCLUDE cannot be followed in what is read from a stream: give the file's name");
                case MasterReading.Include when depth == MaxDepth:
                    return string.Create(CultureInfo.InvariantCulture, $"{name}:{reader.Line}: $INCLUDE {MaxDepth} deep: does it include itself?");
                case MasterReading.Include when ReadFile(Path.Combine(folder!, reader.IncludePath!), reader.Child(), depth + 1, stop) is { } why:
                    return why;
            }

            buffer.AsSpan(used, held - used).CopyTo(buffer);
            held -= used;
            if (reader.IncludePath is not null || last)
                continue;
            if (held == buffer.Length)
                Array.Resize(ref buffer, 2 * buffer.Length);
            var more = stream.Read(buffer, held, Math.Min(Piece, buffer.Length - held));
            last = more == 0;
            held += more;
        }
    }
}
