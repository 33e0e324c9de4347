using System.Buffers.Text;
using System.Text;
using Oops.Wire.Text;

namespace Oops.Wire.Unbound;

/// <summary>Collects the lines of `status`. The last one, `unbound (pid N) is running...`, is the mark of its end.</summary>
public sealed class UnboundStatusReader
{
    /// <summary>"1.17.1"; null: not told.</summary>
    public string? Version { get; private set; }

    /// <summary>Its pid as it sees itself; null: not told, so that the answer is no whole one.</summary>
    public int? Pid { get; private set; }

    /// <summary>Takes a line, without its end. What it does not know is passed over.</summary>
    public void Feed(ReadOnlySpan<byte> line)
    {
        if (ControlText.TryVersion(line, out var version))
        {
            Version ??= PrintableText.Of(version);
            return;
        }

        var before = "unbound (pid "u8;
        if (line.StartsWith(before) && Utf8Parser.TryParse(line[before.Length..], out int pid, out var used) && pid > 0 && line[(before.Length + used)..].SequenceEqual(") is running..."u8))
            Pid = pid;
    }
}
