using Oops.Lab.Harness;

namespace Oops.Bench.Routers;

/// <summary>Those that are measured side by side: the daemon with each router, and the checkers that others use, as they come and with their shortest settings.</summary>
internal static class Subjects
{
    /// <summary>The check of both tools: one question, one second's patience. dig also prints failures, and begins them otherwise.</summary>
    const string Check = $"dig +short +time=1 +tries=1 @{Oops.Lab.Harness.Lab.Anycast4} one.test SOA | grep -q ^ns";

    public const string Healthcheck = "exabgp-healthcheck";
    public const string AnycastHealthchecker = "anycast-healthchecker";

    /// <param name="kinds">Routers of the daemon; when all are measured, so are the checkers.</param>
    public static async Task<IReadOnlyList<Subject>> OfAsync(IReadOnlyList<string> kinds)
    {
        var all = kinds == LocalRouter.Kinds;
        List<Subject> subjects = [.. LocalRouter.Kinds.Where(kinds.Contains).Select(k => new Subject(k, rig => DaemonAsync(k, rig)))];
        if (all || kinds.Contains(Healthcheck))
        {
            if (Oops.Lab.Harness.Lab.Missing("exabgp", "exabgpcli", "dig") is { } missing) await SkipAsync(Healthcheck, missing);
            else
            {
                subjects.Add(new(Healthcheck, rig => HealthcheckAsync(""), WarmUps: 0, Phase: 5000));
                subjects.Add(new(Healthcheck + "-fastest", rig => HealthcheckAsync("--interval 0.1 --fast-interval 0.1 --rise 1 --fall 1"), WarmUps: 0));
            }
        }

        if (all || kinds.Contains(AnycastHealthchecker))
        {
            if (Environment.GetEnvironmentVariable("AHC") is not { Length: > 0 } program) await SkipAsync(AnycastHealthchecker, "AHC= does not name one (Debian 12 has no such package)");
            else if (!File.Exists(program) || Oops.Lab.Harness.Lab.Missing("birdc", "dig") is not null) await SkipAsync(AnycastHealthchecker, $"{program}, birdc or dig is not there");
            else
            {
                subjects.Add(new(AnycastHealthchecker, rig => AnycastHealthcheckerAsync(program, "10", 2), WarmUps: 0, Phase: 10000));
                subjects.Add(new(AnycastHealthchecker + "-fastest", rig => AnycastHealthcheckerAsync(program, "0.1", 1), WarmUps: 0));
            }
        }

        return subjects;
    }

    public static async Task<Running> DaemonAsync(string kind, BenchRig rig, string? routes = null, string more = "")
    {
        var router = new LocalRouter(kind);
        var action = await router.StartAsync(more);
        var oops = new OopsDaemon();
        await oops.StartAsync(rig.Config(action, routes ?? BenchRig.Route("anycast4", [Oops.Lab.Harness.Lab.Prefix4])));
        return new(router, oops);
    }

    static Task SkipAsync(string name, string why) => Console.Error.WriteLineAsync($"skipped: kill-to-withdraw/{name}: {why}");

    /// <summary>ExaBGP's own checker, which it runs itself. Told to withdraw, which by default it only does by a worse metric; the lab has no syslog, and the address is there.</summary>
    static async Task<Running> HealthcheckAsync(string settings)
    {
        var line = (await File.ReadAllLinesAsync(Oops.Lab.Harness.Lab.Find("exabgp")!))[0];
        var python = line.StartsWith("#!", StringComparison.Ordinal) ? line[2..].Trim() : "/usr/bin/python3";
        var script = Path.Combine(Oops.Lab.Harness.Lab.FreshDirectory("healthcheck"), "check.sh");
        await File.WriteAllTextAsync(script, $"#!/bin/sh\nexec {python} -m exabgp healthcheck --no-syslog --no-ip-setup --withdraw-on-down --ip {Oops.Lab.Harness.Lab.Prefix4} {settings} --cmd '{Check}'\n");
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        var exabgp = new Exabgp { Before = $"process watch {{ run {script}; encoder text; }}", Extra = "api { processes [ watch ]; }" };
        await exabgp.StartAsync();
        return new(exabgp);
    }

    /// <summary>It writes a constant of BIRD's, and has it read by birdc.</summary>
    static async Task<Running> AnycastHealthcheckerAsync(string program, string interval, int times)
    {
        var directory = Oops.Lab.Harness.Lab.FreshDirectory("ahc");
        var (constant, config) = (Path.Combine(directory, "prefixes.conf"), Path.Combine(directory, "ahc.conf"));
        await File.WriteAllTextAsync(constant, "define ACAST_PS_ADVERTISE = [ 10.189.200.255/32 ];\n");
        var bird = new Bird
        {
            Extra = $"include \"{constant}\";\nprotocol static other_ahc {{ ipv4 {{ import filter {{ if net ~ ACAST_PS_ADVERTISE then accept; reject; }}; }}; route {Oops.Lab.Harness.Lab.Prefix4} blackhole; }}",
        };
        await bird.StartAsync();
        await File.WriteAllTextAsync(config, $"""
            [DEFAULT]
            interface = lo
            [daemon]
            pidfile = {directory}/ahc.pid
            ipv4 = true
            ipv6 = false
            bird_conf = {constant}
            bird_variable = ACAST_PS_ADVERTISE
            bird_reconfigure_cmd = {Oops.Lab.Harness.Lab.Find("birdc")} -s {bird.Socket} configure
            dummy_ip_prefix = 10.189.200.255/32
            bird_keep_changes = false
            purge_ip_prefixes = false
            loglevel = info
            [anycast4]
            check_cmd = sh -c "{Check}"
            check_interval = {interval}
            check_timeout = 2
            check_rise = {times}
            check_fail = {times}
            check_disabled = false
            on_disabled = withdraw
            ip_prefix = {Oops.Lab.Harness.Lab.Prefix4}

            """);
        return new(bird, LabProcess.Start(Path.Combine(directory, "ahc.log"), program, "-f", config, "-d", Directory.CreateDirectory(Path.Combine(directory, "more")).FullName));
    }
}
