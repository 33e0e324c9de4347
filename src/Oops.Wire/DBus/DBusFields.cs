namespace Oops.Wire.DBus;

/// <summary>The header fields of one message while it is read: slices of its bytes, each of the right type and grammar, none twice.</summary>
ref struct DBusFields
{
    public ReadOnlySpan<byte> Path;
    public ReadOnlySpan<byte> Interface;
    public ReadOnlySpan<byte> Member;
    public ReadOnlySpan<byte> ErrorName;
    public ReadOnlySpan<byte> Destination;
    public ReadOnlySpan<byte> Sender;
    public ReadOnlySpan<byte> Signature;
    public uint ReplySerial;
    public uint UnixFds;
    int seen;

    /// <summary>Reads the array of fields; the reader spans the header with its padding.</summary>
    public DBusFault Read(ref DBusReader reader)
    {
        if (!reader.TrySkip("yyyyuu"u8) || !reader.TryArray('(', out var end)) return reader.Fault;
        while (reader.Position < end)
        {
            if (!reader.TryStruct() || !reader.TryByte(out var code) || !reader.TryVariant(out var type)) return reader.Fault;
            var fault = ReadOne(ref reader, code, type);
            if (fault != DBusFault.None) return fault;
        }

        if (reader.Position != end) return DBusFault.Field;
        return reader.TryStruct() && reader.AtEnd ? DBusFault.None : reader.Fault == DBusFault.None ? DBusFault.Field : reader.Fault;
    }

    /// <summary>What each type of message must carry. A type we do not know may carry anything.</summary>
    public readonly DBusFault Require(DBusMessageType type)
    {
        var needed = type switch
        {
            DBusMessageType.MethodCall => 1 << 1 | 1 << 3,
            DBusMessageType.MethodReturn => 1 << 5,
            DBusMessageType.Error => 1 << 4 | 1 << 5,
            DBusMessageType.Signal => 1 << 1 | 1 << 2 | 1 << 3,
            _ => 0,
        };
        if ((seen & needed) != needed) return DBusFault.Field;
        // Reserved for a library's own events: a peer that sends it would speak in the library's name.
        return Path.SequenceEqual("/org/freedesktop/DBus/Local"u8) || Interface.SequenceEqual("org.freedesktop.DBus.Local"u8)
            ? DBusFault.Name
            : DBusFault.None;
    }

    DBusFault ReadOne(ref DBusReader reader, byte code, ReadOnlySpan<byte> type)
    {
        if (code == 0) return DBusFault.Field;
        if (code > 9) return reader.TrySkip(type) ? DBusFault.None : reader.Fault;
        if ((seen & 1 << code) != 0) return DBusFault.Field;
        seen |= 1 << code;
        var wanted = code switch { 1 => (byte)'o', 5 or 9 => (byte)'u', 8 => (byte)'g', _ => (byte)'s' };
        if (type.Length != 1 || type[0] != wanted) return DBusFault.Field;
        if (wanted == (byte)'u') return ReadNumber(ref reader, code);
        if (code == 8) return reader.TrySignature(out Signature) ? DBusFault.None : reader.Fault;
        if (code == 1) return reader.TryObjectPath(out Path) ? DBusFault.None : reader.Fault;
        if (!reader.TryText(out var text)) return reader.Fault;
        switch (code)
        {
            case 2: Interface = text; return DBusName.IsInterface(text) ? DBusFault.None : DBusFault.Name;
            case 3: Member = text; return DBusName.IsMember(text) ? DBusFault.None : DBusFault.Name;
            case 4: ErrorName = text; return DBusName.IsInterface(text) ? DBusFault.None : DBusFault.Name;
            case 6: Destination = text; return DBusName.IsBusName(text) ? DBusFault.None : DBusFault.Name;
            default: Sender = text; return DBusName.IsBusName(text) ? DBusFault.None : DBusFault.Name;
        }
    }

    DBusFault ReadNumber(ref DBusReader reader, byte code)
    {
        if (!reader.TryUInt32(out var value)) return reader.Fault;
        if (code == 9) UnixFds = value;
        else ReplySerial = value;
        return code == 5 && value == 0 ? DBusFault.Invalid : DBusFault.None;
    }
}
