using System.Text;
using System.Text.Json;
using Oops.Wire.Text;

namespace Oops.Wire.Dnsdist;

/// <summary>Reads what `/api/v1/servers/localhost` of dnsdist answers: who it is, and the state of each backend. Everything else is passed over.</summary>
public sealed class DnsdistAnswer
{
    /// <summary>More backends than this are none that a dnsdist has.</summary>
    public const int MostBackends = 10_000;

    const int LongestText = 128;

    readonly List<DnsdistBackend> backends = [];
    readonly List<string> pools = [];
    string property = "";
    string name = "";
    string address = "";
    DnsdistState state;
    bool stated;

    /// <summary>`dnsdist`, of a dnsdist; terminal-safe.</summary>
    public string Daemon { get; private set; } = "";

    /// <summary>Its version; terminal-safe.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The backends, in its order.</summary>
    public IReadOnlyList<DnsdistBackend> Backends => backends;

    /// <summary>There was a list of backends, perhaps an empty one.</summary>
    public bool Listed { get; private set; }

    /// <summary>Why it cannot be used though it is JSON; null: it can.</summary>
    public string? Fault { get; private set; }

    bool InServers => Listed && !ended;

    bool ended;

    /// <summary>Takes a token, of <see cref="Json.JsonPieces"/>.</summary>
    public void Take(ref Utf8JsonReader reader)
    {
        switch (reader.CurrentDepth)
        {
            case 1:
                TakeTop(ref reader);
                break;
            case 2 when InServers:
                TakeBackend(ref reader);
                break;
            case 3 when InServers:
                TakeField(ref reader);
                break;
            case 4 when InServers && property == "pools" && reader.TokenType == JsonTokenType.String && pools.Count < MostBackends:
                pools.Add(Text(ref reader));
                break;
            default:
                break;
        }
    }

    void TakeTop(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName) property = Known(ref reader);
        else if (reader.TokenType == JsonTokenType.StartArray && property == "servers" && !Listed) Listed = true;
        else if (reader.TokenType == JsonTokenType.EndArray && InServers) ended = true;
        else if (reader.TokenType == JsonTokenType.String && property == "daemon_type") Daemon = Text(ref reader);
        else if (reader.TokenType == JsonTokenType.String && property == "version") Version = Text(ref reader);
    }

    void TakeBackend(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            (name, address, state, stated) = ("", "", DnsdistState.Unknown, false);
            pools.Clear();
        }
        else if (reader.TokenType == JsonTokenType.EndObject)
        {
            if (!stated || state == DnsdistState.Unknown) Fault ??= $"a backend without a state that is known: {name} ({address})";
            if (backends.Count == MostBackends) Fault ??= $"more than {MostBackends} backends";
            else backends.Add(new DnsdistBackend(name, address, state, [.. pools]));
        }
        else
        {
            Fault ??= "a list of backends with something else in it";
        }
    }

    void TakeField(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            property = Known(ref reader);
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            if (property == "name") name = Text(ref reader);
            else if (property == "address") address = Text(ref reader);
            else if (property == "state") (state, stated) = (State(ref reader), true);
        }
    }

    static DnsdistState State(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("up"u8) ? DnsdistState.Up
        : reader.ValueTextEquals("down"u8) ? DnsdistState.Down
        : reader.ValueTextEquals("UP"u8) ? DnsdistState.ForcedUp
        : reader.ValueTextEquals("DOWN"u8) ? DnsdistState.ForcedDown
        : DnsdistState.Unknown;

    static string Known(ref Utf8JsonReader reader)
    {
        foreach (var known in (ReadOnlySpan<string>)["servers", "daemon_type", "version", "name", "address", "state", "pools"])
            if (reader.ValueTextEquals(known)) return known;
        return "";
    }

    static string Text(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > LongestText * 6) return "?";
        Span<byte> text = stackalloc byte[LongestText * 6];
        try
        {
            return PrintableText.Of(text[..Math.Min(reader.CopyString(text), LongestText)]);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are no UTF-8.
            return "?";
        }
    }
}
