using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Wire.Protobuf;

namespace Oops.Wire.Gobgp;

/// <summary>What GoBGP answers. A malformed message is null.</summary>
public static class GobgpAnswers
{
    const uint Established = 6;

    /// <summary>GetBgpResponse: the local AS; 0: BGP was not started.</summary>
    public static uint? LocalAs(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        uint asn = 0;
        while (reader.TryNext())
        {
            if (reader is not { Field: 1, IsBytes: true }) continue;
            var global = new ProtobufReader(reader.Bytes);
            while (global.TryNext())
                if (global is { Field: 1, IsBytes: false }) asn = (uint)global.Number;
            if (!global.AtEnd) return null;
        }

        return reader.AtEnd ? asn : null;
    }

    /// <summary>ListPeerResponse.</summary>
    public static GobgpPeer? Peer(GobgpApi api, ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        var draft = new PeerDraft();
        while (reader.TryNext())
        {
            if (reader is not { Field: 1, IsBytes: true }) continue;
            var peer = new ProtobufReader(reader.Bytes);
            while (peer.TryNext())
                if (peer.IsBytes && !draft.Take(api, peer.Field, peer.Bytes)) return null;
            if (!peer.AtEnd) return null;
        }

        return reader.AtEnd && draft.Address.Length > 0 ? draft.Made() : null;
    }

    /// <summary>ListPathResponse: the paths of one prefix.</summary>
    public static ImmutableArray<GobgpPath>? Destination(GobgpApi api, ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        var paths = ImmutableArray.CreateBuilder<GobgpPath>();
        while (reader.TryNext())
        {
            if (reader is not { Field: 1, IsBytes: true }) continue;
            IPNetwork? prefix = null;
            var destination = new ProtobufReader(reader.Bytes);
            while (destination.TryNext())
            {
                if (destination is { Field: 1, IsBytes: true }) prefix = IPNetwork.TryParse(Text(destination.Bytes), out var parsed) ? parsed : null;
                if (destination is not { Field: 2, IsBytes: true }) continue;
                if (prefix is not { } known || Path(api, known, destination.Bytes) is not { } path) return null;
                paths.Add(path);
            }

            if (!destination.AtEnd) return null;
        }

        return reader.AtEnd ? paths.ToImmutable() : null;
    }

    internal static GobgpPath? Path(GobgpApi api, IPNetwork prefix, ReadOnlySpan<byte> message)
    {
        var path = new GobgpPath(prefix, null);
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
            switch (reader)
            {
                case { Field: 2, IsBytes: true }:
                    if (GobgpAttributeReader.Add(api, path, reader.Bytes) is not { } more) return null;
                    path = more;
                    break;
                case { Field: 4, IsBytes: false }:
                    path = path with { Best = reader.Number != 0 };
                    break;
                case { Field: 5, IsBytes: false }:
                    path = path with { Withdraw = reader.Number != 0 };
                    break;
                case { Field: 15, IsBytes: true }:
                    // A path of its own has Go's word for no address there.
                    path = path with { From = IPAddress.TryParse(Text(reader.Bytes), out var from) ? from : null };
                    break;
            }
        return reader.AtEnd ? path : null;
    }

    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>A session, field by field.</summary>
    struct PeerDraft
    {
        string? address;
        uint asn;
        bool established;
        (bool Four, bool Six) configured;
        (bool Any, bool Four, bool Six) taken;
        long received;

        public readonly string Address => address ?? "";

        public readonly GobgpPeer Made()
        {
            // A neighbour that speaks of no family takes IPv4 (RFC 4760, section 8).
            var (four, six) = !established ? (true, true) : taken.Any ? (taken.Four, taken.Six) : (true, false);
            return new(Address, asn, established, configured.Four && four, configured.Six && six, received);
        }

        public bool Take(GobgpApi api, uint field, ReadOnlySpan<byte> message)
        {
            var reader = new ProtobufReader(message);
            while (reader.TryNext())
                switch (field, reader.Field, reader.IsBytes)
                {
                    case (5, 5, true) when reader.Bytes.Length > 0:
                        address = Text(reader.Bytes);
                        break;
                    case (2, 4, true) when Address.Length == 0:
                        address = Text(reader.Bytes);
                        break;
                    case (5, 6, false):
                        asn = (uint)reader.Number;
                        break;
                    case (5, 13, false):
                        established = reader.Number == Established;
                        break;
                    case (5, 18, true):
                        if (!TakeCapability(api, reader.Bytes)) return false;
                        break;
                    case (10, 2 or 3, true):
                        if (!TakeFamily(reader.Field, reader.Bytes)) return false;
                        break;
                }
            return reader.AtEnd;
        }

        /// <summary>One that says which family the neighbour takes.</summary>
        bool TakeCapability(GobgpApi api, ReadOnlySpan<byte> message)
        {
            ReadOnlySpan<byte> capability = default;
            var multi = false;
            var reader = new ProtobufReader(message);
            while (reader.TryNext())
            {
                if (!reader.IsBytes) continue;
                if (api == GobgpApi.V3 && reader.Field == 1) multi = reader.Bytes.EndsWith(".MultiProtocolCapability"u8);
                if (api == GobgpApi.V3 && reader.Field == 2) capability = reader.Bytes;
                if (api != GobgpApi.V4 || reader.Field != MultiProtocol4) continue;
                multi = true;
                capability = reader.Bytes;
            }

            if (!reader.AtEnd) return false;
            if (!multi) return true;
            taken.Any = true;
            var inner = new ProtobufReader(capability);
            while (inner.TryNext())
            {
                if (inner is not { Field: 1, IsBytes: true }) continue;
                if (Family(inner.Bytes) is not { } family) return false;
                if (family == (1, 1)) taken.Four = true;
                if (family == (2, 1)) taken.Six = true;
            }

            return inner.AtEnd;
        }

        /// <summary>AfiSafiConfig or AfiSafiState.</summary>
        bool TakeFamily(uint part, ReadOnlySpan<byte> message)
        {
            var reader = new ProtobufReader(message);
            while (reader.TryNext())
                switch (part, reader.Field, reader.IsBytes)
                {
                    case (2, 1, true):
                        if (Family(reader.Bytes) is not { } family) return false;
                        if (family == (1, 1)) configured.Four = true;
                        if (family == (2, 1)) configured.Six = true;
                        break;
                    case (3, 3, false):
                        received += (long)Math.Min(reader.Number, int.MaxValue);
                        break;
                }
            return reader.AtEnd;
        }
    }

    /// <summary>Capability.multi_protocol of v4's oneof.</summary>
    const uint MultiProtocol4 = 2;

    static (uint Afi, uint Safi)? Family(ReadOnlySpan<byte> message)
    {
        (uint Afi, uint Safi) family = default;
        var reader = new ProtobufReader(message);
        while (reader.TryNext())
        {
            if (reader is { Field: 1, IsBytes: false }) family.Afi = (uint)reader.Number;
            if (reader is { Field: 2, IsBytes: false }) family.Safi = (uint)reader.Number;
        }

        return reader.AtEnd ? family : null;
    }
}
