using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Oops.Native;

/// <summary>Why the kernel refused a file or a socket, in words. The runtime's own messages are not shipped (UseSystemResourceKeys): they would read "UnauthorizedAccess_IODenied_Path".</summary>
internal static class Reason
{
    /// <summary>The errno that .NET keeps in HResult ("no space left on device"), else what the type says.</summary>
    public static string Of(Exception e) => e switch
    {
        SocketException s => Of(s.NativeErrorCode),
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        PathTooLongException => "the path is too long",
        _ when IsErrno(e.HResult) => Of(e.HResult),
        _ when e.InnerException is { } inner && IsErrno(inner.HResult) => Of(inner.HResult),
        UnauthorizedAccessException => "permission denied",
        _ => "input/output error",
    };

    /// <summary>Why a file that was meant to be read was not, in words that follow its path.</summary>
    public static string Unreadable(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        // The runtime says of a folder that access is denied.
        _ when Directory.Exists(path) => "cannot be read: it is a folder",
        _ => "cannot be read: " + Of(e),
    };

    /// <summary>The same of an errno.</summary>
    public static string Of(int errno)
    {
        var text = Marshal.GetPInvokeErrorMessage(errno);
        return text.Length == 0 ? $"error {errno}" : char.ToLowerInvariant(text[0]) + text[1..];
    }

    // HRESULTs of the runtime's own are negative.
    static bool IsErrno(int number) => number is > 0 and < 4096;
}
