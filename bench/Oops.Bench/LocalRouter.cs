using Oops.Lab.Harness;

namespace Oops.Bench;

/// <summary>The router that the daemon drives, of one kind, with one session to the upstream. For `speaker` there is none: the daemon has the session itself.</summary>
internal sealed class LocalRouter(string kind) : IAsyncDisposable
{
    IAsyncDisposable? running;

    public static IReadOnlyList<string> Kinds { get; } = ["bird", "frr", "exabgp", "gobgp", "speaker"];

    /// <summary>The BIRD, when it is one.</summary>
    public Bird? Bird => running as Bird;

    /// <summary>Its process; null: there is none.</summary>
    public LabProcess? Process => running switch
    {
        Bird bird => bird.Process,
        Frr frr => frr.Process,
        Exabgp exabgp => exabgp.Process,
        Gobgpd gobgp => gobgp.Process,
        _ => null,
    };

    public static string[] Programs(string kind) => kind switch
    {
        "bird" => ["bird"],
        "frr" => ["bgpd"],
        "exabgp" => ["exabgp", "exabgpcli"],
        "gobgp" => ["gobgpd", "gobgp"],
        _ => [],
    };

    /// <summary>Starts it, waits for the session, and gives its line under `actions`.</summary>
    /// <param name="more">More options of the action.</param>
    public async Task<string> StartAsync(string more = "")
    {
        switch (kind)
        {
            case "bird":
                var bird = new Bird();
                running = bird;
                await bird.StartAsync();
                return $"bird: [ {{ name: edge, socket: {bird.Socket}, include: \"{bird.Include}\", config: {bird.ConfigPath}{more} }} ]";
            case "frr":
                var frr = new Frr();
                running = frr;
                await frr.StartAsync();
                return $"frr: [ {{ name: edge, socket: {frr.Socket}{more} }} ]";
            case "exabgp":
                var exabgp = new Exabgp();
                running = exabgp;
                await exabgp.StartAsync();
                return $"exabgp: [ {{ name: edge, pipes: {exabgp.Pipes}{more} }} ]";
            case "gobgp":
                var gobgp = new Gobgpd();
                running = gobgp;
                await gobgp.StartAsync();
                return $"gobgp: [ {{ name: edge, socket: {gobgp.Socket}{more} }} ]";
            default:
                return Speaker([(Oops.Lab.Harness.Lab.Upstream4, Oops.Lab.Harness.Lab.Node4)], more);
        }
    }

    /// <summary>The line of the speaker, with its peers and the addresses that it connects to them from.</summary>
    public static string Speaker(IEnumerable<(string Peer, string From)> peers, string more = "") =>
        $"speaker: [ {{ name: edge, asn: {Oops.Lab.Harness.Lab.NodeAs}, router-id: {Oops.Lab.Harness.Lab.Node4}, peers: [ {string.Join(", ", peers.Select(p => $"{{ address: {p.Peer}, asn: {Oops.Lab.Harness.Lab.UpstreamAs}, local-address: {p.From} }}"))} ]{more} }} ]";

    public async ValueTask DisposeAsync()
    {
        if (running is not null) await running.DisposeAsync();
    }
}
