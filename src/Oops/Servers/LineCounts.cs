using Oops.Engine;

namespace Oops.Servers;

/// <summary>What became of a source's questions on a control socket; each a number that only rises.</summary>
internal sealed class LineCounts
{
    readonly long[] faults = new long[(int)LineFault.Last + 1];
    long answers;

    public long this[LineFault fault] => Volatile.Read(ref faults[(int)fault]);

    /// <summary>What `/metrics` and `status` show.</summary>
    public IReadOnlyList<SourceCount> All =>
    [
        new("answers", "Answers of the control socket that were whole.", Volatile.Read(ref answers)),
        new("unreached", "Times that nobody listened on the control socket, or the way there was barred.", this[LineFault.Unreached]),
        new("silent", "Answers of the control socket that did not come in time.", this[LineFault.Silent]),
        new("cut", "Answers of the control socket that ended before their end.", this[LineFault.Cut]),
        new("garbled", "Answers of the control socket in another format.", this[LineFault.Garbled]),
        new("too_long", "Answers of the control socket that were given up because of their length.", this[LineFault.TooLong]),
        new("errors", "Answers of the control socket that are an error.", this[LineFault.Error]),
        new("tls_failures", "TLS sessions with the control socket that could not be had.", this[LineFault.Tls]),
    ];

    public void Answered() => Interlocked.Increment(ref answers);

    public void Add(LineFault fault) => Interlocked.Increment(ref faults[(int)fault]);
}
