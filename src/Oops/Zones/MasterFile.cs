using System.Globalization;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Zones;

/// <summary>Reads a zone's text (RFC 1035, 5) from a file or a stream into a sink, piece by piece: it is never in memory as a whole.</summary>
internal static class MasterFile
{
    /// <summary>$INCLUDE within $INCLUDE: deeper, and it includes itself. And files in all: each may include many.</summary>
    const int MaxDepth = 16, MaxFiles = 1000;

    const int Piece = 256 * 1024;

    /// <summary>Reads a file. Null: all of it was read. Else one line, terminal-safe: where, what is wrong, and what to do.</summary>
    public static string? Read(string path, in DnsName origin, IRecordSink sink, CancellationToken stop) => Relayed(origin, sink, reader => ReadFile(path, reader, new Included(0, new Counted()), stop));

    /// <summary>Reads a stream, in which $INCLUDE is refused: it has no folder that the name could be relative to.</summary>
    public static string? Read(Stream stream, string name, in DnsName origin, IRecordSink sink, CancellationToken stop) => Relayed(origin, sink, reader => Read(stream, name, reader, null, new Included(0, new Counted()), stop));

    static string? Relayed(in DnsName origin, IRecordSink sink, Func<MasterReader, string?> read)
    {
        using var relay = new RecordRelay(sink);
        if (read(new MasterReader(origin, relay)) is { } why)
            return why;
        relay.Finish();
        return null;
    }

    static string? ReadFile(string path, MasterReader reader, Included place, CancellationToken stop)
    {
        try
        {
            // What is read first may be a pipe of the shell's; a pipe in a zone would wait for ever.
            if (place.Depth > 0 && FileKind.IsFile(path) == false)
                return $"{path}: is no file";
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            return Read(stream, path, reader, Path.GetDirectoryName(Path.GetFullPath(path)), place, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}: {Reason.Unreadable(path, e)}";
        }
    }

    static string? Read(Stream stream, string name, MasterReader reader, string? folder, Included place, CancellationToken stop)
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
                case MasterReading.Include when Follow(name, reader, folder, place, stop) is { } why:
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

    static string? Follow(string name, MasterReader reader, string? folder, Included place, CancellationToken stop)
    {
        var at = string.Create(CultureInfo.InvariantCulture, $"{name}:{reader.Line}: $INCLUDE");
        if (folder is null)
            return $"{at} cannot be followed in what is read from a stream: give the file's name";
        if (place.Depth == MaxDepth)
            return $"{at} {MaxDepth} deep: does it include itself?";
        if (place.Files.Count++ == MaxFiles)
            return $"{at} of more than {MaxFiles} files in all";
        return ReadFile(Path.Combine(folder, reader.IncludePath!), reader.Child(), place with { Depth = place.Depth + 1 }, stop);
    }

    /// <summary>Where a file stands among those that include each other.</summary>
    readonly record struct Included(int Depth, Counted Files);

    sealed class Counted
    {
        public int Count { get; set; }
    }
}
