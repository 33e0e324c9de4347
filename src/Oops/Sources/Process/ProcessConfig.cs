using System.ComponentModel;
using Oops.Config;
using Oops.Engine;

namespace Oops.Sources.Process;

/// <summary>One server's main process.</summary>
internal sealed record ProcessConfig : ISourceConfig, IValidate
{
    [Description("The server. Its pidfile and control socket are taken from there.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The server's executable, a name (knotd) or an absolute path; several if it has several names. Default: the usual one of the server's kind; kind other has none.")]
    [NotEmpty]
    public IReadOnlyList<string>? Executable { get; set; }

    [Description("Texts that must all be among the process's arguments: tells instances of one executable apart where there is no pidfile.")]
    [NotEmpty]
    public IReadOnlyList<string>? Arguments { get; set; }

    [Description("How often the pidfile is read and the process looked for when nothing happens; changes are seen at once.")]
    [Bounds("100ms", "1h")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(5);

    [Description("Over how long a server that answers no probe must use no CPU to be hung and not busy. One that is stopped is known to be hung without that; it is measured only while a probe is not answered.")]
    [Bounds("1s", "1m")]
    public TimeSpan CpuWindow { get; set; } = TimeSpan.FromSeconds(5);

    public ISource Create(OopsConfig config)
    {
        var server = config.Servers[Server];
        return new ProcessSource(new ProcessTarget
        {
            Server = Server,
            Pidfile = server.Pidfile,
            Control = server.Control,
            Executables = Executable ?? Usual(server.Kind),
            Arguments = Arguments ?? [],
            Recheck = Recheck,
            CpuWindow = CpuWindow,
        });
    }

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        var server = config.Servers[Server];
        if (Executable is null && Usual(server.Kind).Count == 0)
            errors.Add(path, $"the kind of '{Server}' has no usual executable; add executable: NAME");
        if (server.Pidfile is null && Arguments is null)
            errors.Warn(path, $"'{Server}' has no pidfile: it is looked for by its executable every {Recheck.TotalSeconds:0.###} s, and two of them are one too many; add pidfile to the server, or arguments here");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        for (var i = 0; i < (Executable?.Count ?? 0); i++)
            if (Executable![i].Length == 0 || (Executable[i][0] != '/' && Executable[i].Contains('/', StringComparison.Ordinal)))
                errors.Add($"{path}.executable[{i}]", $"{ConfigErrors.Show(Executable[i])} is neither a name nor an absolute path; write knotd or /usr/sbin/knotd");
    }

    static IReadOnlyList<string> Usual(ServerKind kind) => kind switch
    {
        ServerKind.Knot => ["knotd"],
        ServerKind.Nsd => ["nsd"],
        ServerKind.Bind => ["named"],
        ServerKind.Unbound => ["unbound"],
        ServerKind.Powerdns => ["pdns_server"],
        ServerKind.Recursor => ["pdns_recursor"],
        ServerKind.Dnsdist => ["dnsdist"],
        ServerKind.Kresd => ["kresd"],
        _ => [],
    };
}
