using System.Collections.Immutable;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net;
using Oops.Config;
using Oops.Control;
using Oops.DBus;
using Oops.Doctor.Reading;
using Oops.Native;
using Oops.Routers;

namespace Oops.Doctor;

/// <summary>
/// Looks at the local machine: reads, runs programs for their version, and nothing else. Each look has its own time; what did not answer in it is said.
/// </summary>
internal sealed class HostLook(string configPath)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    static readonly string[] Places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/lib/frr"];

    /// <summary>Everything that is found, examined.</summary>
    public async Task<(Surroundings Around, IReadOnlyList<Chart> Charts)> RunAsync(CancellationToken stop)
    {
        var around = await AroundAsync(stop).ConfigureAwait(false);
        var unseen = new List<string>(around.Unseen);
        var processes = await Bounded.LookAsync("the process table", ProcessScan.Read, Patience, stop).ConfigureAwait(false);
        if (processes.Value is null) unseen.Add(processes.Why);
        var seen = processes.Value ?? [];
        var found = await Task.WhenAll([.. Named(seen).Select(s => FindAsync(s.Software, s.Subject, s.Seen, stop))]).ConfigureAwait(false);
        var charts = new List<Chart>();
        foreach (var one in found.OfType<Found>())
        {
            var examined = await Bounded.LookAsync(one.Subject, _ => ExamTable.Examine(one, around), Patience, stop).ConfigureAwait(false);
            if (examined.Value is { } chart) charts.Add(chart);
            else unseen.Add(examined.Why);
        }

        return (around with { Unseen = [.. unseen] }, charts);
    }

    /// <summary>False only where there is no such file for sure.</summary>
    public static async Task<bool> IsThereAsync(string path, CancellationToken stop) =>
        (await Bounded.LookAsync(path, _ => Permissions.Exists(path) == false ? "missing" : "", Patience, stop).ConfigureAwait(false)).Value != "missing";

    // What runs, then what is only installed; each with its name.
    static IEnumerable<(Software Software, string Subject, Seen? Seen)> Named(List<Seen> seen)
    {
        foreach (var software in Software.All)
        {
            var running = seen.Where(s => s.Software == software).ToArray();
            for (var i = 0; i < running.Length; i++) yield return (software, i == 0 ? software.Subject : $"{software.Subject}-{i + 1}", running[i]);
            if (running.Length == 0) yield return (software, software.Subject, null);
        }
    }

    static async Task<Found?> FindAsync(Software software, string subject, Seen? seen, CancellationToken stop)
    {
        var installed = Places.SelectMany(p => software.Executables.Select(e => Path.Combine(p, e))).FirstOrDefault(p => Permissions.Exists(p) == true);
        if (seen is null && installed is null) return null;
        var unseen = ImmutableArray.CreateBuilder<string>();
        var elsewhere = seen is not null && (Proc.SharesOurFiles(seen.Pid) ?? Proc.ReadNamespacePids(seen.Pid).Length <= 1) == false;
        if (elsewhere) unseen.Add("it runs in a container: its configuration and its program's version are not looked at");
        if (seen is { Executable: null }) unseen.Add($"pid {seen.Pid} is another user's: which program it runs is taken from its name");
        var executable = seen?.Executable ?? installed;
        var found = new Found { Software = software, Subject = subject, Pid = seen?.Pid, Arguments = [.. seen?.Arguments ?? []], Elsewhere = elsewhere, Executable = executable };
        if (!elsewhere)
        {
            var version = await VersionLook.LookAsync(software, executable, stop).ConfigureAwait(false);
            if (version.Value is null) unseen.Add(version.Why);
            found = await ReadAsync(found with { Version = version.Value }, seen, unseen, stop).ConfigureAwait(false);
        }

        if (seen is not null) found = await SeeAsync(found, seen, unseen, stop).ConfigureAwait(false);
        return found with { Unseen = unseen.ToImmutable() };
    }

    static async Task<Found> ReadAsync(Found found, Seen? seen, ImmutableArray<string>.Builder unseen, CancellationToken stop)
    {
        var looked = await Bounded.LookAsync($"the configuration of {found.Software.Title}", _ => ConfigPlace.Of(found.Software, seen), Patience, stop).ConfigureAwait(false);
        var place = looked.Value ?? new ConfigPlace([], looked.Why);
        found = found with { ConfigPath = place.Paths.Length > 0 ? place.Paths[^1] : found.Software.Configs[0] };
        if (place.Paths.Length == 0)
        {
            unseen.Add(place.Why);
            return found;
        }

        var read = await Bounded.LookAsync(string.Join(", ", place.Paths), token => ConfigReading.Read(found.Software.Format, place.Paths, HostFiles.Instance, token), Patience, stop).ConfigureAwait(false);
        unseen.AddRange(read.Value?.Gaps ?? [read.Why]);
        return found with { Config = read.Value is { Files.Count: > 0 } reading ? reading : null };
    }

    static async Task<Found> SeeAsync(Found found, Seen seen, ImmutableArray<string>.Builder unseen, CancellationToken stop)
    {
        var cgroup = Proc.ReadCgroup(seen.Pid);
        var unit = cgroup?.Split('/').LastOrDefault(s => s.EndsWith(".service", StringComparison.Ordinal));
        found = found with { Unit = unit, Notifies = Proc.HasVariable(seen.Pid, "NOTIFY_SOCKET") };
        if (found.Software.IsRouter) return found;
        var listens = await Bounded.LookAsync($"the sockets of pid {seen.Pid}", _ => Listens(seen.Pid), Patience, stop).ConfigureAwait(false);
        if (listens.Value is not { } all)
        {
            unseen.Add(listens.Why.Length > 0 ? listens.Why : $"where pid {seen.Pid} listens is shown to root and to its own user only");
            return found;
        }

        return found with { Listens = [.. all] };
    }

    static List<IPEndPoint>? Listens(int pid)
    {
        var inodes = new HashSet<long>();
        foreach (var process in Proc.ReadTree(pid))
        {
            if (Proc.ReadSocketInodes(process.Pid) is not { } some)
            {
                if (process.Pid == pid) return null;
                continue;
            }

            inodes.UnionWith(some);
        }

        IEnumerable<BoundSocket> Table(string name, bool tcp) => Permissions.Exists($"/proc/{pid}/net/{name}") == true ? SocketTable.Parse(File.ReadLines($"/proc/{pid}/net/{name}"), tcp) : [];
        return [.. SocketTable.Dns(inodes, Table("tcp", true).Concat(Table("tcp6", true)), Table("udp", false).Concat(Table("udp6", false)))];
    }

    async Task<Surroundings> AroundAsync(CancellationToken stop)
    {
        var unseen = new List<string>();
        var oops = Permissions.Oops();
        if (oops is null) unseen.Add("there is no user oops here: whether it may use the control sockets is not known");
        var permissions = new Permissions(Asker.Own(), oops);
        var own = await Bounded.LookAsync(configPath, Own, Patience, stop).ConfigureAwait(false);
        if (own.Value is null && own.Why.Length > 0) unseen.Add(own.Why);
        else if (own.Value is null && Permissions.Exists(configPath) != false) unseen.Add($"cannot read {configPath}: {HostFiles.Instance.Read(configPath, 1).Why}");
        var strays = await Bounded.LookAsync("the ledgers of ours", _ => own.Value?.Config is { } config ? Strays.Wrong(config) : [], Patience, stop).ConfigureAwait(false);
        if (strays.Value is null) unseen.Add(strays.Why);
        if (Accounts.OwnUser != 0) unseen.Add("this is not root: of other users' processes the sockets and the environment are not shown, and files that only they may read are not read");
        return new Surroundings
        {
            User = Accounts.NameOf(Accounts.OwnUser) ?? Accounts.OwnUser.ToString(CultureInfo.InvariantCulture),
            IsRoot = Accounts.OwnUser == 0,
            HasOopsUser = oops is not null,
            HasBus = DBusAddress.SystemBus.Split('=') is [_, var bus] && Permissions.Exists(bus) == true,
            HasSystemd = Permissions.Exists("/run/systemd/system") == true,
            Anycast = Anycast(),
            Own = own.Value,
            OwnPath = configPath,
            Strays = [.. strays.Value ?? []],
            Socket = permissions.Socket,
            Exists = Permissions.Exists,
            Readable = Permissions.ReadableByAll,
            Unseen = [.. unseen],
        };
    }

    // What cannot be opened is no mistake in it.
    Checked? Own(CancellationToken stop) => HostFiles.Instance.Read(configPath, int.MaxValue).Text is null ? null : ConfigCheck.Load(configPath);

    static ImmutableArray<IPAddress> Anycast()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces().Where(i => i.Name == "lo" || i.Name.StartsWith("dummy", StringComparison.Ordinal))
                    .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
                    .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal && a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6).Distinct(),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
