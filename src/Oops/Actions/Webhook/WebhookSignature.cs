using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Oops.Servers;

namespace Oops.Actions.Webhook;

/// <summary>Signs requests as Standard Webhooks 1.0 says: HMAC-SHA256 over `id.timestamp.body`.</summary>
internal static class WebhookSignature
{
    const string Before = "whsec_";

    /// <summary>Octets of a secret.</summary>
    const int Least = 24, Most = 64;

    /// <summary>The secrets of these files; null, and why one is none. Never with any of it.</summary>
    public static (IReadOnlyList<byte[]>? Keys, string Why) Read(IReadOnlyList<string> files)
    {
        var keys = new List<byte[]>(files.Count);
        foreach (var file in files)
        {
            var (text, problem) = SecretFile.Read(file);
            if (text is null)
                return (null, problem);
            if (Parse(text) is not { } key)
                return (null, $"{file}: is no secret of a webhook: base64 of {Least} to {Most} octets, such as `openssl rand -base64 32` makes");
            keys.Add(key);
        }

        return (keys, "");
    }

    /// <summary>Null: it is none.</summary>
    public static byte[]? Parse(string text)
    {
        var bare = text.StartsWith(Before, StringComparison.Ordinal) ? text[Before.Length..] : text;
        var key = new byte[bare.Length];
        return Convert.TryFromBase64String(bare, key, out var length) && length is >= Least and <= Most ? key[..length] : null;
    }

    /// <summary>The three headers. Of several keys each signs, so that a receiver that has one of them is content.</summary>
    /// <param name="keys">The secrets.</param>
    /// <param name="header">What the names begin with.</param>
    /// <param name="id">The event's.</param>
    /// <param name="now">Of this try: receivers refuse what is old.</param>
    /// <param name="body">As it is sent.</param>
    public static IReadOnlyList<(string Name, string Value)> Headers(IReadOnlyList<byte[]> keys, string header, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return
        [
            (header + "-id", id),
            (header + "-timestamp", timestamp),
            (header + "-signature", string.Join(' ', keys.Select(k => "v1," + Convert.ToBase64String(HMACSHA256.HashData(k, signed))))),
        ];
    }
}
