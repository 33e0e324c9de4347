using Oops.Wire.Cbor;

namespace Oops.Wire.Bus;

/// <summary>The CBOR form of a signal (RFC 8949): a map with whole numbers as keys, in core deterministic encoding, times as milliseconds since 1970.</summary>
public static class BusCbor
{
    const int V = 0, Id = 1, Life = 2, Sequence = 3, Time = 4, Since = 5, ValidUntil = 6, Site = 7, Node = 8, Server = 9, Condition = 10, Kind = 11, Parameter = 12, Zone = 13, State = 14, Value = 15, Arguments = 16, Because = 17;

    static readonly long LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static byte[] Write(BusSignal signal)
    {
        var writer = new CborWriter();
        var optional = new object?[] { signal.Since, signal.ValidUntil, signal.Server, signal.Parameter, signal.Zone, signal.Value, signal.Arguments.Count > 0 ? signal : null };
        writer.Map(11 + optional.Count(static o => o is not null));
        writer.Integer(V).Integer(BusSignal.Version).Integer(Id).Text(signal.Id).Integer(Life).Text(signal.Life).Integer(Sequence).Integer(signal.Sequence);
        writer.Integer(Time).Integer(signal.Time.ToUnixTimeMilliseconds());
        if (signal.Since is { } since) writer.Integer(Since).Integer(since.ToUnixTimeMilliseconds());
        if (signal.ValidUntil is { } until) writer.Integer(ValidUntil).Integer(until.ToUnixTimeMilliseconds());
        writer.Integer(Site).Text(signal.Site).Integer(Node).Text(signal.Node);
        if (signal.Server is { } server) writer.Integer(Server).Text(server);
        writer.Integer(Condition).Text(signal.Condition).Integer(Kind).Text(signal.Kind);
        if (signal.Parameter is { } parameter) writer.Integer(Parameter).Text(parameter);
        if (signal.Zone is { } zone) writer.Integer(Zone).Text(zone);
        writer.Integer(State).Integer((int)signal.State);
        if (signal.Value is { } value) writer.Integer(Value).Integer(value);
        if (signal.Arguments.Count > 0)
        {
            // By the octets of the keys (RFC 8949, 4.2.1): their heads have the lengths, so that the shorter come first.
            writer.Integer(Arguments).Map(signal.Arguments.Count);
            foreach (var argument in signal.Arguments.OrderBy(static a => a.Name.Length).ThenBy(static a => a.Name, StringComparer.Ordinal))
            {
                writer.Text(argument.Name);
                if (argument.Text is { } text) writer.Text(text);
                else writer.Integer(argument.Number);
            }
        }

        writer.Integer(Because).Text(signal.Because);
        return writer.Written.ToArray();
    }

    /// <summary>Null, and why it is no signal. A field that this version does not know is passed over.</summary>
    public static BusSignal? Read(ReadOnlySpan<byte> octets, out string why)
    {
        why = "not in deterministic CBOR";
        if (octets.Length > BusSignal.MaxSize)
        {
            why = "too long";
            return null;
        }

        var reader = new CborReader(octets);
        var fields = new BusFields();
        if (!reader.TryMap(out var pairs)) return null;
        for (var last = -1L; pairs > 0; pairs--)
        {
            // The keys rise: none comes twice.
            if (!reader.TryInteger(out var key) || key <= last || !TryField(ref reader, fields, key)) return null;
            last = key;
        }

        return reader.AtEnd ? fields.Build(out why) : null;
    }

    static bool TryField(ref CborReader reader, BusFields fields, long key)
    {
        switch (key)
        {
            case V: return reader.TryInteger(out fields.Version);
            case Sequence: return reader.TryInteger(out fields.Sequence);
            case Time: return TryTime(ref reader, out fields.Time);
            case Since: return TryTime(ref reader, out fields.Since);
            case ValidUntil: return TryTime(ref reader, out fields.ValidUntil);
            case State:
                if (!reader.TryInteger(out var state)) return false;
                fields.State = state is >= 0 and <= (long)BusState.Met ? (BusState)state : null;
                return true;
            case Value:
                var whole = reader.TryInteger(out var value);
                fields.Value = value;
                return whole;
            case Arguments: return TryArguments(ref reader, fields.Arguments);
            case Id: return TryText(ref reader, out fields.Id);
            case Life: return TryText(ref reader, out fields.Life);
            case Site: return TryText(ref reader, out fields.Site);
            case Node: return TryText(ref reader, out fields.Node);
            case Server: return TryText(ref reader, out fields.Server);
            case Condition: return TryText(ref reader, out fields.Condition);
            case Kind: return TryText(ref reader, out fields.Kind);
            case Parameter: return TryText(ref reader, out fields.Parameter);
            case Zone: return TryText(ref reader, out fields.Zone);
            case Because: return TryText(ref reader, out fields.Because);
            default: return reader.TrySkip();
        }
    }

    static bool TryText(ref CborReader reader, out string? text)
    {
        var has = reader.TryText(BusSignal.MaxSize, out var found);
        text = found;
        return has;
    }

    static bool TryTime(ref CborReader reader, out DateTimeOffset? time)
    {
        time = null;
        if (!reader.TryInteger(out var milliseconds) || milliseconds < 0 || milliseconds > LastTime) return false;
        time = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    static bool TryArguments(ref CborReader reader, List<BusArgument> arguments)
    {
        if (!reader.TryMap(out var pairs) || pairs is 0 or > BusRules.MostArguments) return false;
        for (var last = ""; pairs > 0; pairs--)
        {
            if (!reader.TryText(BusSignal.MaxSize, out var name)) return false;
            if (name.Length < last.Length || (name.Length == last.Length && string.CompareOrdinal(name, last) <= 0)) return false;
            last = name;
            if (reader.IsText)
            {
                if (!reader.TryText(BusSignal.MaxSize, out var text)) return false;
                arguments.Add(new(name, text));
            }
            else
            {
                if (!reader.TryInteger(out var number)) return false;
                arguments.Add(new(name, null, number));
            }
        }

        arguments.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return true;
    }
}
