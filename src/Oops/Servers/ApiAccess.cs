using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Oops.Servers;

/// <summary>The way to a server's HTTP API whose authority is a file: made when that can be read, and anew when it was changed. For one task: its requests follow one another.</summary>
/// <param name="options">Where and how to ask.</param>
/// <param name="authority">Path of a PEM file with the certificates that must have signed the server's, or are it; null: plain HTTP.</param>
/// <param name="time">The clock of the timeouts.</param>
internal sealed class ApiAccess(HttpApiOptions options, string? authority, TimeProvider time) : IDisposable
{
    HttpApi? api;
    DateTime written;

    /// <summary>The API, or null and why there is no way to it.</summary>
    public (HttpApi? Api, string Why) Open()
    {
        if (authority is null) return (api ??= new HttpApi(options, time), "");
        try
        {
            var now = File.GetLastWriteTimeUtc(authority);
            if (api is not null && now == written) return (api, "");
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(authority);
            if (certificates.Count == 0) return (null, $"{options.Word}: {authority}: holds no certificate in PEM");
            api?.Dispose();
            (api, written) = (new HttpApi(options with { Authority = certificates }, time), now);
            return (api, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return (null, $"{options.Word}: {authority}: {(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e is CryptographicException ? "is no certificate in PEM" : "cannot be read")}");
        }
    }

    public void Dispose() => api?.Dispose();
}
