using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>struct msghdr of 64-bit Linux, with the compiler's own padding; recvmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public nint Name;
    public uint NameLength;
    public nint Vectors;
    public nuint VectorCount;
    public nint Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct mmsghdr: one of several, with the octets that were received or sent; recvmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CountedMessage
{
    public MessageHeader Header;
    public uint Length;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVector
{
    public nint Base;
    public nuint Length;
}
