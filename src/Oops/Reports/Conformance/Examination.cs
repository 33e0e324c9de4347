using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports.Conformance;

/// <summary>One agent that is looked at: asks it, and keeps what several checks are about.</summary>
internal sealed class Examination(AgentClient client, DnsName agent, string failed, Transport stream)
{
    /// <summary>What a person recognises as a test in a list of reports.</summary>
    public const string TestLabel = "oops-test";

    /// <summary>The zone of the test's name, unless another is given: never a real one (RFC 6761).</summary>
    public const string TestZone = "invalid";

    readonly DnsName agent = agent, reports = DnsName.TryParse($"_er.{agent}", out var below) ? below : agent;

    public ref readonly DnsName Agent => ref agent;

    /// <summary>The name that is said to fail: `oops-test.invalid`.</summary>
    public string Failed => failed;

    public ReadOnlyMemory<byte> ClientCookie => client.Cookie;

    /// <summary>Options Report-Channel in all answers so far.</summary>
    public int Channels { get; private set; }

    /// <summary>Answers so far.</summary>
    public int Answers { get; private set; }

    /// <summary>Names of reports and of steps to them that were answered NXDOMAIN.</summary>
    public SortedSet<string> Denied { get; } = new(StringComparer.Ordinal);

    /// <summary>What a good report was answered with; null: none was.</summary>
    public AnswerRecord? Thanks { get; set; }

    /// <summary>`_er.TYPES.FAILED.CODE._er.AGENT`.</summary>
    public DnsName Report(string types = "1", string code = "0") => Below($"_er.{types}.{failed}.{code}._er");

    /// <summary>A name below the agent domain. The first is given by us and short, so it is one.</summary>
    public DnsName Below(string labels) => DnsName.TryParse($"{labels}.{agent}", out var name) ? name : throw new InvalidOperationException($"{labels}.{agent} is no name");

    public Task<Exchanged> StreamAsync(PlainQuery query, CancellationToken stop) => AskAsync(query, stream, stop);

    public Task<Exchanged> StreamAsync(DnsName name, DnsType type, CancellationToken stop) => AskAsync(new PlainQuery(name, type), stream, stop);

    public async Task<Exchanged> AskAsync(PlainQuery query, Transport over, CancellationToken stop)
    {
        var came = await client.AskAsync(query, over, stop).ConfigureAwait(false);
        if (came.Answer is not { } answer) return came;
        Answers++;
        Channels += answer.Channels.Count;
        if (answer.Rcode == DnsRcode.NxDomain && query.Name.IsWithin(reports)) Denied.Add($"{TypeNames.Of(query.Type)} {query.Name}");
        return came;
    }

    /// <summary>The TXT record of the name that was asked for; null: the answer is another.</summary>
    public static AnswerRecord? Txt(PlainAnswer answer, in DnsName name)
    {
        if (answer.Rcode != DnsRcode.NoError || answer.Truncated) return null;
        foreach (var record in answer.Answers)
            if (record.Type == DnsType.Txt && record.Owner == name) return record;
        return null;
    }

    /// <summary>In a few words: `NOERROR TXT "Report received"`, `NOERROR, no data`, `NOERROR TC`.</summary>
    public static string Words(PlainAnswer answer)
    {
        var text = DnsWords.Of(answer.Rcode);
        if (answer.Truncated) return text + " TC";
        if (answer.Answers.Count == 0) return answer.Rcode == DnsRcode.NoError ? text + ", no data" : text;
        return $"{text} {string.Join(", ", answer.Answers.Take(3).Select(r => PlainAnswer.Text(r) is { } said ? $"TXT \"{said}\"" : TypeNames.Of(r.Type)))}";
    }
}
