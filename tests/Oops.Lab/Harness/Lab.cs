using System.Globalization;

namespace Oops.Lab.Harness;

/// <summary>
/// The two-node laboratory that `tests/lab.sh` makes: this process is on `node`, the upstream router and the primary are on `upstream`.
/// </summary>
internal static class Lab
{
    public const string Node4 = "10.99.0.1";
    public const string Node6 = "2001:db8:99::1";
    public const string Upstream4 = "10.99.0.2";
    public const string Upstream6 = "2001:db8:99::2";
    public const string Anycast4 = "192.0.2.53";
    public const string Anycast6 = "2001:db8:53::53";
    public const string Prefix4 = "192.0.2.53/32";
    public const string Prefix6 = "2001:db8:53::/48";
    public const int NodeAs = 64501;
    public const int UpstreamAs = 64500;

    /// <summary>The upstream's end of the veth.</summary>
    public const string UpstreamInterface = "node0";
    public const string UpstreamNamespace = "/run/netns/upstream";

    static int directories;

    /// <summary>Where the laboratory writes (a tmpfs that ends with it); null outside `tests/lab.sh`.</summary>
    public static string? Root => Environment.GetEnvironmentVariable("OOPS_LAB");

    /// <summary>The folder of the repository; null where only the built tests are here.</summary>
    public static string? Repository { get; } = FindRepository();

    /// <summary>Null when the laboratory and these programs are here; else what is missing and how to get it.</summary>
    public static string? Missing(params ReadOnlySpan<string> programs)
    {
        if (Root is null)
            return "outside the laboratory's namespaces: run this through tests/lab.sh";
        foreach (string program in programs)
            if (Find(program) is null)
                return $"{program} is not installed (Debian package {Package(program)})";
        return null;
    }

    /// <summary>The program's path on PATH, in the sbin directories, or where FRR has its daemons; null when it is not installed.</summary>
    public static string? Find(string program)
    {
        string path = (Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/frr";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>A fresh directory that every daemon may enter.</summary>
    public static string FreshDirectory(string name)
    {
        string root = Root ?? throw new InvalidOperationException("outside the laboratory's namespaces");
        string path = Path.Combine(root, name + "-" + Interlocked.Increment(ref directories).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(path);
        return path;
    }

    static string? FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "oops.slnx")))
            folder = folder.Parent;
        return folder?.FullName;
    }

    static string Package(string program) => program switch
    {
        "bird" or "birdc" => "bird2",
        "knotd" or "knotc" => "knot",
        "bgpd" or "zebra" => "frr",
        "dbus-daemon" => "dbus-daemon",
        "kdig" => "knot-dnsutils",
        "kzonecheck" => "knot-dnssecutils",
        "dnssec-verify" => "bind9-utils",
        "ldns-keygen" or "ldns-signzone" or "ldns-verify-zone" => "ldnsutils",
        "named" => "bind9",
        "pdns_server" or "pdnsutil" => "pdns-server, pdns-backend-sqlite3",
        "pdns_recursor" => "pdns-recursor",
        "kresd" => "knot-resolver",
        "gobgp" => "gobgpd",
        "exabgpcli" => "exabgp",
        "chrt" or "taskset" => "util-linux",
        _ => program,
    };
}
