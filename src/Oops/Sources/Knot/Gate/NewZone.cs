using System.Globalization;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Sources.Knot.Gate;

/// <summary>The version that waits, as knotd wrote it down before it asked.</summary>
/// <param name="Version">Null: it could not be had.</param>
/// <param name="Faults">What was wrong with its records.</param>
/// <param name="Why">One line, terminal-safe, where there is no version.</param>
internal sealed record NewZone(ZoneVersion? Version, IntakeFaults Faults, string Why)
{
    /// <summary>A zone as text is at most so long.</summary>
    public const long MostOctets = 4L << 30;

    /// <summary>
    /// Reads the file. knotd writes another one and puts it in this one's place, so what is read is whole; but it asks also where it could not write it (a full disk), and then an older version is there.
    /// </summary>
    /// <param name="path">Where `dump-new-zone` has it.</param>
    /// <param name="apex">The zone.</param>
    /// <param name="serial">That waits; null: any.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static NewZone Read(string path, in DnsName apex, uint? serial, CancellationToken stop)
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex));
        // A pipe would hold us for ever.
        if (FileKind.Stamp(path) is not { } before)
            return Not($"{path}: there is no file that can be read; does knotd write it there (dump-new-zone), and is the daemon's user in its group?");
        if (before.Size > MostOctets)
            return Not(string.Create(CultureInfo.InvariantCulture, $"{path}: longer than {MostOctets >> 30} GiB"));
        try
        {
            // As a stream, so that nothing is included: knotd writes no $INCLUDE.
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            if (MasterFile.Read(stream, path, apex, edit, stop) is { } broken)
                return Not(broken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Not($"{path}: {Reason.Unreadable(path, e)}");
        }

        if (FileKind.Stamp(path) != before)
            return Not($"{path}: it was written while it was read");
        var version = edit.Seal();
        if (version.Soa is not { } soa)
            return Not($"{path}: no SOA record of {apex}");
        return serial is { } told && soa.Serial != told
            ? Not(string.Create(CultureInfo.InvariantCulture, $"{path}: it is of serial {soa.Serial}, and {told} waits; could knotd write it?"))
            : new(version, edit.Faults, "");

        NewZone Not(string why) => new(null, edit.Faults, why);
    }
}
