using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;

namespace Oops.Lab.Actions;

/// <summary>FRR, GoBGP or ExaBGP on the upstream's end of the veth, in place of BIRD; what it has of our prefixes, in its own words.</summary>
internal sealed class OtherUpstream(string kind) : IAsyncDisposable
{
    readonly string directory = Harness.Lab.FreshDirectory(kind);
    LabProcess? process;

    public static string Program(string kind) => kind switch { "frr" => "/usr/lib/frr/bgpd", "gobgp" => "gobgpd", _ => "exabgp" };

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    string Place(string name) => Path.Combine(directory, name);

    public async Task StartAsync()
    {
        // FRR and ExaBGP give themselves, or what they run, to another user, who writes here.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
        switch (kind)
        {
            case "frr":
                await File.WriteAllTextAsync(Place("conf"), $"""
                    router bgp {Harness.Lab.UpstreamAs}
                     bgp router-id {Harness.Lab.Upstream4}
                     no bgp ebgp-requires-policy
                     neighbor {Harness.Lab.Node4} remote-as {Harness.Lab.NodeAs}
                     neighbor {Harness.Lab.Node4} passive
                     address-family ipv6 unicast
                      neighbor {Harness.Lab.Node4} activate
                     exit-address-family

                    """);
                process = Start(Program(kind), "-Z", "-f", Place("conf"), "--vty_socket", directory, "-P", "0", "-i", Place("pid"));
                break;
            case "gobgp":
                await File.WriteAllTextAsync(Place("conf"), $"""
                    [global.config]
                    as={Harness.Lab.UpstreamAs}
                    router-id="{Harness.Lab.Upstream4}"
                    [[neighbors]]
                    [neighbors.config]
                    neighbor-address="{Harness.Lab.Node4}"
                    peer-as={Harness.Lab.NodeAs}
                    [neighbors.transport.config]
                    passive-mode=true
                    [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                    afi-safi-name="ipv4-unicast"
                    [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                    afi-safi-name="ipv6-unicast"

                    """);
                process = Start("gobgpd", "-f", Place("conf"), "--api-hosts", $"unix://{Place("sock")}");
                break;
            default:
                // It listens for nobody by default: it connects to us.
                await File.WriteAllTextAsync(Place("conf"), $$"""
                    process heard { run /bin/sh -c "cat > {{Place("heard")}}"; encoder text; }
                    neighbor {{Harness.Lab.Node4}} { router-id {{Harness.Lab.Upstream4}}; local-address {{Harness.Lab.Upstream4}}; local-as {{Harness.Lab.UpstreamAs}}; peer-as {{Harness.Lab.NodeAs}};
                      family { ipv4 unicast; ipv6 unicast; } api { processes [ heard ]; receive { parsed; update; } } }

                    """);
                process = LabProcess.Start(Place("log"), Side.Upstream, new Dictionary<string, string> { ["exabgp.daemon.user"] = Environment.UserName, ["exabgp.api.cli"] = "false", ["exabgp.api.ack"] = "false" }, "exabgp", Place("conf"));
                break;
        }
    }

    LabProcess Start(params string[] argv) => LabProcess.Start(Place("log"), Side.Upstream, null, argv);

    /// <summary>The prefix is there, with so many of our AS in its path, and draining or not; null: absent.</summary>
    public async Task<(int Path, bool Draining)?> HasAsync(string prefix)
    {
        string text = kind switch
        {
            "frr" => await VtyAsync($"show bgp {(prefix.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ipv4")} unicast {prefix} json"),
            "gobgp" => (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("gobgp")!, "--target", $"unix://{Place("sock")}", "global", "rib", "-a", prefix.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ipv4", prefix)).Text,
            _ => File.Exists(Place("heard")) ? File.ReadLines(Place("heard")).LastOrDefault(l => l.Contains(" " + prefix, StringComparison.Ordinal)) ?? "" : "",
        };
        string own = Harness.Lab.NodeAs.ToString(System.Globalization.CultureInfo.InvariantCulture);
        bool has = kind switch
        {
            "frr" => text.Contains("\"aspath\"", StringComparison.Ordinal),
            "gobgp" => text.Contains(prefix, StringComparison.Ordinal) && text.Contains("AS_PATH", StringComparison.Ordinal),
            _ => text.Contains(" announced ", StringComparison.Ordinal),
        };
        // FRR's JSON has the path more than once: as text, and as numbers.
        string path = kind == "frr" ? Regex.Match(text, "\"aspath\":\\{\"string\":\"([0-9 ]*)\"").Groups[1].Value : text;
        return has ? (Regex.Count(path, $@"\b{own}\b"), Regex.IsMatch(text, "65535:0|graceful-shutdown|gshut|planned-shut", RegexOptions.IgnoreCase)) : null;
    }

    public Task WaitAsync(string prefix, (int Path, bool Draining)? like) =>
        Wait.UntilAsync($"{kind} has {prefix} {like}", async () => await HasAsync(prefix) == like, TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(100), () => $"{HasAsync(prefix).Result}\n{Process.Tail()}");

    async Task<string> VtyAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (!File.Exists(Place("bgpd.vty")))
            return "";
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Place("bgpd.vty")));
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\0"));
        var text = new List<byte>();
        byte[] buffer = new byte[8192];
        while (text.Count < 4 || text[^4] != 0 || text[^3] != 0 || text[^2] != 0)
        {
            int n = await socket.ReceiveAsync(buffer);
            if (n == 0)
                break;
            text.AddRange(buffer[..n]);
        }

        // Without its layout.
        return Regex.Replace(Encoding.UTF8.GetString([.. text]), @"\s*\n\s*", "");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
