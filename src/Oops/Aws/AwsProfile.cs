using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Oops.Native;

namespace Oops.Aws;

/// <summary>A profile of the shared files: its keys, or its login by IAM Identity Center (`aws sso login`), whose token the AWS command line keeps.</summary>
internal sealed class AwsProfile(string? profile, string? file, AwsSurroundings around, TimeSpan silence, TimeProvider time)
{
    readonly string name = profile ?? around.Get("AWS_PROFILE") ?? "default";

    public async Task<AwsFound> FindAsync(CancellationToken stop)
    {
        List<string> errors = [];
        var credentials = file ?? around.Get("AWS_SHARED_CREDENTIALS_FILE") ?? around.Below("credentials");
        var config = file is null || profile is not null ? around.Get("AWS_CONFIG_FILE") ?? around.Below("config") : null;
        var (there, rest) = (AwsSurroundings.Sections(credentials, errors, isSecret: file is not null), AwsSurroundings.Sections(config, errors));
        if (errors.Count > 0)
            return new(null, errors[0]);
        var (own, more) = (there.GetValueOrDefault(name), rest.GetValueOrDefault(name));
        if (own is null && more is null)
            return name == "default" && profile is null && file is null ? default : new(null, $"there is no profile {Shown} in {credentials ?? "~/.aws/credentials"}{(config is null ? "" : $" or {config}")}");
        foreach (var (key, what) in new[] { ("role_arn", "assumes a role"), ("credential_process", "has a program run") })
        {
            if (own?.ContainsKey(key) == true || more?.ContainsKey(key) == true)
                return new(null, $"the profile {Shown} {what} ({key}), which is not supported here; write keys, or let the instance or container have the role");
        }

        var sso = more is null ? default : await SsoAsync(more, rest, stop).ConfigureAwait(false);
        if (!sso.IsNothing)
            return sso;
        if (Keys(own, credentials) is { IsNothing: false } found)
            return found;
        var keys = Keys(more, config);
        // Who wrote which keys are meant does not mean those of the machine.
        return keys.IsNothing && (profile is not null || file is not null) ? new(null, $"the profile {Shown} of {(own is null ? config : credentials)} has no keys; write aws_access_key_id and aws_secret_access_key, or for the role of the container or instance neither profile nor credentials") : keys;
    }

    string Shown => OutputTail.Printable(name);

    AwsFound Keys(IReadOnlyDictionary<string, string>? section, string? path)
    {
        var (id, secret) = (section?.GetValueOrDefault("aws_access_key_id"), section?.GetValueOrDefault("aws_secret_access_key"));
        if (id is { Length: > 0 } && secret is { Length: > 0 })
            return new(new(id, secret, section!.GetValueOrDefault("aws_session_token"), null, $"the profile {Shown} of {path}"));
        return id is null && secret is null ? default : new(null, $"the profile {Shown} of {path} has only one of aws_access_key_id and aws_secret_access_key");
    }

    async Task<AwsFound> SsoAsync(IReadOnlyDictionary<string, string> own, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> all, CancellationToken stop)
    {
        if (own.GetValueOrDefault("sso_account_id") is not { } account || own.GetValueOrDefault("sso_role_name") is not { } role)
            return default;
        var session = own.GetValueOrDefault("sso_session");
        var from = session is null ? own : all.GetValueOrDefault($"sso-session {session}");
        if ((session ?? own.GetValueOrDefault("sso_start_url")) is not { } key || from?.GetValueOrDefault("sso_region") is not { } region || !region.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return new(null, $"the profile {Shown} logs in by sso, and its session or sso_region is not there");
        var login = $"log in: aws sso login --profile {Shown}";
#pragma warning disable CA5350 // The name of the file is as the AWS command line makes it.
        var path = around.Below(Path.Combine("sso", "cache", Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key))) + ".json"));
#pragma warning restore CA5350
        if (path is null || !File.Exists(path))
            return new(null, $"the profile {Shown} has no login; {login}");
        List<string> errors = [];
        using var kept = AwsRemoteCredentials.Json(Encoding.UTF8.GetBytes(AwsSurroundings.Read(path, errors)));
        if (errors.Count > 0)
            return new(null, errors[0]);
        if (AwsRemoteCredentials.Text(kept, "accessToken") is not { } token || !DateTimeOffset.TryParse(AwsRemoteCredentials.Text(kept, "expiresAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until) || until <= time.GetUtcNow())
            return new(null, $"the login of the profile {Shown} has ended; {login}");
        var place = AwsRemoteCredentials.Place(around.Get("AWS_ENDPOINT_URL_SSO") ?? $"https://portal.sso.{region}.amazonaws.com");
        if (place is null)
            return new(null, "AWS_ENDPOINT_URL_SSO is no https URL");
        using var portal = new AwsService(place, silence, AwsService.MostOfCredentials, time);
        var (answer, why) = await portal.SendAsync(new("GET", "/federation/credentials", [("role_name", role), ("account_id", account)], [("x-amz-sso_bearer_token", token)], []), stop).ConfigureAwait(false);
        if (answer is null)
            return new(null, $"the role of the profile {Shown}: {why}");
        using var json = AwsRemoteCredentials.Json(answer.Body);
        if (!answer.IsOk || json?.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("roleCredentials", out var found) || found.ValueKind != JsonValueKind.Object)
            return new(null, string.Create(CultureInfo.InvariantCulture, $"the role of the profile {Shown} was not given (status {answer.Status}); {login}"));
        var end = found.TryGetProperty("expiration", out var at) && at.ValueKind == JsonValueKind.Number && at.TryGetInt64(out var milliseconds) && milliseconds is > 0 and < 253402300800000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : (DateTimeOffset?)null;
        return AwsRemoteCredentials.Of(found, "accessKeyId", "secretAccessKey", "sessionToken", end, $"the login of the profile {Shown}");
    }
}
