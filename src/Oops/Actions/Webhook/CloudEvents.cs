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
/// <param name="fields">What is told.</param>
/// <param name="source">Of the events.</param>
/// <param name="prefix">Of their types.</param>
internal sealed class CloudEvents(ReactionFields fields, string source, string prefix)
{
    public CloudEvent Of(ReactionIntent reaction) =>
        new(fields.IdOf(reaction), source, $"{prefix}.{fields.KindOf(reaction)}", ReactionFields.SubjectOf(reaction), ReactionFields.TimeOf(reaction), Data(reaction));

    byte[] Data(ReactionIntent reaction)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            // What Gotify and others show; the rest of them pass over what they do not know.
            writer.WriteString("title", ReactionFields.TitleOf(reaction));
            writer.WriteString("message", OutputTail.Printable(reaction.Because));
            foreach (var field in fields.Of(reaction))
            {
                if (field.Number is { } number)
                    writer.WriteNumber(field.Name, number);
                else
                    writer.WriteString(field.Name, field.Text);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
