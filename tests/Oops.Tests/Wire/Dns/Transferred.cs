using Oops.Wire.Dns;

namespace Oops.Tests.Wire.Dns;

/// <summary>A sink that keeps what came, as text: "+owner type data" and "-owner type data".</summary>
internal sealed class Transferred : ITransferSink
{
    public List<string> Lines { get; } = [];

    /// <summary>Lines that it takes.</summary>
    public int Most { get; init; } = int.MaxValue;

    public bool IsFull => Lines.Count > Most;

    public TransferForm? Form { get; private set; }

    public int Begun { get; private set; }

    public void Begin(TransferForm form, in Soa soa)
    {
        Begun++;
        Form = form;
        Lines.Clear();
        Lines.Add($"{form} {soa.Serial}");
    }

    public void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message) => Lines.Add("+" + Text(owner, record, message));

    public void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message) => Lines.Add("-" + Text(owner, record, message));

    static string Text(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        var at = record.DataStart;
        return record.Type switch
        {
            DnsType.Ptr when DnsName.TryRead(message, ref at, out var name) => $"{owner} PTR {name}",
            DnsType.Soa when Soa.TryRead(message, record, out var soa) => $"{owner} SOA {soa.Serial}",
            _ => $"{owner} {record.Type}",
        };
    }
}
