using Oops.Reports.Verify;

namespace Oops.Reports;

/// <summary>How reports are checked.</summary>
/// <param name="Again">The same report is not checked again within this; so long what was found is believed.</param>
/// <param name="Remembered">Reports of which it is remembered what was found.</param>
internal sealed record CheckLimits(TimeSpan Again, int Remembered);

/// <summary>What is known of a report by the checks.</summary>
/// <param name="Verdict">Null: it was not checked, or it is too long ago; it may be checked soon.</param>
/// <param name="At">When, in milliseconds of a clock that does not go back.</param>
internal readonly record struct CheckStanding(CheckVerdict? Verdict, long At)
{
    public bool IsConfirmed => Verdict == CheckVerdict.Confirmed;
}

/// <summary>One report that is to be checked; all of it a copy.</summary>
internal sealed record CheckOrder(ulong Hash, string Zone, byte[] Labels, byte[] Types, int Code);

/// <summary>What became of the reports that wanted a check. Those that ever did: shed, waiting, being checked, dropped, or one of the three verdicts.</summary>
internal sealed record CheckCounts(long Confirmed, long NotConfirmed, long Unknown, long Shed, long Dropped, int Waiting);

/// <summary>
/// The reports that wait for a check, and what the last checks found. All memory is made at once, and nothing here waits: it is used under the tally's gate by the threads that answer. A zone has few places, and the zones take turns: a flood of one does not keep
/// another's waiting; nor does that of one network keep others' of its zone waiting. Only a sender whose address is proved begins a check.
/// </summary>
internal sealed class ReportChecks
{
    /// <summary>Reports that wait, of all zones and of one.</summary>
    public const int MostWaiting = 512, MostOfZone = 16;

    /// <summary>Of those of one zone so many that the same network began.</summary>
    public const int MostOfNetwork = 4;

    /// <summary>So long is it believed that nothing can be said: the reason may be over soon.</summary>
    const long Unsure = 60_000;

    /// <summary>A name without its final zero, and a label of types.</summary>
    const int MostOctets = 254 + 63;

    /// <summary>Networks that are remembered for one report until it is checked: no condition asks for more.</summary>
    const int MostSenders = 64;

    /// <summary>Zones of which it is known when their turn was.</summary>
    const int MostTurns = 4096;

    const int Picks = 4;

    readonly long again;
    readonly Entry[] entries;
    readonly byte[] octets;
    readonly ulong[] senders;
    readonly Dictionary<ulong, int> index;
    readonly Dictionary<string, int> ofZone = new(StringComparer.Ordinal);
    readonly Dictionary<(string Zone, ulong Network), int> ofNetwork = [];
    readonly Dictionary<string, long> turns = new(StringComparer.Ordinal);
    readonly List<int> waiting = new(MostWaiting);
    int used, hand;
    uint picked;
    long turn, confirmed, notConfirmed, unknown, shed, dropped;

    public ReportChecks(CheckLimits limits)
    {
        again = (long)limits.Again.TotalMilliseconds;
        var capacity = limits.Remembered + (2 * MostWaiting);
        (entries, octets, senders) = (new Entry[capacity], new byte[capacity * MostOctets], new ulong[capacity * MostSenders]);
        index = new(capacity);
        ofZone.EnsureCapacity(MostWaiting);
        ofNetwork.EnsureCapacity(MostWaiting);
        turns.EnsureCapacity(MostTurns);
    }

    public CheckCounts Counts => new(confirmed, notConfirmed, unknown, shed, dropped, waiting.Count);

    public bool IsWaiting => waiting.Count > 0;

    /// <summary>A new report: what is known of it. Where nothing is, it waits for a check from now on, or is shed.</summary>
    /// <param name="hash">Of all of it, by a key that nobody outside knows.</param>
    /// <param name="zone">The configured zone that it is in; always the same string.</param>
    /// <param name="labels">The name, without its final zero.</param>
    /// <param name="types">As they are written.</param>
    /// <param name="code">INFO-CODE.</param>
    /// <param name="network">The sender's; null: its address may be forged.</param>
    /// <param name="now">Milliseconds of a clock that does not go back.</param>
    public CheckStanding Heard(ulong hash, string zone, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> types, ushort code, ulong? network, long now)
    {
        var known = index.TryGetValue(hash, out var place);
        if (known && IsBelieved(entries[place], now))
        {
            // Should it be confirmed the next time, who tells of it now has told of it.
            if (entries[place].Verdict != CheckVerdict.Confirmed && network is { } early) Remember(place, early);
            return new(entries[place].Verdict, entries[place].At);
        }

        if (network is not { } from) return default;
        if (!known || entries[place].State == Standing.Done)
        {
            if (!HasRoom(zone, from))
            {
                shed++;
                return default;
            }

            if (!known) place = Place(hash, labels, types, code);
            Queue(place, zone, from);
        }

        Remember(place, from);
        return default;
    }

    /// <summary>Takes the next one: of the zones that wait, of that whose turn is longest ago.</summary>
    public bool TryTake(out CheckOrder order)
    {
        order = null!;
        if (waiting.Count == 0) return false;
        var (first, longest) = (0, long.MaxValue);
        for (var i = 0; i < waiting.Count; i++)
        {
            var since = turns.GetValueOrDefault(entries[waiting[i]].Zone);
            if (since < longest) (first, longest) = (i, since);
        }

        var place = waiting[first];
        Unqueue(first);
        ref var entry = ref entries[place];
        entry.State = Standing.Running;
        if (turns.Count >= MostTurns) turns.Clear();
        turns[entry.Zone] = ++turn;
        order = new(entry.Hash, entry.Zone, Name(place).ToArray(), Types(place).ToArray(), entry.Code);
        return true;
    }

    /// <summary>Keeps what was found of one that was taken. The networks that told of it meanwhile.</summary>
    public ulong[] Finish(CheckOrder order, CheckVerdict verdict, long now)
    {
        if (!index.TryGetValue(order.Hash, out var place) || entries[place].State != Standing.Running) return [];
        _ = verdict switch { CheckVerdict.Confirmed => confirmed++, CheckVerdict.NotConfirmed => notConfirmed++, _ => unknown++ };
        ref var entry = ref entries[place];
        (entry.State, entry.Verdict, entry.At) = (Standing.Done, verdict, now);
        var told = senders.AsSpan(place * MostSenders, entry.Senders).ToArray();
        if (verdict == CheckVerdict.Confirmed) entry.Senders = 0;
        return told;
    }

    /// <summary>One that was taken is not checked: its zone is none of ours any more, or we stop.</summary>
    public void Drop(CheckOrder order)
    {
        dropped++;
        if (!index.Remove(order.Hash, out var place)) return;
        entries[place] = new() { State = Standing.Done, Hash = order.Hash };
    }

    /// <summary>A zone has few places. Where all are taken, one whose zone has others makes room for a zone that has none.</summary>
    bool HasRoom(string zone, ulong network)
    {
        var own = ofZone.GetValueOrDefault(zone);
        if (own >= MostOfZone || ofNetwork.GetValueOrDefault((zone, network)) >= MostOfNetwork) return false;
        if (waiting.Count < MostWaiting) return true;
        for (var i = 0; own == 0 && i < Picks; i++)
        {
            // Knuth's multiplicative step: which one goes need not be secret, only spread.
            var at = (int)((picked += 2_654_435_769) % MostWaiting);
            var place = waiting[at];
            if (ofZone[entries[place].Zone] < 2) continue;
            Unqueue(at);
            shed++;
            index.Remove(entries[place].Hash);
            entries[place] = new() { State = Standing.Done, Hash = entries[place].Hash };
            return true;
        }

        return false;
    }

    /// <summary>A free place, or that of one that is done.</summary>
    int Place(ulong hash, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> types, ushort code)
    {
        int place;
        if (used < entries.Length)
        {
            place = used++;
        }
        else
        {
            // There are more places than can wait and run.
            while (entries[hand].State != Standing.Done) hand = (hand + 1) % entries.Length;
            place = hand;
            hand = (hand + 1) % entries.Length;
            // What was dropped has no place in the index, where another may have its hash.
            if (index.TryGetValue(entries[place].Hash, out var at) && at == place) index.Remove(entries[place].Hash);
        }

        index[hash] = place;
        entries[place] = new() { Hash = hash, NameLength = (byte)labels.Length, TypesLength = (byte)types.Length, Code = code };
        labels.CopyTo(octets.AsSpan(place * MostOctets));
        types.CopyTo(octets.AsSpan((place * MostOctets) + labels.Length));
        return place;
    }

    bool IsBelieved(in Entry entry, long now) => entry.State == Standing.Done && now - entry.At < (entry.Verdict == CheckVerdict.Unknown ? Math.Min(again, Unsure) : again);

    void Remember(int place, ulong network)
    {
        ref var entry = ref entries[place];
        if (entry.Senders < MostSenders && !senders.AsSpan(place * MostSenders, entry.Senders).Contains(network)) senders[(place * MostSenders) + entry.Senders++] = network;
    }

    void Queue(int place, string zone, ulong network)
    {
        (entries[place].State, entries[place].Zone, entries[place].BegunBy) = (Standing.Waiting, zone, network);
        ofZone[zone] = ofZone.GetValueOrDefault(zone) + 1;
        ofNetwork[(zone, network)] = ofNetwork.GetValueOrDefault((zone, network)) + 1;
        waiting.Add(place);
    }

    void Unqueue(int at)
    {
        var (zone, network) = (entries[waiting[at]].Zone, entries[waiting[at]].BegunBy);
        waiting.RemoveAt(at);
        if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(ofNetwork, (zone, network)) == 0) ofNetwork.Remove((zone, network));
        if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(ofZone, zone) == 0) ofZone.Remove(zone);
    }

    ReadOnlySpan<byte> Name(int place) => octets.AsSpan(place * MostOctets, entries[place].NameLength);

    ReadOnlySpan<byte> Types(int place) => octets.AsSpan((place * MostOctets) + entries[place].NameLength, entries[place].TypesLength);

    enum Standing : byte
    {
        Waiting,
        Running,
        Done,
    }

    struct Entry
    {
        public ulong Hash;
        public string Zone;
        public Standing State;
        public CheckVerdict Verdict;
        public byte NameLength, TypesLength;
        public ushort Code;
        public int Senders;

        /// <summary>The network that told of it first.</summary>
        public ulong BegunBy;

        /// <summary>Of what is done: when. Milliseconds of a clock that does not go back.</summary>
        public long At;
    }
}
