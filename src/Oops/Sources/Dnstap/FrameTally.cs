using System.Net;
using Oops.Engine;
using Oops.Wire.Dns;
using Oops.Wire.Dnstap;

namespace Oops.Sources.Dnstap;

/// <summary>What became of each data frame; each becomes exactly one of these.</summary>
internal enum FrameFate
{
    /// <summary>A message of type AUTH or CLIENT, decoded.</summary>
    Counted,

    /// <summary>Another message: what a resolver asks of others, updates, tools.</summary>
    Ignored,

    /// <summary>No dnstap payload.</summary>
    Malformed,

    /// <summary>Longer than a message can be; skipped.</summary>
    Giant,

    /// <summary>Not looked at, since the connection was behind.</summary>
    Shed,
    Last = Shed,
}

/// <summary>How the octets of a stream ended.</summary>
internal enum StreamEnd
{
    /// <summary>More is to come.</summary>
    Open,

    /// <summary>STOP: an orderly end, to be answered with FINISH.</summary>
    Stop,

    /// <summary>No Frame Stream any more.</summary>
    Broken,
}

/// <summary>
/// Takes the octets of one connection after its START, and counts. Only the connection's own task calls <see cref="Take"/>; anybody may read the numbers. A frame costs no allocation, but that of a transfer while somebody wants to know of them.
/// </summary>
/// <param name="errors">Takes the Extended DNS Errors.</param>
/// <param name="talk">Is told of transfers; null: nobody is.</param>
/// <param name="server">Whose connection it is.</param>
internal sealed class FrameTally(ErrorTable errors, TransferTalk? talk = null, string server = "")
{
    /// <summary>A DNS message has at most 65,535 octets; some senders give query and response in one.</summary>
    public const int Longest = 2 * 65_536;

    const int MostCodes = 8;

    readonly long[] fates = new long[(int)FrameFate.Last + 1];
    long queries, withErrors, unreadable;
    int skip;
    bool authQueries, clientQueries;

    public long this[FrameFate fate] => Volatile.Read(ref fates[(int)fate]);

    /// <summary>Queries that the server got: of AUTH and CLIENT messages those of type query, or the responses while no query was seen on this connection.</summary>
    public long Queries => Volatile.Read(ref queries);

    /// <summary>Responses with at least one Extended DNS Error.</summary>
    public long WithErrors => Volatile.Read(ref withErrors);

    /// <summary>Responses that are no DNS message.</summary>
    public long Unreadable => Volatile.Read(ref unreadable);

    /// <summary>Takes what it can of a buffer, and returns how much that was: the rest is the beginning of a frame.</summary>
    /// <param name="buffer">Octets of the stream, from where the last call ended.</param>
    /// <param name="shed">Frames are only told apart, not looked at.</param>
    /// <param name="end">How it goes on.</param>
    public int Take(ReadOnlySpan<byte> buffer, bool shed, out StreamEnd end)
    {
        end = StreamEnd.Open;
        var taken = Skip(buffer);
        while (skip == 0)
        {
            var reader = new FrameReader(buffer[taken..], Longest);
            var kind = FrameKind.Partial;
            ReadOnlySpan<byte> frame;
            while ((kind = reader.Next(out frame)) == FrameKind.Data)
            {
                if (shed) Add(FrameFate.Shed);
                else Add(Count(frame));
            }

            taken += reader.Consumed;
            if (kind == FrameKind.Long)
            {
                Add(FrameFate.Giant);
                skip = reader.Length;
                taken += Skip(buffer[taken..]);
                continue;
            }

            if (kind != FrameKind.Partial) end = kind == FrameKind.Control && ControlFrame.TryRead(frame, out var control) && control.Type == ControlType.Stop ? StreamEnd.Stop : StreamEnd.Broken;
            break;
        }

        return taken;
    }

    int Skip(ReadOnlySpan<byte> buffer)
    {
        var now = Math.Min(skip, buffer.Length);
        skip -= now;
        return now;
    }

    void Add(FrameFate fate) => fates[(int)fate]++;

    FrameFate Count(ReadOnlySpan<byte> frame)
    {
        switch (DnstapMessage.TryRead(frame, out var message))
        {
            case DnstapReading.Malformed:
                return FrameFate.Malformed;
            case DnstapReading.Other:
                return FrameFate.Ignored;
            default:
                break;
        }

        if (message.IsConnected && talk?.IsHeard(server) == true) Transfer(message);
        switch (message.Type)
        {
            case DnstapType.AuthQuery:
                authQueries = true;
                queries++;
                return FrameFate.Counted;
            case DnstapType.ClientQuery:
                clientQueries = true;
                queries++;
                return FrameFate.Counted;
            case DnstapType.AuthResponse:
                if (!authQueries) queries++;
                Errors(message.Response);
                return FrameFate.Counted;
            case DnstapType.ClientResponse:
                if (!clientQueries) queries++;
                Errors(message.Response);
                return FrameFate.Counted;
            default:
                return FrameFate.Ignored;
        }
    }

    /// <summary>BIND says nothing of the answer to a transfer that it allows, all say it of one that they refuse: who asked has it, until that comes.</summary>
    void Transfer(in DnstapMessage message)
    {
        var wire = message.Type is DnstapType.AuthQuery or DnstapType.ClientQuery ? message.Query : message.Type is DnstapType.AuthResponse or DnstapType.ClientResponse ? message.Response : default;
        if (message.Client.Length is not (4 or 16) || !TransferAsked.TryRead(wire, out var asked) || asked.IsSigned || (asked.IsResponse && !asked.IsRefusal)) return;
        talk!.Tell(server, new(asked.Zone.ToString(), new IPAddress(message.Client), asked.IsRefusal));
    }

    void Errors(ReadOnlySpan<byte> response)
    {
        if (!ResponseErrors.TryRead(response, out var found))
        {
            unreadable++;
            return;
        }

        Span<ushort> seen = stackalloc ushort[MostCodes];
        var count = 0;
        foreach (var error in found)
        {
            // One response counts once for a code, however often it names it.
            if (count == MostCodes || seen[..count].Contains(error.Code)) continue;
            ResponseErrors.TryReadName(response, out var name);
            errors.Add(error.Code, name, error.Text);
            seen[count++] = error.Code;
        }

        if (count > 0) withErrors++;
    }
}
