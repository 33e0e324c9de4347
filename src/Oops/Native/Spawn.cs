using System.Runtime.InteropServices;
using System.Text;

namespace Oops.Native;

/// <summary>What to start.</summary>
internal sealed class SpawnOptions
{
    /// <summary>The program and its arguments. A name without '/' is looked up in our own PATH. No shell is involved.</summary>
    public required IReadOnlyList<string> Argv { get; set; }

    /// <summary>The whole environment; nothing is inherited beside it.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; set; }

    /// <summary>The working directory; null keeps ours.</summary>
    public string? Folder { get; set; }

    /// <summary>What it reads from its standard input; null: /dev/null. It need not read it.</summary>
    public byte[]? Input { get; set; }

    /// <summary>Of its output: bytes of a line that are kept, the last ten lines; more are cut.</summary>
    public int LineLength { get; set; } = 512;
}

/// <summary>A child that was started: its process, and the reading ends of its standard output and error.</summary>
internal sealed class Child(int pid, Pidfd pidfd, Descriptor output, Descriptor errors) : IDisposable
{
    /// <summary>Its pid, its session and its process group.</summary>
    public int Pid { get; } = pid;

    public Pidfd Pidfd { get; } = pidfd;

    /// <summary>Non-blocking.</summary>
    public Descriptor Output { get; } = output;

    /// <summary>Non-blocking.</summary>
    public Descriptor Errors { get; } = errors;

    /// <summary>
    /// Signals the whole group. Only before it is reaped: until then its pid, and so the group's number, cannot be somebody else's.
    /// Grandchildren that began a session of their own are not in the group.
    /// </summary>
    public void SignalGroup(int signal) => Spawn.SignalGroup(Pid, signal);

    public void Dispose()
    {
        Pidfd.Dispose();
        Output.Dispose();
        Errors.Dispose();
    }
}

/// <summary>
/// posix_spawn(3): each child in a session of its own (so that the group can be killed as a whole and no terminal reaches it), with default signals, an empty mask,
/// /dev/null or a file in memory as input, pipes as output and no other descriptor of ours. The privileges are those of the calling thread: <see cref="SpawnThreads"/>. Needs glibc 2.34.
/// </summary>
internal static partial class Spawn
{
    const int SigChild = 17;
    const int SigKill = 9;
    const short SetSignalDefault = 0x04;
    const short SetSignalMask = 0x08;
    const short SetSession = 0x80;
    const int CloseOnExec = 0x80000;
    const int NonBlocking = 0x800;
    const int SetStatusFlags = 4;

    // glibc's opaque structs are 80, 336 and 128 bytes on 64-bit; asked for with room to spare.
    const int ActionsSize = 256;
    const int AttributesSize = 512;
    const int SignalSetSize = 128;

    // A parent that ignored SIGCHLD hands that on through exec, and the kernel would then reap our children itself and drop their exit codes.
    static Spawn() => Receive(SigChild);

    /// <summary>Starts it, and returns when its program was read. False with the reason: no such program, not executable, no such folder, out of processes.</summary>
    public static bool TryStart(SpawnOptions options, out Child? child, out string why)
    {
        child = null;
        if (options.Argv.Count == 0 || options.Argv.Any(a => a.Contains('\0', StringComparison.Ordinal)) || options.Environment.Any(Unfit))
        {
            why = "cannot start: an empty command, or a NUL in an argument or in the environment";
            return false;
        }

        Descriptor? output = null, outputEnd = null, errors = null, errorsEnd = null, input = null;
        try
        {
            if (options.Input is { } octets) input = OpenInput(octets);
            (output, outputEnd) = OpenPipe();
            (errors, errorsEnd) = OpenPipe();
            var error = StartWith(options, input, outputEnd, errorsEnd, out var pid);
            if (error != 0)
            {
                why = Errno.Say($"cannot start {options.Argv[0]}{(options.Folder is { } f ? $" in {f}" : "")}", error);
                return false;
            }

            var pidfd = Pidfd.TryOpen(pid, out var errno);
            if (pidfd is null)
            {
                // Out of descriptors: a child that cannot be watched must not run.
                Discard(pid);
                why = Errno.Say($"cannot watch {options.Argv[0]}", errno);
                return false;
            }

            child = new Child(pid, pidfd, output, errors);
            why = "";
            return true;
        }
        catch (IOException e)
        {
            why = $"cannot start {options.Argv[0]}: {e.Message}";
            return false;
        }
        finally
        {
            input?.Dispose();
            outputEnd?.Dispose();
            errorsEnd?.Dispose();
            if (child is null)
            {
                output?.Dispose();
                errors?.Dispose();
            }
        }
    }

    /// <summary>Ends and reaps a child that cannot be watched. Waits for its end, so not under a lock.</summary>
    public static void Discard(int pid)
    {
        SignalGroup(pid, SigKill);
        _ = WaitPid(pid, 0, 0);
    }

    /// <summary>kill(2) of a group; the errors that are possible all mean that there is nobody left to signal.</summary>
    public static void SignalGroup(int group, int signal) => _ = Kill(-group, signal);

    static bool Unfit(KeyValuePair<string, string> variable) =>
        variable.Key.Length == 0 || variable.Key.AsSpan().IndexOfAny('=', '\0') >= 0 || variable.Value.Contains('\0', StringComparison.Ordinal);

    static unsafe int StartWith(SpawnOptions options, Descriptor? input, Descriptor output, Descriptor errors, out int pid)
    {
        pid = 0;
        var actions = stackalloc byte[ActionsSize];
        var attributes = stackalloc byte[AttributesSize];
        var signals = stackalloc byte[SignalSetSize];
        using var argv = new Strings(options.Argv);
        using var environment = new Strings([.. options.Environment.Select(v => $"{v.Key}={v.Value}")]);
        // Neither can fail in glibc.
        _ = ActionsInit(actions);
        _ = AttributesInit(attributes);
        try
        {
            var error = input is null ? ActionsOpen(actions, 0, "/dev/null", 0, 0) : ActionsDup(actions, input, 0);
            if (error == 0) error = ActionsDup(actions, output, 1);
            if (error == 0) error = ActionsDup(actions, errors, 2);
            if (error == 0) error = ActionsCloseFrom(actions, 3);
            if (error == 0 && options.Folder is { } folder) error = ActionsChdir(actions, folder);
            _ = SigFill(signals);
            if (error == 0) error = AttributesDefault(attributes, signals);
            _ = SigEmpty(signals);
            if (error == 0) error = AttributesMask(attributes, signals);
            if (error == 0) error = AttributesFlags(attributes, SetSignalDefault | SetSignalMask | SetSession);
            return error != 0 ? error : SpawnByPath(out pid, options.Argv[0], actions, attributes, argv.Pointers, environment.Pointers);
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
        }
    }

    // A file, not a pipe: a child that does not read holds nobody up, and one that ends early breaks nothing.
    static Descriptor OpenInput(ReadOnlySpan<byte> octets)
    {
        const uint CloseOnExecFlag = 1;
        var fd = MemoryFile("oops-input", CloseOnExecFlag);
        if (fd < 0) throw Errno.Fatal("memfd_create", Marshal.GetLastPInvokeError());
        var file = new Descriptor(fd);
        while (!octets.IsEmpty)
        {
            var written = file.Write(octets, out var errno);
            if (written <= 0)
            {
                file.Dispose();
                throw Errno.Fatal("write its input", errno);
            }

            octets = octets[written..];
        }

        _ = Seek(file, 0, 0);
        return file;
    }

    static unsafe (Descriptor Ours, Descriptor Theirs) OpenPipe()
    {
        var ends = stackalloc int[2];
        if (Pipe(ends, CloseOnExec) != 0) throw Errno.Fatal("pipe", Marshal.GetLastPInvokeError());
        var ours = new Descriptor(ends[0]);
        _ = Control(ours, SetStatusFlags, NonBlocking);
        return (ours, new Descriptor(ends[1]));
    }

    /// <summary>A signal that whoever started us had us ignore has its default effect again.</summary>
    public static unsafe void Receive(int signal)
    {
        var action = stackalloc nint[32];
        new Span<nint>(action, 32).Clear();
        const nint Ignore = 1;
        if (SigAction(signal, null, action) != 0 || action[0] != Ignore) return;
        action[0] = 0;
        _ = SigAction(signal, action, null);
    }

    /// <summary>A NULL-terminated array of UTF-8 strings outside the managed heap.</summary>
    readonly unsafe struct Strings : IDisposable
    {
        public readonly byte** Pointers;
        readonly int count;

        public Strings(IReadOnlyList<string> strings)
        {
            count = strings.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(strings[i]);
                Pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
                bytes.CopyTo(new Span<byte>(Pointers[i], bytes.Length));
            }
        }

        public void Dispose()
        {
            for (var i = 0; i < count; i++) NativeMemory.Free(Pointers[i]);
            NativeMemory.Free(Pointers);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SpawnByPath(out int pid, string file, byte* actions, byte* attributes, byte** argv, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int ActionsOpen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int ActionsDup(byte* actions, Descriptor fd, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static unsafe partial int ActionsCloseFrom(byte* actions, int from);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int ActionsChdir(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int AttributesDefault(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int AttributesMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int AttributesFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static unsafe partial int SigFill(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static unsafe partial int SigEmpty(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static unsafe partial int SigAction(int signal, nint* action, nint* old);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static unsafe partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial nint Seek(Descriptor fd, nint offset, int whence);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(Descriptor fd, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, nint status, int options);
}
