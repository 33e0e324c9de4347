namespace Oops.Wire.Bus;

/// <summary>The fields of a signal while they are read, in whichever form.</summary>
sealed class BusFields
{
    public long Version, Sequence;
    public string? Id, Life, Site, Node, Server, Condition, Kind, Parameter, Zone, Because;
    public DateTimeOffset? Time, Since, ValidUntil;
    public BusState? State;
    public long? Value;
    public readonly List<BusArgument> Arguments = [];

    /// <summary>The signal; null, and why it is none.</summary>
    public BusSignal? Build(out string why)
    {
        why = Version != BusSignal.Version ? "another version" : "a field is missing";
        if (Version != BusSignal.Version || Id is null || Life is null || Time is null || Site is null || Node is null || Condition is null || Kind is null || State is null || Because is null) return null;
        var signal = new BusSignal
        {
            Id = Id,
            Life = Life,
            Sequence = Sequence,
            Time = Time.Value,
            Since = Since,
            ValidUntil = ValidUntil,
            Site = Site,
            Node = Node,
            Server = Server,
            Condition = Condition,
            Kind = Kind,
            Parameter = Parameter,
            Zone = Zone,
            State = State.Value,
            Value = Value,
            Arguments = Arguments,
            Because = Because,
        };
        why = BusRules.Fault(signal) ?? "";
        return why.Length == 0 ? signal : null;
    }
}
