using Oops.Servers;
using Oops.Wire.Text;

namespace Oops.Sources.Nsd;

/// <summary>The answer to `status`, as far as it matters.</summary>
internal static class NsdVersion
{
    /// <summary>"4.6.1", or why there is none.</summary>
    public static async ValueTask<(string? Version, string Why)> ReadAsync(LineLook control, CancellationToken stop)
    {
        string? version = null;
        var failed = await control.AskAsync("status", Sink, stop);
        return failed is not null ? (null, failed) : version is null ? (null, "nsd: no version in the answer to `status`") : (version, "");

        string? Sink(ReadOnlySpan<byte> line)
        {
            if (version is null && ControlText.TryVersion(line, out var text)) version = PrintableText.Of(text);
            return null;
        }
    }
}
