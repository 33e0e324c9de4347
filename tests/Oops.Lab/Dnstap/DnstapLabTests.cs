using System.Net;
using Oops.Core;
using Oops.Lab.Harness;
using Oops.Sources.Dnstap;
using Xunit;

namespace Oops.Lab.Dnstap;

/// <summary>Every Debian server that has dnstap sends it to us; its load conditions are met, and no longer met; it comes again after a restart of ours.</summary>
public sealed class DnstapLabTests
{
    const int Bogus = 6, DnskeyMissing = 9, Blocked = 15, NotAuthoritative = 20;

    [Fact]
    public Task Knots_queries_and_errors_are_seen() => SeenAsync(TapServer.Knot, "%.elsewhere.test", NotAuthoritative);

    [Fact]
    public Task NSDs_queries_and_errors_are_seen() => SeenAsync(TapServer.Nsd, "%.elsewhere.test", NotAuthoritative);

    [Fact]
    public Task BINDs_queries_are_seen() => SeenAsync(TapServer.Bind, "%.signed.test");

    [Fact]
    public async Task Unbounds_queries_and_validation_errors_are_seen()
    {
        LabRequires.Programs("knotd");
        await using var upstream = await TapServer.Knot.StartAsync("/nowhere");
        // The first response says 9, and those from the cache of what is bogus say 6.
        await SeenAsync(TapServer.Unbound, "%.signed.test", Bogus, DnskeyMissing);
    }

    [Fact]
    public async Task Dnsdists_queries_and_the_errors_of_its_backend_are_seen()
    {
        LabRequires.Programs("knotd");
        await using var backend = await TapServer.Knot.StartAsync("/nowhere");
        await SeenAsync(TapServer.Dnsdist, "%.elsewhere.test", NotAuthoritative);
    }

    [Fact]
    public Task Knot_Resolvers_queries_and_blocked_names_are_seen() => SeenAsync(TapServer.Kresd, "%.deny.test", Blocked);

    [Fact]
    public async Task The_recursor_tells_only_what_it_asks_of_others_and_none_of_that_counts()
    {
        LabRequires.Programs("pdns_recursor", "knotd");
        await using var upstream = await TapServer.Knot.StartAsync("/nowhere");
        await using var tapped = new Tapped(Target());
        await tapped.StartAsync();
        await using var recursor = await TapServer.Recursor.StartAsync(Place);
        await Wait.UntilAsync("it asks others", async () =>
        {
            await AskOnceAsync(TapServer.RecursorPort, $"n{Environment.TickCount64}.signed.test");
            return tapped.Counts[FrameFate.Ignored] > 10;
        }, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(50), () => $"{tapped.Words()}\n{recursor.Tail()}");
        await tapped.IsAsync(State.NotMet, recursor, Tapped.Busy);
        Assert.Equal((0, 0), (tapped.Counts.Totals.Queries, tapped.Counts[FrameFate.Counted]));
    }

    [Fact]
    public async Task Dnsdist_sends_over_TCP()
    {
        LabRequires.Programs("dnsdist", "knotd");
        await using var backend = await TapServer.Knot.StartAsync("/nowhere");
        await using var tapped = new Tapped(new DnstapTarget { Server = "ns1", Address = new IPEndPoint(IPAddress.Loopback, 6001) }, NotAuthoritative);
        await tapped.StartAsync();
        await using var dnsdist = await TapServer.DnsdistOverTcp(6001).StartAsync("");
        await tapped.MeasuredAsync(TapServer.DnsdistPort, "%.elsewhere.test", dnsdist);
        await tapped.MetWhileAskedAsync(TapServer.DnsdistPort, "%.elsewhere.test", dnsdist, Tapped.Busy, Tapped.Errors);
        await tapped.IsAsync(State.NotMet, dnsdist, Tapped.Busy, Tapped.Errors);
    }

    [Fact]
    public async Task Unbound_sends_over_TLS_with_a_certificate_and_without_one_it_is_refused()
    {
        LabRequires.Programs("unbound", "openssl");
        var folder = Harness.Lab.FreshDirectory("tap-tls");
        await CertificatesAsync(folder);
        await using var tapped = new Tapped(new DnstapTarget { Server = "ns1", Address = new IPEndPoint(IPAddress.Loopback, 6002), Keys = new($"{folder}/oops.pem", $"{folder}/oops.key", $"{folder}/ca.pem") });
        await tapped.StartAsync();
        const string Tls = "  dnstap-ip: 127.0.0.1@6002\n  dnstap-tls: yes\n  dnstap-tls-server-name: oops\n";
        await using (var stranger = await TapServer.UnboundBy($"{Tls}  dnstap-tls-cert-bundle: {folder}/ca.pem\n").StartAsync(""))
        {
            await Wait.UntilAsync("it is refused", () => tapped.Counts[ConnectionEnd.NoTls] > 0, TimeSpan.FromSeconds(60), state: () => $"{tapped.Words()}\n{stranger.Tail()}");
            Assert.Equal(State.Unknown, tapped.State(Tapped.Busy));
        }

        await using var unbound = await TapServer.UnboundBy($"{Tls}  dnstap-tls-cert-bundle: {folder}/ca.pem\n  dnstap-tls-client-key-file: {folder}/ns1.key\n  dnstap-tls-client-cert-file: {folder}/ns1.pem\n").StartAsync("");
        await tapped.MeasuredAsync(TapServer.UnboundPort, "%.localhost", unbound);
        await tapped.MetWhileAskedAsync(TapServer.UnboundPort, "%.localhost", unbound, Tapped.Busy);
        await tapped.IsAsync(State.NotMet, unbound, Tapped.Busy);
    }

    static string Place => Path.Combine(Harness.Lab.Root!, "tap.sock");

    static DnstapTarget Target() => new() { Server = "ns1", Path = Place };

    /// <summary>The whole life: it connects, rests, is asked, rests; we are restarted, and it comes again; it ends.</summary>
    static async Task SeenAsync(TapServer server, string name, params int[] codes)
    {
        LabRequires.Programs(server.Name);
        await using var tapped = new Tapped(Target(), codes);
        await tapped.StartAsync();
        await using var process = await server.StartAsync(Place);
        string[] all = codes is [] ? [Tapped.Busy, Tapped.Rising] : [Tapped.Busy, Tapped.Rising, Tapped.Errors];
        await tapped.MeasuredAsync(server.Port, name, process);
        await tapped.MetWhileAskedAsync(server.Port, name, process, all);
        Assert.Equal(0, tapped.Counts[FrameFate.Malformed]);
        if (codes is [var first, ..]) Assert.Contains(ErrorCodes.Of(first), tapped.LastErrors, StringComparison.Ordinal);
        await tapped.IsAsync(State.NotMet, process, all);

        await tapped.RestartAsync();
        await tapped.MeasuredAsync(server.Port, name, process);
        await tapped.MetWhileAskedAsync(server.Port, name, process, all);
        await tapped.IsAsync(State.NotMet, process, all);

        await process.EndAsync();
        await tapped.IsAsync(State.Unknown, process, all);
    }

    static async Task AskOnceAsync(int port, string name)
    {
        using var socket = new System.Net.Sockets.UdpClient();
        try
        {
            await socket.SendAsync(Tapped.Query(name, 7), new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Not up yet.
        }
    }

    static async Task CertificatesAsync(string folder)
    {
        await File.WriteAllTextAsync($"{folder}/make.sh", """
            set -e
            cd "$1"
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=lab -addext basicConstraints=critical,CA:true
            for name in oops ns1; do
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
                printf 'subjectAltName=DNS:%s\n' $name > $name.ext
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile $name.ext -out $name.pem
            done
            """);
        await using var made = LabProcess.Start($"{folder}/log", "sh", $"{folder}/make.sh", folder);
        await made.EndAsync(0, TimeSpan.FromSeconds(30));
        Assert.True(made.ExitCode == 0, made.Tail());
    }
}
