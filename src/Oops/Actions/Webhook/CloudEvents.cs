using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Oops.Core;
using Oops.Native;

namespace Oops.Actions.Webhook;

/// <summary>One event (CloudEvents 1.0.2).</summary>
/// <param name="Id">The same at each try: who has seen it has seen the event.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Type">What happened.</param>
/// <param name="Subject">To what: `zone/ns1/example`, as `oops explain` takes it.</param>
/// <param name="Time">When; null: not known.</param>
/// <param name="Data">A JSON object.</param>
internal sealed record CloudEvent(string Id, string Source, string Type, string Subject, string? Time, byte[] Data)
{
    const string Json = "application/json";

    /// <summary>Body, its type, and headers.</summary>
    public (byte[] Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers) In(WebhookMode mode) =>
        mode == WebhookMode.Structured ? (Structured(), "application/cloudevents+json; charset=utf-8", []) : (Data, Json, [.. Attributes().Select(static a => ("ce-" + a.Name, Percent(a.Value)))]);

    /// <summary>An attribute as a header's value (CloudEvents HTTP binding 1.0.2, 3.1.3.2).</summary>
    public static string Percent(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is > 0x20 and < 0x7F and not (byte)'"' and not (byte)'%')
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return text.ToString();
    }

    IEnumerable<(string Name, string Value)> Attributes()
    {
        yield return ("specversion", "1.0");
        yield return ("id", Id);
        yield return ("source", Source);
        yield return ("type", Type);
        yield return ("subject", Subject);
        if (Time is { } time)
            yield return ("time", time);
    }

    byte[] Structured()
    {
        var buffer = new ArrayBufferWriter<byte>(Data.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in Attributes())
                writer.WriteString(name, value);
            writer.WriteString("datacontenttype", Json);
            writer.WritePropertyName("data");
            writer.WriteRawValue(Data);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Makes events of what rules fire for.</summary>
/// <param name="action">The action's name.</param>
/// <param name="site">As of the config.</param>
/// <param name="source">Of the events.</param>
/// <param name="prefix">Of their types.</param>
/// <param name="kindOf">The kind of a condition, by its name.</param>
internal sealed class CloudEvents(string action, string site, string source, string prefix, Func<string, string> kindOf)
{
    public CloudEvent Of(ReactionIntent reaction)
    {
        var (kind, subject) = (kindOf(reaction.Condition), reaction.Zone is { } zone ? $"zone/{reaction.Server}/{zone}" : $"server/{reaction.Server}");
        var time = reaction.When?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        // A number that rises is given anew where a crash took the snapshot that had it; the time of the decision is not.
        var id = string.Create(CultureInfo.InvariantCulture, $"{action}-{reaction.Sequence}-{reaction.When?.UtcTicks ?? 0:x}");
        return new(id, source, $"{prefix}.{kind}", subject, time, Data(reaction, kind, time));
    }

    byte[] Data(ReactionIntent reaction, string kind, string? time)
    {
        var because = OutputTail.Printable(reaction.Because);
        var of = reaction.Zone is { } zone ? $"{zone} at {reaction.Server}" : reaction.Server;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            // What Gotify and others show; the rest of them pass over what they do not know.
            writer.WriteString("title", $"{reaction.Condition}: {of}");
            writer.WriteString("message", because);
            writer.WriteString("condition", reaction.Condition);
            writer.WriteString("kind", kind);
            writer.WriteString("state", Words.Of(reaction.State));
            writer.WriteString("server", reaction.Server);
            Some("zone", reaction.Zone);
            Number("serial", reaction.Serial);
            Number("previous_serial", reaction.PreviousSerial);
            Some("source", reaction.Source?.ToString());
            Some("channel", reaction.Channel);
            writer.WriteString("because", because);
            writer.WriteString("action", action);
            writer.WriteNumber("rule", reaction.Rule);
            writer.WriteNumber("sequence", reaction.Sequence);
            writer.WriteString("site", site);
            Some("time", time);
            writer.WriteEndObject();

            void Some(string name, string? value)
            {
                if (value is not null)
                    writer.WriteString(name, value);
            }

            void Number(string name, uint? value)
            {
                if (value is { } number)
                    writer.WriteNumber(name, number);
            }
        }

        return buffer.WrittenSpan.ToArray();
    }
}
