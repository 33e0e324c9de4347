using Oops.Wire.DBus;
using Oops.Wire.Text;

namespace Oops.Sources.Systemd;

/// <summary>What systemd says of a service. The names are those of its D-Bus interface, org.freedesktop.systemd1(5).</summary>
internal sealed record UnitState
{
    const int LongestWord = 64;

    /// <summary>The unit's own name; an alias leads to another one.</summary>
    public string Id { get; init; } = "";

    /// <summary>`loaded`, `not-found`, `masked` ...</summary>
    public string LoadState { get; init; } = "";

    /// <summary>`active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`.</summary>
    public string ActiveState { get; init; } = "";

    /// <summary>`running`, `stop-sigterm`, `auto-restart` ...</summary>
    public string SubState { get; init; } = "";

    /// <summary>`success`, or how the last run failed: `signal`, `exit-code`, `timeout`, `watchdog`, `oom-kill` ...</summary>
    public string Result { get; init; } = "";

    /// <summary>0: there is none.</summary>
    public int MainPid { get; init; }

    /// <summary>How the last main process ended: the si_code of waitid(2), CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3; 0 while it runs.</summary>
    public int ExitCode { get; init; }

    /// <summary>Its exit status, or the signal that killed it.</summary>
    public int ExitStatus { get; init; }

    /// <summary>The job that is queued or running; 0: none.</summary>
    public uint JobId { get; init; }

    public string JobPath { get; init; } = "/";

    /// <summary>Takes a dictionary of properties (a{sv}), all or some of them; a property that is not ours is passed over. Null when one of ours is of another type.</summary>
    public UnitState? With(ref DBusReader body)
    {
        var state = this;
        if (!body.TryArray('{', out var end)) return null;
        while (body.Position < end)
        {
            if (!body.TryStruct() || !body.TryText(out var name) || !body.TryVariant(out var type)) return null;
            if (state.WithOne(name, type, ref body) is not { } next) return null;
            state = next;
        }

        return state;
    }

    UnitState? WithOne(ReadOnlySpan<byte> name, ReadOnlySpan<byte> type, ref DBusReader body)
    {
        if (name.SequenceEqual("Job"u8))
            return type.SequenceEqual("(uo)"u8) && body.TryStruct() && body.TryUInt32(out var id) && body.TryObjectPath(out var path)
                ? this with { JobId = id, JobPath = System.Text.Encoding.ASCII.GetString(path) }
                : null;
        if (name.SequenceEqual("MainPID"u8)) return type.SequenceEqual("u"u8) && body.TryUInt32(out var pid) && pid <= int.MaxValue ? this with { MainPid = (int)pid } : null;
        if (name.SequenceEqual("ExecMainCode"u8)) return type.SequenceEqual("i"u8) && body.TryInt32(out var code) ? this with { ExitCode = code } : null;
        if (name.SequenceEqual("ExecMainStatus"u8)) return type.SequenceEqual("i"u8) && body.TryInt32(out var status) ? this with { ExitStatus = status } : null;
        if (name.SequenceEqual("Id"u8)) return Word(type, ref body) is { } word ? this with { Id = word } : null;
        if (name.SequenceEqual("LoadState"u8)) return Word(type, ref body) is { } word ? this with { LoadState = word } : null;
        if (name.SequenceEqual("ActiveState"u8)) return Word(type, ref body) is { } word ? this with { ActiveState = word } : null;
        if (name.SequenceEqual("SubState"u8)) return Word(type, ref body) is { } word ? this with { SubState = word } : null;
        if (name.SequenceEqual("Result"u8)) return Word(type, ref body) is { } word ? this with { Result = word } : null;
        return body.TrySkip(type) ? this : null;
    }

    // All of them are shown to people.
    static string? Word(ReadOnlySpan<byte> type, ref DBusReader body) =>
        type.SequenceEqual("s"u8) && body.TryText(out var text) ? PrintableText.Of(text.Length > LongestWord ? text[..LongestWord] : text) : null;
}
