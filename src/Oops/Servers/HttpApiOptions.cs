using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Oops.Servers;

/// <summary>Where a server's HTTP API is, and how it is asked.</summary>
/// <param name="Word">The config word of the source: what its messages begin with.</param>
/// <param name="Address">Address and port.</param>
/// <param name="Timeout">For connecting, for the first byte, and for each silence within an answer.</param>
internal sealed record HttpApiOptions(string Word, IPEndPoint Address, TimeSpan Timeout)
{
    /// <summary>Gives the API key (header X-API-Key), read anew for each request so that a changed file counts at once; or null and the problem. Null: none is sent.</summary>
    public Func<(string? Key, string Problem)>? ReadKey { get; init; }

    /// <summary>TLS, and these must have signed the server's certificate, or be it. Null: plain HTTP.</summary>
    public X509Certificate2Collection? Authority { get; init; }

    /// <summary>For connecting; null: as for the first byte.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>A longer answer is none.</summary>
    public long MostBytes { get; init; } = HttpApi.MostBytes;

    /// <summary>As messages name it.</summary>
    public string Where => Address.ToString();
}
