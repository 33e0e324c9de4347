using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Oops.Aws;

/// <summary>Signature Version 4 of AWS: HMAC-SHA256 over a request in its canonical form, by a key that is good for one day, one region and one service.</summary>
internal static class SigV4
{
    public const string DateHeader = "x-amz-date", TokenHeader = "x-amz-security-token";

    const string Algorithm = "AWS4-HMAC-SHA256", End = "aws4_request", DateForm = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The request with the headers that say when it was signed and by whom: the last is `Authorization`.</summary>
    public static AwsRequest Sign(AwsRequest request, AwsCredentials by, string region, string service, DateTimeOffset at)
    {
        var date = at.UtcDateTime.ToString(DateForm, CultureInfo.InvariantCulture);
        var dated = request with { Headers = [.. request.Headers, (DateHeader, date), .. by.Token is { } token ? [(TokenHeader, token)] : Array.Empty<(string, string)>()] };
        var scope = $"{date[..8]}/{region}/{service}/{End}";
        var text = $"{Algorithm}\n{date}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(Canonical(dated)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + by.Secret);
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return dated with { Headers = [.. dated.Headers, ("Authorization", $"{Algorithm} Credential={by.Id}/{scope}, SignedHeaders={Names(dated)}, Signature={signature}")] };
    }

    /// <summary>What is signed, a line for each part.</summary>
    public static string Canonical(AwsRequest request) =>
        $"{request.Method}\n{Path(request.Path)}\n{Query(request.Query)}\n{string.Concat(Ordered(request).Select(static h => $"{h.Name}:{Trimmed(h.Value)}\n"))}\n{Names(request)}\n{Hash(request.Body)}";

    /// <summary>Without `.`, `..` and empty segments, and escaped.</summary>
    public static string Path(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
                segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
            else if (segment != ".")
                segments.Add(Uri.EscapeDataString(segment));
        }

        return $"/{string.Join('/', segments)}{(segments.Count > 0 && path.EndsWith('/') ? "/" : "")}";
    }

    /// <summary>Escaped, and in the order of names.</summary>
    public static string Query(IReadOnlyList<(string Name, string Value)> query) => string.Join('&', query
        .Select(static q => (Name: Uri.EscapeDataString(q.Name), Value: Uri.EscapeDataString(q.Value)))
        .OrderBy(static q => q.Name, StringComparer.Ordinal).ThenBy(static q => q.Value, StringComparer.Ordinal)
        .Select(static q => $"{q.Name}={q.Value}"));

    static IEnumerable<(string Name, string Value)> Ordered(AwsRequest request) => request.Headers.Select(static h => (h.Name.ToLowerInvariant(), h.Value)).OrderBy(static h => h.Item1, StringComparer.Ordinal);

    static string Names(AwsRequest request) => string.Join(';', Ordered(request).Select(static h => h.Name));

    static string Trimmed(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    static string Hash(byte[] octets) => Convert.ToHexStringLower(SHA256.HashData(octets));
}
