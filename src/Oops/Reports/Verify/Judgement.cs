namespace Oops.Reports.Verify;

/// <summary>What follows from what was found. A silence proves nothing: the way from here may be what is broken.</summary>
internal static class Judgement
{
    public static (CheckVerdict Verdict, string Why) Of(IReadOnlyList<TypeFound> types)
    {
        foreach (var found in types)
            if (Broken(found) is { } broken) return (CheckVerdict.Confirmed, $"{found.Type}: {broken}");
        foreach (var found in types)
            if (Open(found) is { } open) return (CheckVerdict.Unknown, $"{found.Type}: {open}");
        return types.Count == 0 ? (CheckVerdict.Unknown, "nothing was asked") : (CheckVerdict.NotConfirmed, string.Join("; ", types.Select(Well)));
    }

    static string? Broken(TypeFound found)
    {
        switch (found.Resolver.Status)
        {
            case ResolverStatus.Bogus:
                return found.Resolver.WhyBogus is { } why ? $"bogus ({why})" : "bogus";
            case ResolverStatus.Failed:
                return $"the resolver says {found.Resolver.Rcode}";
            default:
                break;
        }

        foreach (var server in found.Servers)
        {
            if (server.Well == false) return $"{server.Server}: {server.Why}";
            // Of a zone that validates a server that has no signatures has another one.
            if (server is { Well: true, Signed: false, Referral: null } && found.Resolver.Status == ResolverStatus.Secure) return $"{server.Server}: no signatures";
        }

        return null;
    }

    static string? Open(TypeFound found) =>
        found.Resolver.Status == ResolverStatus.Unasked ? found.Resolver.Why ?? "the resolver was not asked"
        : found.Servers.FirstOrDefault(s => s.Well is null) is { } silent ? $"{silent.Server}: {silent.Why}"
        : null;

    static string Well(TypeFound found)
    {
        var resolver = found.Resolver.Status == ResolverStatus.Secure ? "secure" : "insecure";
        return found.Servers.Count == 0 ? $"{found.Type}: {resolver}" : $"{found.Type}: {resolver}, {Core.Words.Count(found.Servers.Count, "server")} asked, all well";
    }
}
