using System.Globalization;
using System.Net;
using Oops.Dns;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Reports.Verify;

/// <summary>What to check, and by whom.</summary>
internal sealed record CheckQuestion
{
    /// <summary>Types in one check, and servers: what is found of all of them is one bounded line.</summary>
    public const int MostTypes = 4, MostServers = 8;

    public required DnsName Name { get; init; }

    public required IReadOnlyList<DnsType> Types { get; init; }

    /// <summary>The zone that it is in: a referral to somewhere else than below is none. Null: any name below the root may be referred to.</summary>
    public DnsName? Zone { get; init; }

    /// <summary>Whom the resolver asks; none: it begins at the root.</summary>
    public IReadOnlyList<IPEndPoint> Forwarders { get; init; } = [];

    /// <summary>A file of trust anchors; null: the one of the machine.</summary>
    public string? TrustAnchor { get; init; }

    /// <summary>The authoritative servers that are asked.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>For all of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Resolves and validates a name, and asks its servers: the work of `oops reports verify`, in a process of its own (ADR 19). Questions go to the forwarders or from the root on, and to the servers that it is told, never to anybody else's choice.</summary>
internal sealed class Checker(TimeProvider time)
{
    /// <summary>Debian's dns-root-data, and where unbound-anchor keeps it.</summary>
    static readonly string[] Anchors = ["/usr/share/dns/root.key", "/var/lib/unbound/root.key", "/etc/unbound/root.key"];

    static readonly TimeSpan Try = TimeSpan.FromSeconds(2);

    const int ServFail = 2, NxDomain = 3, SoaType = 6;

    public async Task<CheckReport> RunAsync(CheckQuestion question, CancellationToken stop)
    {
        // Together, so that neither takes the other's time.
        var resolved = ResolveAsync(question, stop);
        var servers = await Task.WhenAll(question.Types.Select(t => Task.WhenAll(question.Servers.Select(s => AskAsync(s, question, t, stop))))).ConfigureAwait(false);
        var resolver = await resolved.ConfigureAwait(false);
        TypeFound[] types = [.. question.Types.Select((t, i) => new TypeFound { Type = TypeNames.Of(t), Resolver = resolver[i], Servers = servers[i] })];
        var (verdict, why) = Judgement.Of(types);
        return new() { Name = question.Name.ToString(), Verdict = verdict, Why = OutputTail.Printable(why), Types = types };
    }

    async Task<ResolverFound[]> ResolveAsync(CheckQuestion question, CancellationToken stop)
    {
        var found = new ResolverFound[question.Types.Count];
        Array.Fill(found, Unasked(string.Create(CultureInfo.InvariantCulture, $"the resolver has not answered within {question.Timeout.TotalSeconds:0.###} s")));
        try
        {
            // The thread cannot be ended; the process will be.
            await OwnThread.RunAsync(() => Resolve(question, found), "oops-resolve").WaitAsync(question.Timeout, time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What it has found until now is kept.
        }

        return [.. found];
    }

    static bool Resolve(CheckQuestion question, ResolverFound[] found)
    {
        var anchor = question.TrustAnchor ?? Array.Find(Anchors, File.Exists);
        var why = "there is no trust anchor: install the package dns-root-data, or name a file (--trust-anchor)";
        if (anchor is not null && !File.Exists(anchor)) (why, anchor) = ($"{anchor}: there is no such file of trust anchors", null);
        using var resolver = anchor is null ? null : Unbound.TryOpen([.. question.Forwarders.Select(f => $"{f.Address}@{f.Port}")], question.Forwarders.Any(f => IPAddress.IsLoopback(f.Address)), anchor, out why);
        if (resolver is null)
        {
            Array.Fill(found, Unasked(why));
            return false;
        }

        UnboundAnswer? control = null;
        for (var i = 0; i < found.Length; i++)
        {
            if (resolver.Resolve(question.Name.ToString(), (ushort)question.Types[i], out why) is not { } answer)
            {
                found[i] = Unasked(why);
                continue;
            }

            // A resolver that can resolve nothing, or whose clock or trust anchor is wrong, says nothing of this name.
            if (answer.Bogus || answer.Rcode is not (0 or NxDomain)) control ??= resolver.Resolve(".", SoaType, out _) ?? new(ServFail, 0, false, false, null);
            found[i] = Read(answer, control);
        }

        return true;
    }

    /// <summary>What an answer says, in the light of what the resolver says of the root.</summary>
    internal static ResolverFound Read(UnboundAnswer answer, UnboundAnswer? control)
    {
        var plain = new ResolverFound
        {
            Status = answer.Bogus ? ResolverStatus.Bogus : answer.Rcode is not (0 or NxDomain) ? ResolverStatus.Failed : answer.Secure ? ResolverStatus.Secure : ResolverStatus.Insecure,
            Rcode = DnsWords.Of((DnsRcode)answer.Rcode),
            Answers = answer.Records,
            WhyBogus = answer.WhyBogus is { } why ? OutputTail.Printable(why) : null,
        };
        return plain.Status switch
        {
            ResolverStatus.Bogus when control is { Bogus: true } => plain with { Status = ResolverStatus.Unasked, Why = "the resolver finds the root bogus, too: its clock, its trust anchor or its forwarder is wrong" },
            ResolverStatus.Failed when control is not { Rcode: 0, Bogus: false } => plain with { Status = ResolverStatus.Unasked, Why = "the resolver does not resolve the root either" },
            _ => plain,
        };
    }

    async Task<ServerFound> AskAsync(IPEndPoint server, CheckQuestion question, DnsType type, CancellationToken stop)
    {
        var each = question.Timeout / 4 is var part && part < Try ? part : Try;
        var began = time.GetTimestamp();
        // With the signatures (RFC 4035, 3.2.1), as a validator asks an authoritative server.
        var came = await Exchange.WholeAsync(server, new PlainQuery(question.Name, type) { DnssecOk = true }, each, time, stop).ConfigureAwait(false);
        return Read($"{server.Address}@{server.Port}", came, question.Zone) with { Milliseconds = Math.Round(time.GetElapsedTime(began).TotalMilliseconds, 1) };
    }

    /// <summary>What a server's answer says of it.</summary>
    internal static ServerFound Read(string server, Exchanged came, DnsName? zone)
    {
        var found = new ServerFound { Server = server };
        if (came.Outcome == AskOutcome.Refused) return found with { Well = false, Why = "nobody listens there" };
        if (came.Answer is not { } answer) return found with { Why = came.Why };
        // To somewhere below the zone; one upwards is what a server says of what it does not have.
        var refers = answer.Rcode == DnsRcode.NoError && answer.Referral is { } to && (zone is { } of ? to != of && to.IsWithin(of) : !to.IsRoot);
        // YXDOMAIN is a right answer, of a DNAME that would make too long a name (RFC 6672, 2.2).
        var why = answer.Rcode is not (DnsRcode.NoError or DnsRcode.NxDomain or DnsRcode.YxDomain) ? DnsWords.Of(answer.Rcode) : answer.Authoritative || refers ? null : "is no authority for it";
        return found with
        {
            // These are about the question, and not about the zone.
            Well = answer.Rcode is DnsRcode.FormErr or DnsRcode.NotImp or DnsRcode.NotAuth ? null : why is null,
            Why = why,
            Rcode = DnsWords.Of(answer.Rcode),
            Aa = answer.Authoritative,
            Records = answer.Plain,
            Signed = answer.Signed,
            Referral = refers ? answer.Referral!.Value.ToString() : null,
            Ede = answer.Errors is [var error, ..] ? error.Code : null,
            EdeText = answer.Errors is [{ Text: var text }, ..] ? text : null,
        };
    }

    static ResolverFound Unasked(string why) => new() { Status = ResolverStatus.Unasked, Why = why };
}
