using System.Text;
using System.Text.Json;
using Oops.Wire.Json;
using Oops.Wire.Text;

namespace Oops.Wire.Bind;

/// <summary>
/// Reads `/json/v1/zones` of BIND's statistics channel (9.16 to 9.21, formats 1.5 to 1.8) from the tokens of <see cref="JsonPieces"/>. What BIND does not write as we know it is a <see cref="Fault"/>, never a guess:
/// a zone whose state was misread would be worse than one that is not known.
/// </summary>
public sealed class BindZonesReader
{
    /// <summary>A server with more views is none.</summary>
    public const int MostViews = 1000;

    const int MaxName = 1100;

    static readonly string[] Fields = ["name", "class", "type", "serial", "loaded", "expires", "refresh"];

    // lib/dns/zone.c and statschannel.c; "slave" and "master" until 9.16.
    static readonly string[] Passive = ["builtin", "mirror", "stub", "static-stub", "key", "dlz", "redirect", "hint", "forward", "none"];

    readonly Action<BindZone> each;
    readonly JsonScalars head = new(["boot-time"], ["current-time"], ["version"]);
    readonly JsonRecords records;
    readonly HashSet<string> views = new(StringComparer.Ordinal);
    string view = "";
    bool within;
    bool listed;

    /// <param name="each">Takes each zone that is served from its own data, of any view, as it comes.</param>
    public BindZonesReader(Action<BindZone> each)
    {
        this.each = each;
        records = new("zones", Fields, Take);
    }

    /// <summary>Why the answer is none that BIND gives; null: it is one, so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>The views. One without zones has no list of them.</summary>
    public IReadOnlyCollection<string> Views => views;

    /// <summary>When named was started, in its words; empty: not said.</summary>
    public string BootTime => PrintableText.Of(head.Found.Bytes(0));

    /// <summary>The server's clock when it made the answer; null: not said, or not to be read. It comes before the zones.</summary>
    public DateTime? Now => BindTime.TryParse(head.Found.Bytes(1), out var now) ? now : null;

    /// <summary>`9.18.49-1~deb12u3-Debian`.</summary>
    public string Version => PrintableText.Of(head.Found.Bytes(2));

    /// <summary>Takes a token.</summary>
    public void Take(ref Utf8JsonReader reader)
    {
        if (Fault is not null) return;
        if (listed && reader.TokenType != JsonTokenType.StartArray)
        {
            Fault = $"the zones of view {view} are no list";
            return;
        }

        listed = false;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            var depth = reader.CurrentDepth;
            if (depth == 1) within = reader.ValueTextEquals("views"u8);
            else if (depth == 2 && within) Begin(NameOf(ref reader));
            else if (depth == 3 && within) listed = reader.ValueTextEquals("zones"u8);
        }

        head.Take(ref reader);
        records.Take(ref reader);
    }

    // The name of a view; one that is no text is a view that nobody can have configured.
    static string NameOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > MaxName) return "?";
        Span<byte> name = stackalloc byte[MaxName];
        try
        {
            return PrintableText.Of(name[..reader.CopyString(name)]);
        }
        catch (InvalidOperationException)
        {
            return "?";
        }
    }

    void Begin(string name)
    {
        view = name;
        if (views.Count == MostViews) Fault = $"more than {MostViews} views";
        else views.Add(name);
    }

    void Take(JsonRecord zone)
    {
        if (Fault is not null || !within) return;
        if (Now is null)
        {
            Fault = "no current-time before the zones";
            return;
        }

        var name = zone.Bytes(0);
        if (name.IsEmpty || name.Length > MaxName)
        {
            Fault = "a zone without a name";
            return;
        }

        if (!zone.Bytes(1).SequenceEqual("IN"u8))
        {
            if (!zone.Has(1)) Fault = $"no class of {PrintableText.Of(name)}";
            return;
        }

        var type = zone.Bytes(2);
        if (type.SequenceEqual("primary"u8) || type.SequenceEqual("master"u8)) Take(zone, secondary: false);
        else if (type.SequenceEqual("secondary"u8) || type.SequenceEqual("slave"u8)) Take(zone, secondary: true);
        else if (!Array.Exists(Passive, Encoding.ASCII.GetString(type).Equals)) Fault = $"{PrintableText.Of(name)} is of a type that we do not know: {PrintableText.Of(type)}";
    }

    void Take(JsonRecord zone, bool secondary)
    {
        var name = zone.Bytes(0);
        var serial = zone.Number(3);
        if (zone.Has(3) && (serial is null or < 0 or > uint.MaxValue))
        {
            Fault = $"{PrintableText.Of(name)} has a serial that is none: {PrintableText.Of(zone.Bytes(3))}";
            return;
        }

        if (!TryTime(zone, 4, out var loaded) || (secondary && !TryTime(zone, 5, out _)) || (secondary && !TryTime(zone, 6, out _)))
        {
            Fault = $"{PrintableText.Of(name)} has no times, or none that can be read";
            return;
        }

        DateTime? expires = null, refresh = null;
        if (secondary)
        {
            TryTime(zone, 5, out expires);
            TryTime(zone, 6, out refresh);
        }

        each(new(view, Encoding.UTF8.GetString(name), secondary, (uint?)serial, loaded, expires, refresh));
    }

    static bool TryTime(JsonRecord zone, int field, out DateTime? time)
    {
        var read = BindTime.TryParse(zone.Bytes(field), out var at);
        time = at == DateTime.UnixEpoch ? null : at;
        return read;
    }
}
