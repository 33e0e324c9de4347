using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones.Compact;

namespace Oops.Actions.Update;

/// <summary>One record to add or to delete.</summary>
/// <param name="Owner">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds; null: it is deleted.</param>
/// <param name="Data">Its data.</param>
internal sealed record UpdateEdit(DnsName Owner, DnsType Type, uint? Ttl, byte[] Data)
{
    /// <summary>Octets in a message.</summary>
    public int Size => Owner.Wire.Length + UpdateMessage.RecordHead + Data.Length;

    public void Write(ref UpdateMessage message)
    {
        if (Ttl is { } ttl)
            message.Add(Owner, Type, ttl, Data);
        else
            message.Delete(Owner, Type, Data);
    }
}

/// <summary>The changes of a plan as records, in messages that can be sent one after the other.</summary>
internal static class UpdateEdits
{
    /// <summary>
    /// What is to be done, in messages of no more than so many octets of records; a record that is larger by itself is alone. What happens at one name is in one message where it fits, so that nobody sees a name half changed: first what goes, for a CNAME is only
    /// taken where nothing else is; but of the zone's own NS records first what comes, for the last of them cannot be deleted (RFC 2136, 3.4.2.4).
    /// </summary>
    public static IEnumerable<IReadOnlyList<UpdateEdit>> Messages(SyncPlan plan, int most)
    {
        List<UpdateEdit> message = [];
        var size = 0;
        foreach (var (owner, changes) in plan.ByName)
        {
            var name = new List<UpdateEdit>();
            foreach (var change in changes)
            {
                name.AddRange(change.Deletes.Select(d => new UpdateEdit(owner, change.Type, null, d)));
                name.AddRange(change.Adds.Select(d => new UpdateEdit(owner, change.Type, change.After!.Ttl, d)));
            }

            if (size + name.Sum(static e => e.Size) > most && message.Count > 0)
            {
                yield return message;
                (message, size) = ([], 0);
            }

            foreach (var edit in InOrder(name, owner == plan.Zone.Apex))
            {
                if (size + edit.Size > most && message.Count > 0)
                {
                    yield return message;
                    (message, size) = ([], 0);
                }

                message.Add(edit);
                size += edit.Size;
            }
        }

        if (message.Count > 0)
            yield return message;
    }

    static IEnumerable<UpdateEdit> InOrder(List<UpdateEdit> edits, bool apex) => edits.OrderBy(e => (e.Ttl is null, apex && e.Type == DnsType.Ns) switch
    {
        (true, false) => 0,
        (false, _) => 1,
        _ => 2,
    });
}
