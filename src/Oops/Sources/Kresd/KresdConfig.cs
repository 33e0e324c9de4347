using System.ComponentModel;
using System.Text;
using Oops.Config;
using Oops.Engine;
using Oops.Servers;
using Endpoint = Oops.Config.Endpoint;

namespace Oops.Sources.Kresd;

/// <summary>One Knot Resolver on this host: its control sockets, or its module http.</summary>
internal sealed record KresdConfig : ISourceConfig, IValidate
{
    const string DefaultControl = "/run/knot-resolver/control/1";
    const int WebPort = 8453;
    const int LongestPath = 107;

    [Description("The server, by its name under servers; of kind kresd. Its control is the path of the control socket; absent, and where controls and web are absent too, /run/knot-resolver/control/1.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("Absolute paths of the control sockets where several instances (kresd@1, kresd@2) are one server: the rate is their sum, and it answers while one of them does. Default: the server's control.")]
    [NotEmpty]
    public IReadOnlyList<string>? Controls { get; set; }

    [Description("Where its module http listens (kind webmgmt): IP address, with a port if it is not 8453. Only where no control socket is configured; that one is better.")]
    public Endpoint? Web { get; set; }

    [Description("Absolute path of a PEM file: the module http is asked over TLS, and one of these certificates must have signed its own, or be it. Default: plain HTTP.")]
    [Path]
    public string? Ca { get; set; }

    [Description("Time between two looks. What was read is believed for three times as long.")]
    [Bounds("1s", "1h")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How long kresd may be silent while we wait for an answer.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    public ISource Create(OopsConfig config)
    {
        var control = config.Servers[Server].Control;
        IReadOnlyList<string> controls = Controls ?? (control is not null ? [control] : Web is null ? [DefaultControl] : []);
        return new KresdSource(new KresdOptions(Server, controls, Interval, Timeout)
        {
            Web = Web is { } web ? new HttpApiOptions("kresd", web.ToIPEndPoint(WebPort), Timeout) : null,
            Authority = Ca,
        });
    }

    public void Validate(ConfigErrors errors, string path)
    {
        if (Ca is not null && Web is null) errors.Add($"{path}.ca", "is for the module http; write web: ADDRESS");
        if (Controls is not null && Web is not null) errors.Add($"{path}.web", "is not asked where control sockets are; remove one of the two");
        var controls = Controls ?? [];
        for (var i = 0; i < controls.Count; i++)
        {
            if (!controls[i].StartsWith('/')) errors.Add($"{path}.controls[{i}]", $"{ConfigErrors.Show(controls[i])} is not an absolute path");
            if (controls.Take(i).Contains(controls[i])) errors.Add($"{path}.controls[{i}]", $"{controls[i]} is listed twice; remove one");
            if (Encoding.UTF8.GetByteCount(controls[i]) > LongestPath) errors.Add($"{path}.controls[{i}]", $"the path of a socket has at most {LongestPath} bytes");
        }
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        var server = config.Servers[Server];
        if (server.Kind != ServerKind.Kresd)
            errors.Add($"{path}.server", $"'{Server}' is of kind {server.Kind.ToString().ToLowerInvariant()}; this source asks servers of kind kresd");
        if (server.Control is not null && (Controls is not null || Web is not null))
            errors.Add($"{path}.{(Web is null ? "controls" : "web")}", $"the server {Server} has a control already; remove one of the two");
        if (server.Zones is not null)
            errors.Add($"servers.{Server}.zones", "a resolver serves no zones; remove it");
    }
}
