using System.Net;
using System.Security.Authentication;
using Oops.Servers;

namespace Oops.Aws;

/// <summary>What a service answered.</summary>
/// <param name="Status">The code.</param>
/// <param name="Body">All of it.</param>
/// <param name="Date">The time there; null: it does not say.</param>
internal sealed record AwsAnswer(int Status, byte[] Body, DateTimeOffset? Date)
{
    public bool IsOk => Status == (int)HttpStatusCode.OK;
}

/// <summary>What came of a request.</summary>
/// <param name="Answer">Null: see why.</param>
/// <param name="Why">In words; terminal-safe.</param>
internal readonly record struct AwsReply(AwsAnswer? Answer, string Why = "");

/// <summary>A service that is asked as all HTTP is here (<see cref="HttpPeer"/>): never by a proxy, for a signed request is for who it is signed for.</summary>
/// <param name="place">Scheme, host and port.</param>
/// <param name="silence">For connecting, for the first byte, and for each silence within an answer.</param>
/// <param name="most">Octets of the longest answer.</param>
/// <param name="time">The clock of the timeouts.</param>
/// <param name="connections">At once.</param>
/// <param name="idle">How long one that is not used is kept: not at all where little is asked, for it may be closed there just when the next is asked.</param>
internal sealed class AwsService(Uri place, TimeSpan silence, int most, TimeProvider time, int connections = 1, TimeSpan idle = default) : IDisposable
{
    /// <summary>Octets of the longest answer that has credentials in it.</summary>
    public const int MostOfCredentials = 1 << 16;

    const string ContentType = "content-type";

    readonly HttpPeer peer = new(new HttpPeerOptions("", place, place.IsDefaultPort ? place.Host : place.Authority, silence)
    {
        MostBytes = most,
        Connections = connections,
        Idle = idle,
        TlsWords = static e => e is AuthenticationException ? "no authority of this system vouches for its certificate" : "no TLS",
    }, time);

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<AwsReply> SendAsync(AwsRequest request, CancellationToken stop)
    {
        using var body = new MemoryStream();
        var call = new HttpCall(new HttpMethod(request.Method), request.Target)
        {
            Accept = null,
            // Without the type null would be an empty body.
            Body = request.Body.Length > 0 ? request.Body : (ReadOnlyMemory<byte>?)null,
            ContentType = request.Headers.FirstOrDefault(static h => h.Name == ContentType).Value ?? "",
            Headers = [.. request.Headers.Where(static h => h.Name != ContentType)],
        };
        var reply = await peer.SendAsync(call, Take, stop).ConfigureAwait(false);
        return reply.Result.Why is { } why ? new(null, why) : new(new(reply.Status, body.ToArray(), reply.Date));

        bool Take(ReadOnlySpan<byte> piece, bool last)
        {
            body.Write(piece);
            return true;
        }
    }

    public void Dispose() => peer.Dispose();
}
