using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Oops.Native;

namespace Oops.Aws;

/// <summary>Credentials that are asked for: of a container (ECS, EKS Pod Identity), and of the instance by the second version of its metadata service, which wants a token first.</summary>
internal sealed class AwsRemoteCredentials(AwsSurroundings around, TimeSpan silence, TimeProvider time)
{
    const string Roles = "/latest/meta-data/iam/security-credentials/";

    /// <summary>Off an instance nobody answers.</summary>
    static readonly TimeSpan Instance = TimeSpan.FromSeconds(1);

    static readonly string[] ContainerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

    public async Task<AwsFound> ContainerAsync(CancellationToken stop)
    {
        Uri? place;
        string path;
        if (around.Get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is { } relative)
            (place, path) = (new Uri($"http://{ContainerHosts[0]}"), relative);
        else if (around.Get("AWS_CONTAINER_CREDENTIALS_FULL_URI") is { } full)
            (place, path) = (Place(full), Uri.TryCreate(full, UriKind.Absolute, out var uri) ? uri.PathAndQuery : "");
        else
            return default;
        if (place is null)
            return new(null, "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine nor the container's agent");
        List<string> errors = [];
        var token = around.Get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") is { } file ? AwsSurroundings.Read(file, errors).Trim() : around.Get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (errors.Count > 0)
            return new(null, errors[0]);
        if (token is not null && token.Any(static c => c is <= ' ' or > '~'))
            return new(null, "the container's authorization token has characters that no header can have");
        var parts = path.Split('?', 2);
        var query = parts.Length == 1 ? [] : parts[1].Split('&').Select(static q => q.Split('=', 2)).Select(static q => (Uri.UnescapeDataString(q[0]), Uri.UnescapeDataString(q.Length > 1 ? q[1] : ""))).ToArray();
        using var agent = new AwsService(place, silence, AwsService.MostOfCredentials, time);
        var (answer, why) = await agent.SendAsync(new("GET", Uri.UnescapeDataString(parts[0]), query, token is null ? [] : [("Authorization", token)], []), stop).ConfigureAwait(false);
        return answer is null ? new(null, $"the container's credentials: {why}") : Read(answer, "the container");
    }

    /// <summary>With why there are none in any case.</summary>
    public async Task<AwsFound> InstanceAsync(CancellationToken stop)
    {
        if (string.Equals(around.Get("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
            return new(null, "AWS_EC2_METADATA_DISABLED is true");
        if (Place(around.Get("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254") is not { } place)
            return new(null, "AWS_EC2_METADATA_SERVICE_ENDPOINT is neither https nor on this machine");
        using var instance = new AwsService(place, Instance, AwsService.MostOfCredentials, time);
        var (answer, why) = await instance.SendAsync(new("PUT", "/latest/api/token", [], [("X-aws-ec2-metadata-token-ttl-seconds", "300")], []), stop).ConfigureAwait(false);
        if (answer is not { IsOk: true })
            return Not(answer, why);
        (string, string)[] token = [("X-aws-ec2-metadata-token", Encoding.ASCII.GetString(answer.Body).Trim())];
        (answer, why) = await instance.SendAsync(new("GET", Roles, [], token, []), stop).ConfigureAwait(false);
        if (answer is not { IsOk: true })
            return Not(answer, why);
        var role = Encoding.UTF8.GetString(answer.Body).Split('\n')[0].Trim();
        (answer, why) = await instance.SendAsync(new("GET", Roles + role, [], token, []), stop).ConfigureAwait(false);
        return answer is null ? Not(answer, why) : Read(answer, $"the role {OutputTail.Printable(role)} of this instance");

        static AwsFound Not(AwsAnswer? answer, string why) => new(null, answer is null ? why : string.Create(CultureInfo.InvariantCulture, $"its metadata service answered with status {answer.Status}"));
    }

    /// <summary>Scheme, host and port. Null: neither https, nor this machine, nor link-local, where nothing is on the way.</summary>
    internal static Uri? Place(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (IsNear(uri.Host) || ContainerHosts.Contains(uri.Host)))) ? new Uri(uri.GetLeftPart(UriPartial.Authority)) : null;

    internal static JsonDocument? Json(byte[] text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string? Text(JsonDocument? json, string name) => json?.RootElement is { ValueKind: JsonValueKind.Object } root ? Text(root, name) : null;

    internal static AwsFound Of(JsonElement json, string id, string secret, string token, DateTimeOffset? until, string from) =>
        Text(json, id) is { } key && Text(json, secret) is { } value ? new(new(key, value, Text(json, token), until, from)) : new(null, $"{from}: what was answered has no credentials in it");

    static bool IsNear(string host) => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? IPAddress.IsLoopback(address) || address.ToString() == "169.254.169.254" || address.ToString() == "fd00:ec2::254" : host == "localhost";

    static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a pair of surrogates: JSON can say it, and it is no text.
            return null;
        }
    }

    static AwsFound Read(AwsAnswer answer, string from)
    {
        using var json = Json(answer.Body);
        if (!answer.IsOk || json?.RootElement is not { ValueKind: JsonValueKind.Object } root)
            return new(null, string.Create(CultureInfo.InvariantCulture, $"{from}: status {answer.Status}{(answer.IsOk ? ", and no JSON" : "")}"));
        DateTimeOffset? until = DateTimeOffset.TryParse(Text(root, "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) ? end : null;
        return Of(root, "AccessKeyId", "SecretAccessKey", "Token", until, from);
    }
}
