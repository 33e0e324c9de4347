using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Zones.Verification;

/// <summary>The reports of the versions that passed last, a file for each zone in a folder: what the next version's size is compared with.</summary>
internal sealed class LastPassed(string folder)
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The largest file that is read: a report has at most some thousand lines.</summary>
    const long MostOctets = 16 * 1024 * 1024;

    /// <summary>Characters of the longest name in a folder (255), without those of the suffixes of the file and of the one that is written before it.</summary>
    const int MostName = 240;

    /// <summary>Where a zone's is: `example.nl.json`, `@.json` of the root; what could be more than a name to a file system is written %2F, and what is too long for it ends in a hash.</summary>
    public string PathOf(in DnsName zone)
    {
        var name = new StringBuilder();
        foreach (var c in zone.IsRoot ? "@" : zone.ToString())
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@')
                name.Append(c);
            else
                name.Append('%').Append(((int)c).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        if (name.Length > MostName)
            name.Remove(MostName / 2, name.Length - MostName / 2).Append('~').Append(Convert.ToHexStringLower(SHA256.HashData(zone.Wire)));
        return Path.Combine(folder, name + ".json");
    }

    /// <summary>Null and <paramref name="why"/> null: none has passed yet. Null with a reason: there is one, and it cannot be used.</summary>
    public VerifyReport? Read(in DnsName zone, out string? why)
    {
        var path = PathOf(zone);
        why = null;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            if (file.Length > MostOctets)
                why = $"{path}: too large to be a report";
            else if (JsonSerializer.Deserialize(File.ReadAllBytes(path), VerifyJson.Default.VerifyReport) is { } report && report.Zone == zone.ToString())
                return report;
            else
                why = $"{path}: is a report of another zone";
        }
        catch (JsonException)
        {
            why = $"{path}: is no report of `oops verify --json`";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"{path}: cannot be read ({Reason.Of(e)})";
        }

        return null;
    }

    /// <summary>Null: written. Else why not.</summary>
    public string? Write(in DnsName zone, VerifyReport report)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{folder}: cannot be made ({Reason.Of(e)})";
        }

        return Durable.TryWrite(PathOf(zone), JsonSerializer.SerializeToUtf8Bytes(report, VerifyJson.Default.VerifyReport), Mode, out var why) ? null : why;
    }
}
