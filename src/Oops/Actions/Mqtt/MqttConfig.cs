using System.ComponentModel;
using System.Net;
using Oops.Bus;
using Oops.Config;
using Oops.Engine;

namespace Oops.Actions.Mqtt;

/// <summary>How a signal is written.</summary>
internal enum MqttFormat
{
    Json,
    Cbor,
}

/// <summary>All that is believed, to an MQTT broker.</summary>
internal sealed record MqttConfig : IActionConfig, IValidate
{
    const int TlsPort = 8883, PlainPort = 1883;

    internal const string Five = "5", Three = "3.1.1";

    [Description("What rules call it (run: NAME).")]
    [Declares(Named.Action)]
    public required string Name { get; set; }

    [Description("The broker: an IP address or a host's name, which the system's resolver looks up: where that is what fails, an address does not.")]
    public required string Broker { get; set; }

    [Description("Its port. Default: 8883 with tls, 1883 without.")]
    [Bounds("1", "65535")]
    public int? Port { get; set; }

    [Description("TLS 1.2 or 1.3; {} alone: the broker has a certificate for that name of an authority that the system trusts.")]
    public MqttTlsConfig? Tls { get; set; }

    [Description("True: a broker on another host without TLS. Whoever is between reads and forges all of it; status and metrics go on showing it.")]
    public bool Insecure { get; set; }

    [Description("The user at the broker.")]
    public string? User { get; set; }

    [Description("Absolute path of a file that holds the user's password and nothing else. Others must not be able to read it. Read anew for each connection.")]
    [Path]
    public string? Password { get; set; }

    [Description("The version of MQTT: 5, or 3.1.1 for brokers that know no other, such as NATS (from 2.10 on), and RabbitMQ before 3.13. There, signals have neither user properties nor an expiry at the broker.")]
    public string Version { get; set; } = Five;

    [Description("What we are called in topics and payloads. Default: the host's name.")]
    public string? Node { get; set; }

    [Description("By which the broker knows us; it ends the connection of another one with the same. Default: oops-NODE-NAME and eight characters that differ with site, node and host name.")]
    public string? ClientId { get; set; }

    [Description("json or cbor: how a signal is written (docs/spec/signal.md).")]
    public MqttFormat Format { get; set; }

    [Description("How many zones, for each condition and server, have a topic of their own while they are not well. The sum over all zones is always published; other zones where a rule runs this action.")]
    [Bounds("0", "1000")]
    public int Exceptions { get; set; } = 20;

    [Description("How often what did not change is said again. A state that is not said again for three times as long counts no more, and the broker forgets it.")]
    [Bounds("1s", "1d")]
    public TimeSpan Republish { get; set; } = TimeSpan.FromHours(1);

    [Description("How long a connection may take, and an answer to a signal for which a rule runs this.")]
    [Bounds("100ms", "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("When nothing is said for so long, each side asks whether the other is there. The broker takes us for lost after one and a half times as long.")]
    [Bounds("5s", "1h")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    bool IActionConfig.CarriesRoutes => false;

    internal bool IsFive => Version == Five;

    internal int BrokerPort => Port ?? (Tls is null ? PlainPort : TlsPort);

    /// <summary>As it is named in messages.</summary>
    internal string Place => $"mqtt broker {Broker}@{BrokerPort}";

    bool IsLocal => IPAddress.TryParse(Broker, out var address) ? IPAddress.IsLoopback(address) : Broker == "localhost";

    public IAction Create(OopsConfig config)
    {
        var site = config.Site ?? Environment.MachineName;
        return new MqttAction(this, site, Node ?? Environment.MachineName, condition => BusWords.ParameterOf(config, condition), condition => BusWords.KindOf(config, condition));
    }

    /// <summary>Two with the same topics would take each other's words for those of another life.</summary>
    internal static void Validate(IReadOnlyList<MqttConfig> all, ConfigErrors errors, string path)
    {
        foreach (var same in all.GroupBy(static m => (m.Broker, m.BrokerPort, m.Node)).Where(static g => g.Count() > 1))
            errors.Add(path, $"{string.Join(" and ", same.Select(static m => ConfigErrors.Show(m.Name)))} write the same topics at the same broker; remove one, or write another node");
    }

    public string DependsOn(OopsConfig config) => BusWords.All(config);

    public void Validate(ConfigErrors errors, string path)
    {
        if (Broker.Length is 0 or > 253 || Broker.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '_')))
            errors.Add($"{path}.broker", $"{ConfigErrors.Show(Broker)} is neither an address nor a host's name; write the port as port");
        else if (Tls is null && !IsLocal && !Insecure)
            errors.Add(path, "to another host without TLS whoever is between reads and forges it; write tls: {}, or insecure: true");
        else if (Tls is null && !IsLocal)
            errors.Warn($"{path}.insecure", "without TLS whoever is between reads it all, and may say what it likes of your servers; write tls: {}");
        if (Insecure && (Tls is not null || IsLocal))
            errors.Add($"{path}.insecure", "nothing is insecure with TLS or on this host; remove it");
        if (Version is not (Five or Three))
            errors.Add($"{path}.version", $"{ConfigErrors.Show(Version)} is no version of MQTT that is spoken here; write 5 or 3.1.1");
        if (Password is not null && User is null)
            errors.Add($"{path}.password", "whose is it? Write user, too");
        foreach (var (key, text) in new[] { ("user", User), ("node", Node), ("client-id", ClientId) })
        {
            if (text is not null && (text.Length is 0 or > 255 || text.Any(char.IsControl)))
                errors.Add($"{path}.{key}", $"{ConfigErrors.Show(text)} is empty, too long, or has control characters in it");
        }

        if (Tls is { Certificate: null } != Tls is { Key: null })
            errors.Add($"{path}.tls", "a certificate of ours and its key go together; write both, or none");
    }
}

/// <summary>How the broker proves who it is, and we.</summary>
internal sealed record MqttTlsConfig
{
    [Description("Absolute path of the authorities that vouch for the broker, in PEM. Default: those that the system trusts (/etc/ssl/certs).")]
    [Path]
    public string? Ca { get; set; }

    [Description("Absolute path of our certificate, in PEM, for a broker that asks for one.")]
    [Path]
    public string? Certificate { get; set; }

    [Description("Absolute path of its private key, in PEM, without a password.")]
    [Path]
    public string? Key { get; set; }
}
