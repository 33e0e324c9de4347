using System.Text;
using Oops.Wire.Dns;

namespace Oops.Sources.ErrorReports;

/// <summary>What is told of ourselves in class CH, if the config says so (RFC 4892; `version.bind` is BIND's).</summary>
internal sealed class ChaosNames
{
    readonly (DnsName Name, byte[] Says)[] names;

    public ChaosNames(ResponderOptions options)
    {
        byte[] version = options.Version.Length > 0 ? AgentDomain.Strings(options.Version) : [], id = options.Nsid.Length > 0 ? AgentDomain.Strings(Encoding.ASCII.GetString(options.Nsid)) : [];
        names = [.. new[] { ("version.server", version), ("version.bind", version), ("id.server", id), ("hostname.bind", id) }.Where(n => n.Item2.Length > 0).Select(n => (DnsName.TryParse(n.Item1, out var name) ? name : default, n.Item2))];
    }

    /// <summary>The data of a TXT record; null: nothing is told.</summary>
    public byte[]? Find(in AuthorityQuery query)
    {
        if (query.Type is not (DnsType.Txt or DnsType.Any)) return null;
        foreach (var (name, says) in names)
            if (name == query.Name) return says;
        return null;
    }
}
