using System.Globalization;
using System.Text.RegularExpressions;
using Oops.Actions.Bird;
using Oops.Lab.Harness;

namespace Oops.Lab.Hackathon;

/// <summary>What all three sites have in common: the primary of the zone, and the router that shows which of them announces.</summary>
internal sealed partial class Center : IAsyncDisposable
{
    public const string Zone = "hackathon.example";
    public const string Prefix4 = "192.0.2.0/24";
    public const string Prefix6 = "2001:db8:53::/48";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly Dictionary<string, string> Nothing = [];

    readonly Dictionary<string, string> secrets = [];
    BirdClient? client;
    LabProcess? bird;
    LabProcess? knot;

    public Host Host { get; } = new("upstream");

    /// <summary>Seconds after which the zone expires where it is not refreshed; null: 12, as in the example.</summary>
    public int? Expire { get; set; }

    public uint Serial { get; private set; } = 300;

    public LabProcess Bird => bird!;

    public async Task StartAsync()
    {
        await Host.StartBridgeAsync("198.51.100.254/24", "198.51.100.53/24", "2001:db8:100::254/64");
        Host.Install("upstream/bird.conf", "/etc/bird/bird.conf");
        Host.Install("upstream/knot.conf", "/etc/knot/knot.conf");
        Host.Install("upstream/hackathon.example.zone", "/var/lib/knot/hackathon.example.zone");
        if (Expire is { } expire)
        {
            string zone = Host.At("/var/lib/knot/hackathon.example.zone");
            string text = await File.ReadAllTextAsync(zone);
            string longer = text.Replace(" 3 1 12 5", string.Create(CultureInfo.InvariantCulture, $" 3 1 {expire} 5"), StringComparison.Ordinal);
            await File.WriteAllTextAsync(zone, longer != text ? longer : throw new InvalidOperationException("the zone's SOA is not as it was"));
        }
        Host.MakeFolders("/run/bird", "/run/knot");
        bird = Host.Launch(Nothing, "bird", "-f", "-c", "/etc/bird/bird.conf");
        knot = Host.Launch(Nothing, "knotd", "-c", "/etc/knot/knot.conf");
        client = new BirdClient(Host.At("/run/bird/bird.ctl"), TimeSpan.FromSeconds(2), TimeProvider.System);
        await Wait.UntilAsync("the upstream's bird answers", async () => (await client.AskAsync("show status", default)).Reply is not null, state: () => bird.Tail());
        await Wait.UntilAsync("the primary's knotd answers", async () => (await Host.RunAsync("knotc", "zone-status", Zone, "+serial")).Code == 0, state: () => knot.Tail());
    }

    /// <summary>Another version of the zone; who serves it hears of it by NOTIFY.</summary>
    public async Task UpdateAsync(uint serial)
    {
        string file = Host.At("/var/lib/knot/hackathon.example.zone");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace($" {Serial} ", string.Create(CultureInfo.InvariantCulture, $" {serial} "), StringComparison.Ordinal));
        Serial = serial;
        await KnotcAsync("zone-reload", Zone);
    }

    /// <summary>The site's signed questions are refused from now on, or answered again.</summary>
    public async Task TrustAsync(string site, bool trusted)
    {
        string file = Host.At("/etc/knot/knot.conf");
        string text = await File.ReadAllTextAsync(file);
        Match key = Secret(site).Match(text);
        if (!trusted)
            secrets[site] = key.Groups[1].Value;
        string secret = trusted ? secrets[site] : "bm90aGluZw==";
        await File.WriteAllTextAsync(file, text.Replace(key.Value, key.Value.Replace(key.Groups[1].Value, secret, StringComparison.Ordinal), StringComparison.Ordinal));
        await KnotcAsync("reload");
        if (trusted)
            await KnotcAsync("zone-notify", Zone);
    }

    /// <summary>Waits until the sites (site_a ...) that announce both prefixes are exactly these, and no other has one of them.</summary>
    public Task AnnouncedByAsync(Func<string> state, params string[] sites) =>
        Wait.UntilAsync($"announced by {(sites.Length == 0 ? "nobody" : string.Join(", ", sites))}", () => IsByAsync(sites), Patience, TimeSpan.FromMilliseconds(20), () => state() + bird!.Tail(5));

    public async Task<bool> IsByAsync(params string[] sites) =>
        await SitesAsync(Prefix4) is var four && four.SetEquals(sites) && (await SitesAsync(Prefix6)).SetEquals(sites);

    public async Task<bool> HasAsync(string site, string prefix) => (await SitesAsync(prefix)).Contains(site);

    /// <summary>All that the router knows of one site's routes.</summary>
    public async Task<string> RoutesOfAsync(string site) => await AskAsync($"show route protocol {site} all");

    /// <summary>How often a prefix of a site was withdrawn since the start, be it with its session.</summary>
    public int Withdraws(string site, string prefix) => File.ReadLines(bird!.Output).Count(l => l.Contains(site, StringComparison.Ordinal) && l.Contains("> removed", StringComparison.Ordinal) && l.Contains(" " + prefix + " ", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        await Host.DisposeAsync();
    }

    // The prefix stands in the first of its lines, the protocol in brackets in each.
    async Task<HashSet<string>> SitesAsync(string prefix) => [.. Protocol().Matches(await AskAsync("show route " + prefix)).Select(m => m.Groups[1].Value)];

    async Task<string> AskAsync(string command)
    {
        BirdAnswer answer = await client!.AskAsync(command, default);
        // "Network not found" is an answer, too.
        return answer.Reply is { } reply ? string.Join('\n', reply.Lines.Select(l => l.Text)) : throw new InvalidOperationException($"{command}: {answer.Refusal}");
    }

    async Task KnotcAsync(params string[] arguments)
    {
        (int code, string text) = await Host.RunAsync(["knotc", .. arguments]);
        if (code != 0)
            throw new InvalidOperationException($"knotc {string.Join(' ', arguments)}: {text}");
    }

    [GeneratedRegex(@"\[(site_[a-c]) ")]
    private static partial Regex Protocol();

    static Regex Secret(string site) => new($"- id: {site}\n    algorithm: hmac-sha256\n    secret: (\\S+)");
}
