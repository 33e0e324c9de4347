using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>The error numbers that we tell apart, the same on x86-64 and arm64, and the text of all of them.</summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int NoDevice = 6;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NotFolder = 20;
    public const int IsFolder = 21;
    public const int Invalid = 22;
    public const int TooManyInSystem = 23;
    public const int TooManyOpen = 24;
    public const int NotTty = 25;
    public const int NotPipe = 29;
    public const int NoSystemCall = 38;
    public const int Loop = 40;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int NetUnreachable = 101;
    public const int NoBuffers = 105;
    public const int IsConnected = 106;
    public const int HostUnreachable = 113;
    public const int Already = 114;
    public const int InProgress = 115;
    public const int Canceled = 125;

    /// <summary>"cannot open pidfd of 17: No such process".</summary>
    public static string Say(string what, int errno) => $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}";

    /// <summary>A failure that only a bug or an exhausted system explains.</summary>
    public static IOException Fatal(string what, int errno) => new(Say(what, errno), errno);
}
