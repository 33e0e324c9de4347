using System.ComponentModel;
using System.Net;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;

namespace Oops.Actions.Webhook;

/// <summary>How an event stands in a request (CloudEvents HTTP binding 1.0.2, 3).</summary>
internal enum WebhookMode
{
    /// <summary>All of it is the body.</summary>
    Structured,

    /// <summary>The data are the body, and what it is stands in headers.</summary>
    Binary,
}

/// <summary>HTTP POST of what happened.</summary>
[OneOf("url", "url-file")]
internal sealed record WebhookConfig : IActionConfig, IValidate
{
    const string Before = "dns.oops";

    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("Where to: https://... or http://... Its query is never shown. Neither user nor password: they go into headers.")]
    public string? Url { get; set; }

    [Description("Absolute path of a file that holds the URL and nothing else, where its path is a secret (chats have such). Others must not be able to read it. Read anew for each request; only the host is ever shown.")]
    [Path]
    public string? UrlFile { get; set; }

    [Description("How the event stands in the request. structured: all of it is the body, as application/cloudevents+json. binary: its data are the body, as application/json, and the rest are ce- headers; for receivers that know no CloudEvents.")]
    public WebhookMode Mode { get; set; } = WebhookMode.Structured;

    [Description("More headers of the request.")]
    public IReadOnlyList<WebhookHeaderConfig> Headers { get; set; } = [];

    [Description("Signs each request as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature). Default: it is not signed.")]
    public WebhookSignatureConfig? Signature { get; set; }

    [Description("With https: how the receiver proves who it is, and we. Default: it has a certificate for the URL's host, of an authority that the system trusts.")]
    public WebhookTlsConfig? Tls { get; set; }

    [Description("The source of the events, a URI. Default: oops://SITE.")]
    public string? Source { get; set; }

    [Description("What the types of the events begin with: dns.oops.keys-changed.")]
    public string TypePrefix { get; set; } = Before;

    [Description("How long a request may take, from the connection to the end of the answer.")]
    [Bounds("100ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How many requests at once, each of another zone or server.")]
    [Bounds("1", "64")]
    public int Concurrency { get; set; } = 4;

    bool IActionConfig.CarriesRoutes => false;

    public IAction Create(OopsConfig config) =>
        new WebhookAction(this, new CloudEvents(new ReactionFields(Name, config), Source ?? $"oops://{Uri.EscapeDataString(ReactionFields.SiteOf(config))}", TypePrefix));

    public string DependsOn(OopsConfig config) => ReactionFields.DependsOn(config);

    public void Validate(ConfigErrors errors, string path)
    {
        if (Url is { } text)
        {
            if (!TryUrl(text, out var url, out var why))
                errors.Add($"{path}.url", why);
            else if (url.Scheme == Uri.UriSchemeHttp && !IsLocal(url))
                errors.Warn($"{path}.url", "over plain HTTP whoever is between reads it, and may answer in the receiver's name; write https");
            if (url is { Scheme: "http" } && Tls is not null)
                errors.Add($"{path}.tls", "there is no TLS with http; write https, or remove this");
        }

        if (Source is { } source && (source.Length > 200 || source.Any(static c => c is <= ' ' or > '~') || !Uri.IsWellFormedUriString(source, UriKind.RelativeOrAbsolute)))
            errors.Add($"{path}.source", $"{ConfigErrors.Show(source)} is no URI; write one such as oops://ams1");
        if (TypePrefix.Length > 100 || TypePrefix.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')))
            errors.Add($"{path}.type-prefix", $"{ConfigErrors.Show(TypePrefix)} is no prefix of types; write letters, digits, dots and hyphens, such as net.example.dns");
        foreach (var (header, i) in Headers.Select(static (h, i) => (h, i)))
            header.Check(errors, $"{path}.headers[{i}]", Signature);
        Tls?.Check(errors, $"{path}.tls");
        Signature?.Check(errors, $"{path}.signature");
    }

    /// <summary>A URL that can be posted to. What is wrong is said without any of it: it may be a secret.</summary>
    internal static bool TryUrl(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? url, out string why)
    {
        why = "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.Host.Length == 0)
            why = "is no URL of https or http; write https://host/path";
        else if (url.UserInfo.Length > 0)
            why = "has a user in it; write the URL without, and headers: [ { name: Authorization, value: 'Basic ', file: /path } ]";
        else if (url.Fragment.Length > 0)
            why = "has a fragment (#), which is never sent; remove it";
        if (why.Length > 0)
            url = null;
        return url is not null;
    }

    static bool IsLocal(Uri url) => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) ? IPAddress.IsLoopback(address) : url.Host == "localhost";
}

/// <summary>One more header of a request.</summary>
internal sealed record WebhookHeaderConfig
{
    static readonly string[] Ours = ["host", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer", "accept"];

    [Description("Its name.")]
    public required string Name { get; set; }

    [Description("What it says; with file, what stands before the secret: 'Bearer '.")]
    public string? Value { get; set; }

    [Description("Absolute path of a file that holds a secret and nothing else, such as a token. Others must not be able to read it. Read anew for each request.")]
    [Path]
    public string? File { get; set; }

    internal void Check(ConfigErrors errors, string path, WebhookSignatureConfig? signature)
    {
        if (Name.Length > 100 || Name.Any(static c => !(char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))))
            errors.Add($"{path}.name", $"{ConfigErrors.Show(Name)} is no name of a header (RFC 9110, 5.1)");
        else if (Ours.Contains(Name, StringComparer.OrdinalIgnoreCase) || Name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase) || signature?.Has(Name) == true)
            errors.Add($"{path}.name", $"{Name} is written by oops; remove it");
        if (Value is null && File is null)
            errors.Add(path, "what does it say? Write value, or file");
        if (Value is { } value && (value.Length > 1000 || value.Any(static c => c is < ' ' or > '~')))
            errors.Add($"{path}.value", "only printable ASCII can stand in a header");
    }
}

/// <summary>How requests are signed.</summary>
internal sealed record WebhookSignatureConfig
{
    [Description("Absolute path of a file that holds a secret in base64, 24 to 64 octets of it, with or without whsec_ before it; or a list of them, while one takes the place of another: each signs. Others must not be able to read it. Read anew for each request.")]
    [Path]
    [NotEmpty]
    [MayBeOne]
    public required IReadOnlyList<string> Key { get; set; }

    [Description("What the names of the three headers begin with: webhook-id, webhook-timestamp, webhook-signature.")]
    public string Header { get; set; } = "webhook";

    internal bool Has(string name) => name.StartsWith(Header + "-", StringComparison.OrdinalIgnoreCase);

    internal void Check(ConfigErrors errors, string path)
    {
        if (Header.Length > 50 || Header.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c == '-')) || Header.StartsWith('-') || Header.EndsWith('-'))
            errors.Add($"{path}.header", $"{ConfigErrors.Show(Header)} begins no name of a header; write letters, digits and hyphens, such as svix");
    }
}

/// <summary>TLS to a receiver.</summary>
internal sealed record WebhookTlsConfig
{
    [Description("Absolute path of the authorities that vouch for its name, in PEM. Default: those that the system trusts.")]
    [Path]
    public string? Ca { get; set; }

    [Description("Its certificate has one of these public keys: their SHA-256 in base64. Alone they are enough, and then neither names nor dates nor authorities count; with ca both must hold.")]
    [NotEmpty]
    public IReadOnlyList<TlsPin>? Pins { get; set; }

    [Description("Absolute path of our certificate, in PEM, for a receiver that asks for one.")]
    [Path]
    public string? Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM.")]
    [Path]
    public string? Key { get; set; }

    internal void Check(ConfigErrors errors, string path)
    {
        if (Certificate is null != Key is null)
            errors.Add(path, "a certificate of ours and its key go together; write both, or neither");
    }

    /// <summary>What a receiver of that name must prove.</summary>
    internal static TlsProof ProofOf(WebhookTlsConfig? config, string host) => new()
    {
        Inside = TlsInside.Http,
        Name = config is { Pins: not null, Ca: null } ? null : host,
        Ca = config?.Ca,
        Pins = config?.Pins ?? [],
        Certificate = config?.Certificate,
        Key = config?.Key,
    };
}
