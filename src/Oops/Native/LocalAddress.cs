using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>Whether an address is one of this host, as the kernel's routing has it (rtnetlink(7)): assigned, or inside a network that is local as a whole (`ip route add local NET dev lo`). Costs one system call or two, and sends nothing.</summary>
internal static partial class LocalAddress
{
    const int Netlink = 16;
    const int RawCloseOnExec = 3 | 0x80000;
    const int RouteProtocol = 0;
    const int DontWait = 0x40;

    const ushort NewRoute = 24;
    const ushort GetRoute = 26;
    const ushort Error = 2;
    const ushort Request = 1;
    const ushort Destination = 1;

    const byte Local = 2;

    const int HeaderSize = 16;
    const int RouteSize = 12;
    const int TypeOffset = HeaderSize + 7;

    /// <summary>Null: the kernel did not tell, and nothing is known.</summary>
    public static bool? Has(IPAddress address)
    {
        using var netlink = new Descriptor(Open(Netlink, RawCloseOnExec, RouteProtocol));
        if (netlink.IsInvalid) return null;
        Span<byte> request = stackalloc byte[HeaderSize + RouteSize + 4 + 16];
        var length = Write(request, address);
        if (Send(netlink, ref MemoryMarshal.GetReference(request), length, 0) != length) return null;
        Span<byte> reply = stackalloc byte[1024];
        // The kernel answers within the call that asks.
        return Read(reply[..(int)Math.Max(0, Receive(netlink, ref MemoryMarshal.GetReference(reply), reply.Length, DontWait))]);
    }

    static int Write(Span<byte> request, IPAddress address)
    {
        request.Clear();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var size);
        var length = HeaderSize + RouteSize + 4 + size;
        BinaryPrimitives.WriteInt32LittleEndian(request, length);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], GetRoute);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], Request);
        request[HeaderSize] = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 2 : 10);
        request[HeaderSize + 1] = (byte)(size * 8);
        BinaryPrimitives.WriteUInt16LittleEndian(request[(HeaderSize + RouteSize)..], (ushort)(4 + size));
        BinaryPrimitives.WriteUInt16LittleEndian(request[(HeaderSize + RouteSize + 2)..], Destination);
        bytes[..size].CopyTo(request[(HeaderSize + RouteSize + 4)..]);
        return length;
    }

    /// <summary>A route to it, whose type says it; or that there is none.</summary>
    public static bool? Read(ReadOnlySpan<byte> reply)
    {
        if (reply.Length < HeaderSize + 4) return null;
        var type = BinaryPrimitives.ReadUInt16LittleEndian(reply[4..]);
        if (type == NewRoute) return reply.Length < HeaderSize + RouteSize ? null : reply[TypeOffset] == Local;
        if (type != Error) return null;
        return -BinaryPrimitives.ReadInt32LittleEndian(reply[HeaderSize..]) is Errno.NetUnreachable or Errno.HostUnreachable ? false : null;
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(Descriptor fd, ref byte data, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(Descriptor fd, ref byte data, nint length, int flags);
}
