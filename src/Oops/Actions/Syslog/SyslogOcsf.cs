using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Oops.Commands;
using Oops.Core;
using Oops.Native;
using Oops.Wire.Syslog;

namespace Oops.Actions.Syslog;

/// <summary>Events of the Open Cybersecurity Schema Framework, 1.3: DNS Activity (4003), activity Other, and in `unmapped` what the class has no word for.</summary>
internal static class SyslogOcsf
{
    const int Class = 4003, Other = 99;

    /// <summary>Nothing has been decided about texts that a receiver puts into a page.</summary>
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What of an event is left out where there is no room: JSON that is cut is none.</summary>
    enum Less : byte { Nothing, Because, Unmapped, Zone }

    /// <summary>One object of that many octets at most.</summary>
    public static string Write(ReactionIntent reaction, ReactionFields fields, SyslogSeverity severity, int room)
    {
        var because = OutputTail.Printable(reaction.Because);
        for (var less = Less.Nothing; ; less++)
        {
            var octets = Object(reaction, fields, severity, because, less);
            if (octets.Length > room && less == Less.Because && because.Length > 0)
            {
                // An escape is never longer than what it takes the place of is short.
                because = because[..Math.Max(0, because.Length - (octets.Length - room))];
                octets = Object(reaction, fields, severity, because, less);
            }

            if (octets.Length <= room || less == Less.Zone)
                return Encoding.UTF8.GetString(octets);
        }
    }

    static byte[] Object(ReactionIntent reaction, ReactionFields fields, SyslogSeverity severity, string because, Less less)
    {
        var (id, word) = severity switch
        {
            <= SyslogSeverity.Alert => (6, "Fatal"),
            SyslogSeverity.Critical => (5, "Critical"),
            SyslogSeverity.Error => (4, "High"),
            SyslogSeverity.Warning => (3, "Medium"),
            SyslogSeverity.Notice => (2, "Low"),
            _ => (1, "Informational"),
        };
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteNumber("category_uid", 4);
            writer.WriteString("category_name", "Network Activity");
            writer.WriteNumber("class_uid", Class);
            writer.WriteString("class_name", "DNS Activity");
            writer.WriteNumber("activity_id", Other);
            writer.WriteString("activity_name", fields.KindOf(reaction));
            writer.WriteNumber("type_uid", (Class * 100) + Other);
            writer.WriteString("type_name", "DNS Activity: Other");
            writer.WriteNumber("severity_id", id);
            writer.WriteString("severity", word);
            // Required; 0: an older version has written the decision down without it.
            writer.WriteNumber("time", (reaction.When ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds());
            writer.WriteString("message", because);
            writer.WriteStartObject("metadata");
            writer.WriteString("version", "1.3.0");
            writer.WriteString("uid", fields.IdOf(reaction));
            writer.WriteNumber("sequence", reaction.Sequence);
            writer.WriteStartObject("product");
            writer.WriteString("name", SyslogMessages.Product);
            writer.WriteString("vendor_name", SyslogMessages.Vendor);
            writer.WriteString("version", VersionCommand.Version);
            writer.WriteEndObject();
            writer.WriteEndObject();
            Place(writer, "dst_endpoint", "name", reaction.Server);
            if (reaction.Source is { } source)
                Place(writer, "src_endpoint", "ip", source.ToString());
            if (reaction.Zone is { } zone && less < Less.Zone)
                Place(writer, "query", "hostname", zone);
            if (less < Less.Unmapped)
                Unmapped(writer, fields.Of(reaction));
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    static void Place(Utf8JsonWriter writer, string name, string key, string value)
    {
        writer.WriteStartObject(name);
        writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    static void Unmapped(Utf8JsonWriter writer, IEnumerable<ReactionField> fields)
    {
        writer.WriteStartObject("unmapped");
        foreach (var field in fields)
        {
            // These stand elsewhere.
            if (field.Name is "because" or "time" or "zone" or "server" or "source" or "sequence")
                continue;
            if (field.Number is { } number)
                writer.WriteNumber(field.Name, number);
            else
                writer.WriteString(field.Name, field.Text);
        }

        writer.WriteEndObject();
    }
}
