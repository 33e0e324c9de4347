using Oops.Config;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Servers;

/// <summary>The part of a source's config that says where its control socket is: the server's `control` path, or here an address and three files.</summary>
/// <param name="Control">Where it listens, for TLS.</param>
/// <param name="ServerCert">Its certificate.</param>
/// <param name="Key">Our key.</param>
/// <param name="Cert">Our certificate.</param>
internal readonly record struct LineControlCheck(Endpoint? Control, string? ServerCert, string? Key, string? Cert)
{
    public void Validate(ConfigErrors errors, string path)
    {
        var files = new[] { ("server-cert", ServerCert), ("key", Key), ("cert", Cert) };
        foreach (var (name, file) in files)
        {
            if (Control is null && file is not null) errors.Add($"{path}.{name}", $"{name} is for a control socket over TLS; add control: ADDRESS@PORT, or remove it: over a Unix socket there are no certificates");
            if (Control is not null && file is null) errors.Add(path, $"control over TLS needs {name}: as the setup program of the server made it");
        }
    }

    /// <summary>Of `rate-interval`: 0, or long enough to count.</summary>
    public static void ValidateRate(TimeSpan? interval, ConfigErrors errors, string path)
    {
        if (interval is { } every && every != TimeSpan.Zero && every < TimeSpan.FromSeconds(1))
            errors.Add($"{path}.rate-interval", $"{Duration.Format(every)} is too short to count queries; write 1s or more, or 0s for none");
    }

    public LineControlOptions Options(string word, string magic, int port, string path, TimeSpan timeout) => new(word, magic, path, timeout)
    {
        Address = Control?.ToIPEndPoint(port),
        Keys = Control is null ? null : new(ServerCert!, Key!, Cert!),
    };
}
