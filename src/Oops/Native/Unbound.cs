using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Oops.Native;

/// <summary>What a validating resolver found.</summary>
/// <param name="Rcode">The response code, also where it is bogus and so not to be believed.</param>
/// <param name="Records">Records of the answer.</param>
/// <param name="Secure">Validated up to a trust anchor.</param>
/// <param name="Bogus">Validation failed.</param>
/// <param name="WhyBogus">The library's words, cut, as they are: not safe for terminals. Null: none.</param>
internal readonly record struct UnboundAnswer(int Rcode, int Records, bool Secure, bool Bogus, string? WhyBogus);

/// <summary>
/// A validating resolver of its own: libunbound.so.8 (from 1.9 on; measured with 1.17.1), BSD. For one thread. It resolves what strangers chose, so it is used only in a process that may die of it (ADR 19), never in the daemon.
/// </summary>
internal sealed unsafe partial class Unbound : SafeHandle
{
    const int ClassIn = 1, MostWords = 300, MostRecords = 10_000, Nicest = 19;

    /// <summary>Networks that are not of the Internet (RFC 6890).</summary>
    static readonly string[] Ours = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "::/96", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "ff00::/8"];

    /// <summary>None; for <see cref="TryOpen"/>.</summary>
    public Unbound() : base(0, true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>A resolver; null with the reason: the library is not there, or refuses what it is told.</summary>
    /// <param name="forwarders">`address` or `address@port`; none: it begins at the root.</param>
    /// <param name="toLoopback">One of them is on this host, where it would not ask otherwise.</param>
    /// <param name="trustAnchor">A file of DS or DNSKEY records in zone format.</param>
    /// <param name="why">The reason.</param>
    public static Unbound? TryOpen(IReadOnlyList<string> forwarders, bool toLoopback, string trustAnchor, out string why)
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.UnboundResolver, out why)) return null;
        var context = new Unbound();
        context.SetHandle(Create());
        if (context.IsInvalid)
        {
            why = "libunbound: out of memory";
            context.Dispose();
            return null;
        }

        // It would write to standard error, in its own form.
        _ = Silence(context, 0);
        var error = toLoopback ? Set(context, "do-not-query-localhost:", "no") : 0;
        // From the root on it goes where a zone says that may be a stranger's: into no network of ours.
        if (forwarders.Count == 0)
            foreach (var network in Ours)
                if (error == 0) error = Set(context, "do-not-query-address:", network);
        foreach (var forwarder in forwarders)
            if (error == 0) error = Forward(context, forwarder);
        if (error == 0) error = AddAnchors(context, trustAnchor);
        if (error == 0) return context;
        why = $"libunbound: {Utf8StringMarshaller.ConvertToManaged(Words(error))}";
        context.Dispose();
        return null;
    }

    /// <summary>Resolves, and blocks for as long as that takes; the calling thread gets the least of the processor from then on. Null with the reason.</summary>
    /// <param name="name">In presentation form.</param>
    /// <param name="type">RR type.</param>
    /// <param name="why">The reason.</param>
    public UnboundAnswer? Resolve(string name, ushort type, out string why)
    {
        // Of this thread alone: a name may be made to cost as much as it can (CVE-2023-50387).
        _ = SetPriority(0, 0, Nicest);
        why = "";
        Result* result = null;
        // What it would answer by itself, and does not ask anybody: test, 10.in-addr.arpa and their like (RFC 6303, 6761). The name, and what is below it, is asked for all the same.
        var error = RemoveZone(this, name);
        if (error == 0) error = AddZone(this, name, "transparent");
        if (error == 0) error = Ask(this, name, type, ClassIn, &result);
        if (error != 0 || result is null)
        {
            why = $"libunbound: {Utf8StringMarshaller.ConvertToManaged(Words(error))}";
            return null;
        }

        try
        {
            var records = 0;
            while (result->Data is not null && records < MostRecords && result->Data[records] is not null) records++;
            var words = result->WhyBogus is null ? null : Cut(Utf8StringMarshaller.ConvertToManaged(result->WhyBogus)!);
            return new(result->Rcode, records, result->Secure != 0, result->Bogus != 0, words);
        }
        finally
        {
            Free(result);
        }
    }

    protected override bool ReleaseHandle()
    {
        Delete(handle);
        return true;
    }

    static string Cut(string words) => words.Length > MostWords ? words[..MostWords] : words;

    /// <summary>struct ub_result of unbound.h, up to what is read of it; the library makes it and frees it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Result
    {
        public byte* Name;
        public int Type;
        public int Class;
        public byte** Data;
        public int* Lengths;
        public byte* CanonicalName;
        public int Rcode;
        public void* Packet;
        public int PacketLength;
        public int HaveData;
        public int NxDomain;
        public int Secure;
        public int Bogus;
        public byte* WhyBogus;
    }

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_create")]
    private static partial nint Create();

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_delete")]
    private static partial void Delete(nint context);

    // Of a FILE; null: none.
    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_debugout")]
    private static partial int Silence(Unbound context, nint file);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_set_option", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(Unbound context, string option, string value);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_set_fwd", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Forward(Unbound context, string address);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_add_ta_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddAnchors(Unbound context, string file);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_zone_remove", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveZone(Unbound context, string name);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_ctx_zone_add", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddZone(Unbound context, string name, string type);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_resolve", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Ask(Unbound context, string name, int type, int @class, Result** result);

    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_resolve_free")]
    private static partial void Free(Result* result);

    // The library's own constant text.
    [LibraryImport(NativeLibraries.UnboundResolver, EntryPoint = "ub_strerror")]
    private static partial byte* Words(int error);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
