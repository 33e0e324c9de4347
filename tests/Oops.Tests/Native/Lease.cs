using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Oops.Tests.Native;

/// <summary>A write lease (fcntl(2), F_SETLEASE): whoever opens the file, execve(2) too, waits until it is given back, as with a file server that does not answer. The kernel takes it back after 45 s.</summary>
internal sealed partial class Lease : IDisposable
{
    const int SetSignal = 10;
    const int SetLease = 1024;
    const int GetLease = 1025;
    const int WriteLock = 1;
    const int SigWindow = 28; // ignored unless asked for; SIGIO would end us

    readonly SafeFileHandle file;

    public Lease(string path)
    {
        file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.Equal(0, Control(file, SetSignal, SigWindow));
        // A child that another test starts just now has the descriptor that wrote the file until its exec.
        Assert.True(SpinWait.SpinUntil(() => Control(file, SetLease, WriteLock) == 0, TimeSpan.FromSeconds(5)));
    }

    /// <summary>Somebody waits for it to be given back.</summary>
    public bool IsWanted => Control(file, GetLease, 0) != WriteLock;

    public void Dispose() => file.Dispose();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command, nint argument);
}
