using System.Collections.Immutable;
using System.Net;
using Oops.Doctor.Reading;

namespace Oops.Doctor;

/// <summary>A server or router on this machine, as far as it could be seen.</summary>
internal sealed record Found
{
    public required Software Software { get; init; }

    /// <summary>`server/knot`; of several the second is `server/knot-2`.</summary>
    public required string Subject { get; init; }

    /// <summary>Null: it is installed and does not run.</summary>
    public int? Pid { get; init; }

    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Its files are not ours: it runs in a container.</summary>
    public bool Elsewhere { get; init; }

    public string? Executable { get; init; }

    public string? Version { get; init; }

    /// <summary>Where its configuration is looked for.</summary>
    public string ConfigPath { get; init; } = "";

    /// <summary>Null: none of it could be read.</summary>
    public ConfigReading? Config { get; init; }

    /// <summary>The systemd unit that it is in.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether it was started with NOTIFY_SOCKET; null: not seen.</summary>
    public bool? Notifies { get; init; }

    /// <summary>Where it listens for DNS, by its sockets; null: not seen.</summary>
    public ImmutableArray<IPEndPoint>? Listens { get; init; }

    /// <summary>What could not be seen of it, and why.</summary>
    public ImmutableArray<string> Unseen { get; init; } = [];

    public Statement? Root => Config?.Root;

    /// <summary>Of what is not in the configuration it can be said that it is off.</summary>
    public bool Complete => Config is { Complete: true };

    /// <summary>The word after an option of the command line: `-s PATH`, `-sPATH`, `--socket=PATH`. Null: it is not there.</summary>
    public string? Argument(params ReadOnlySpan<string> options)
    {
        for (var i = 1; i < Arguments.Length; i++)
        {
            foreach (var option in options)
            {
                if (Arguments[i] == option) return i + 1 < Arguments.Length ? Arguments[i + 1] : "";
                if (option.StartsWith("--", StringComparison.Ordinal) && Arguments[i].StartsWith(option + "=", StringComparison.Ordinal)) return Arguments[i][(option.Length + 1)..];
                if (option.Length == 2 && option[1] != '-' && Arguments[i].StartsWith(option, StringComparison.Ordinal) && !Arguments[i].StartsWith("--", StringComparison.Ordinal)) return Arguments[i][2..];
            }
        }

        return null;
    }
}
