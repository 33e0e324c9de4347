using System.Collections.Immutable;
using System.Net;
using Oops.Config;
using Oops.Doctor;
using Oops.Doctor.Reading;

namespace Oops.Tests.Doctor;

/// <summary>A machine that is only said to be so: one server or router with its configuration.</summary>
internal sealed class Clinic
{
    public MemoryFiles Files { get; } = [];

    /// <summary>Our config.</summary>
    public string? Own { get; set; }

    public string? Version { get; set; }

    public string[] Arguments { get; set; } = [];

    public string? Unit { get; set; }

    public bool HasBus { get; set; } = true;

    public bool HasSystemd { get; set; }

    public string[] Listens { get; set; } = ["127.0.0.1"];

    public string[] Anycast { get; set; } = [];

    /// <summary>Paths that are there.</summary>
    public HashSet<string> There { get; } = [];

    /// <summary>What is true of every control socket.</summary>
    public Access Oops { get; set; } = Access.Allowed;

    public bool Everybody { get; set; }

    public HashSet<string> Readable { get; } = [];

    public Surroundings Around() => new()
    {
        User = "anna",
        IsRoot = false,
        HasOopsUser = true,
        HasBus = HasBus,
        HasSystemd = HasSystemd,
        Anycast = [.. Anycast.Select(IPAddress.Parse)],
        OwnPath = "/etc/oops/oops.yaml",
        Own = Own is null ? null : Check(Own),
        Socket = p => new SocketLook(p, Access.Allowed, Oops, "dns", Everybody),
        Exists = p => There.Contains(p),
        Readable = p => Readable.Contains(p),
    };

    public Found Found(string word)
    {
        var software = Software.All.Single(s => s.Word == word);
        var reading = ConfigReading.Read(software.Format, software.Configs.Where(Files.ContainsKey).DefaultIfEmpty(software.Configs[0]), Files);
        return new Found
        {
            Software = software,
            Subject = software.Subject,
            Pid = 17,
            Version = Version,
            Arguments = [software.Executables[0], .. Arguments],
            ConfigPath = software.Configs[0],
            Unit = Unit,
            Config = reading.Files.Count > 0 ? reading : null,
            Listens = [.. Listens.Select(IPAddress.Parse).Select(a => new IPEndPoint(a, 53))],
            Executable = "/usr/sbin/" + software.Executables[0],
        };
    }

    public Chart Examine(string word) => ExamTable.Examine(Found(word), Around());

    public Chart Examine(string word, string config)
    {
        Files[Software.All.Single(s => s.Word == word).Configs[0]] = config;
        return Examine(word);
    }

    public static Checked Check(string yaml)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", yaml));
        if (loaded.Draft is not { } config) return new(null, null, null, loaded.Errors);
        var wiring = Wiring.Of(loaded, config);
        var policy = PolicyCompiler.Compile(config, wiring, loaded.Errors, loaded.Hash);
        return policy is null ? new(null, null, null, loaded.Errors) : new(config, wiring, policy, loaded.Errors);
    }

    public static ImmutableArray<string> Ids(Chart chart) => [.. chart.Findings.Select(f => f.Id)];
}
