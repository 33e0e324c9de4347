using Oops.Wire.Dns;

namespace Oops.Zones;

/// <summary>
/// What a catalog zone (RFC 9432) says: its version, and its members as <c>ID.zones.CATALOG PTR MEMBER</c>. Takes transfers and keeps of them only that; groups, changes of ownership and other properties say
/// nothing about which zones are members.
/// </summary>
internal sealed class CatalogZone : ITransferSink
{
    const string SupportedVersion = "2";

    readonly byte[] members;
    readonly byte[] version;

    // What is had: the RRs at each member node, and the texts of the version.
    Dictionary<string, string> had = new(StringComparer.Ordinal);
    Dictionary<string, HashSet<string>> more = [];
    int extra;
    HashSet<string> versions = new(StringComparer.Ordinal);

    // What has come of the transfer under way.
    readonly List<Change> changes = [];
    TransferForm form;
    uint coming;
    string? malformed;

    readonly record struct Change(bool Add, string? Id, string Text);

    public CatalogZone(in DnsName zone)
    {
        members = [5, .. "zones"u8, .. zone.Wire];
        version = [7, .. "version"u8, .. zone.Wire];
    }

    /// <summary>The serial of what is had; null: nothing is.</summary>
    public uint? Serial { get; private set; }

    /// <summary>Members, broken ones included.</summary>
    public int Count => had.Count + extra;

    /// <summary>Lets go of what is had: the next transfer is a whole one.</summary>
    public void Forget()
    {
        (had, more, extra, versions) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal), 0, new(StringComparer.Ordinal));
        Serial = null;
    }

    /// <summary>Takes what has come as what is had, after a transfer that ended well. False: the differences do not fit what was had, or a member is no name; then nothing is had, and <paramref name="why"/> says so.</summary>
    public bool TryTake(out string? why)
    {
        if (form == TransferForm.Full)
            Forget();
        why = malformed;
        foreach (var change in changes)
        {
            if (why is null && !Apply(change))
                why = "the differences do not fit the version that was had";
        }

        changes.Clear();
        changes.TrimExcess();
        if (why is null)
            Serial = coming;
        else
            Forget();
        return why is null;
    }

    /// <summary>The members in the order of their names; null if the catalog is broken (RFC 9432, 4 and 5.1: it must not be processed), and <paramref name="why"/> says how.</summary>
    public IReadOnlyList<string>? Members(out string? why)
    {
        why = Fault();
        if (why is not null)
            return null;
        var ids = new Dictionary<string, string>(had.Count, StringComparer.Ordinal);
        foreach (var (id, member) in had)
        {
            if (ids.TryAdd(member, id))
                continue;
            why = $"{member} is a member twice, as {ids[member]} and {id}";
            return null;
        }

        var names = ids.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    public void Begin(TransferForm form, in Soa soa)
    {
        (this.form, coming, malformed) = (form, soa.Serial, null);
        changes.Clear();
    }

    public void Add(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message) => Take(true, owner, record, message);

    public void Delete(in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message) => Take(false, owner, record, message);

    string? Fault()
    {
        if (versions.Count == 0)
            return "it has no version";
        if (versions.Count > 1)
            return "it has more than one version";
        if (versions.First() is var only and not SupportedVersion)
            return $"its version is {(only.Length > 0 ? only : "something else")}, and {SupportedVersion} is what there is";
        foreach (var id in more.Keys)
            return $"the member {id} has more than one PTR record";
        return null;
    }

    void Take(bool add, in DnsName owner, in DnsRecord record, ReadOnlySpan<byte> message)
    {
        var wire = owner.Wire;
        if (record.Type == DnsType.Ptr && wire.Length == 1 + wire[0] + members.Length && wire[(1 + wire[0])..].SequenceEqual(members))
        {
            Span<byte> label = stackalloc byte[2 + DnsName.MaxLabel];
            wire[..(1 + wire[0])].CopyTo(label);
            label[1 + wire[0]] = 0;
            var at = record.DataStart;
            if (DnsName.TryFromWire(label[..(2 + wire[0])], out var id) && DnsName.TryRead(message, ref at, out var member) && at == record.DataStart + record.Data.Length)
                changes.Add(new(add, id.ToString(), member.ToString()));
            else
                malformed ??= $"the PTR record of {owner} holds no name";
        }
        else if (record.Type == DnsType.Txt && wire.SequenceEqual(version))
        {
            changes.Add(new(add, null, Text(record.Data)));
        }
    }

    /// <summary>One text of few letters and digits; what is something else cannot be a version that we know, and need not be told apart.</summary>
    static string Text(ReadOnlySpan<byte> data)
    {
        if (data.Length is < 2 or > 11 || data[0] != data.Length - 1)
            return "";
        foreach (var octet in data[1..])
        {
            if (!char.IsAsciiLetterOrDigit((char)octet))
                return "";
        }

        return System.Text.Encoding.ASCII.GetString(data[1..]);
    }

    bool Apply(Change change)
    {
        // In a whole zone the same record may come twice (RFC 5936, 2.2); in differences it must be news.
        if (change.Id is not { } id)
            return (change.Add ? versions.Add(change.Text) : versions.Remove(change.Text)) || form == TransferForm.Full;
        if (change.Add)
        {
            if (had.TryAdd(id, change.Text))
                return true;
            return (had[id] != change.Text && AddMore(id, change.Text)) || form == TransferForm.Full;
        }

        if (RemoveMore(id, change.Text))
            return true;
        if (!had.TryGetValue(id, out var member) || member != change.Text)
            return false;
        had.Remove(id);
        // Of more than one the next is as good as the first.
        if (more.TryGetValue(id, out var others))
        {
            var next = others.First();
            had.Add(id, next);
            RemoveMore(id, next);
        }

        return true;
    }

    bool AddMore(string id, string member)
    {
        if (!more.TryGetValue(id, out var others)) more.Add(id, others = new(StringComparer.Ordinal));
        if (!others.Add(member)) return false;
        extra++;
        return true;
    }

    bool RemoveMore(string id, string member)
    {
        if (!more.TryGetValue(id, out var others) || !others.Remove(member)) return false;
        if (others.Count == 0) more.Remove(id);
        extra--;
        return true;
    }
}
