using System.Text.Json;
using Oops.Lab.Harness;

namespace Oops.Lab.Syslog;

/// <summary>An rsyslogd on the node that takes messages over UDP, TCP and TLS, and keeps each as it understood it.</summary>
internal sealed class Rsyslogd : IAsyncDisposable
{
    public const int Port = 5514, TlsPort = 6514;

    static readonly string[] Properties = ["hostname", "app-name", "procid", "msgid", "structured-data", "msg", "syslogfacility-text", "syslogseverity-text"];

    readonly string directory = Harness.Lab.FreshDirectory("rsyslog");
    LabProcess? process;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    /// <summary>Of the receiver, by itself signed; its name is log.test.</summary>
    public string Certificate => Path.Combine(directory, "log.pem");

    string Got => Path.Combine(directory, "got");

    /// <summary>The messages as rsyslogd parsed them.</summary>
    public IReadOnlyList<JsonElement> Messages => !File.Exists(Got) ? [] : [.. File.ReadAllText(Got).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonDocument.Parse(l).RootElement)];

    public async Task StartAsync()
    {
        string key = Path.Combine(directory, "log.key"), config = Path.Combine(directory, "rsyslog.conf");
        if (!File.Exists(key))
            await OopsDaemon.DoProgramAsync("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "36500", "-subj", "/CN=log.test", "-addext", "subjectAltName=DNS:log.test", "-keyout", key, "-out", Certificate);
        await File.WriteAllTextAsync(config, $$"""
            global(workDirectory="{{directory}}" defaultNetstreamDriverCAFile="{{Certificate}}" defaultNetstreamDriverCertFile="{{Certificate}}" defaultNetstreamDriverKeyFile="{{key}}")
            module(load="imudp")
            module(load="imptcp")
            module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
            template(name="all" type="list" option.jsonf="on") { {{string.Concat(Properties.Select(static p => $"""property(outname="{p}" name="{p}" format="jsonf") """))}} }
            ruleset(name="keep") { action(type="omfile" file="{{Got}}" template="all") }
            input(type="imudp" address="127.0.0.1" port="{{Port}}" ruleset="keep")
            input(type="imptcp" address="127.0.0.1" port="{{Port}}" ruleset="keep")
            input(type="imtcp" address="127.0.0.1" port="{{TlsPort}}" ruleset="keep")

            """);
        process = LabProcess.Start(Path.Combine(directory, "rsyslog.log"), Side.Node, null, "rsyslogd", "-n", "-f", config, "-i", Path.Combine(directory, "pid"));
        await Wait.UntilAsync("rsyslogd listens", () => Listens.At(new(System.Net.IPAddress.Loopback, Port)) && Listens.At(new(System.Net.IPAddress.Loopback, TlsPort)), state: () => Process.Tail());
    }

    public Task EndAsync() => Process.EndAsync();

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
