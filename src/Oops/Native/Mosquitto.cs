using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Oops.Native;

/// <summary>What a connection to a broker is to be like.</summary>
/// <param name="clientId">Who has it, by the broker.</param>
/// <param name="five">MQTT 5; else 3.1.1.</param>
internal sealed class MosquittoOptions(string clientId, bool five)
{
    // No record: its text would have the password in it.
    public string ClientId => clientId;

    public bool Five => five;

    public string? User { get; init; }

    public string? Password { get; init; }

    public bool Tls { get; init; }

    /// <summary>PEM; null: the authorities of the system.</summary>
    public string? Authorities { get; init; }

    public string? Certificate { get; init; }

    public string? Key { get; init; }
}

/// <summary>One message. What is not of MQTT 3.1.1 is left out there.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">What.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Properties">User properties.</param>
/// <param name="Expiry">When the broker forgets it; null: never.</param>
internal sealed record MosquittoMessage(string Topic, byte[] Payload, string ContentType, IReadOnlyList<(string Name, string Value)> Properties, TimeSpan? Expiry)
{
    public bool IsText { get; init; }
}

/// <summary>
/// One connection to an MQTT broker: libmosquitto.so.1 (from 2.0 on; measured with 2.0.11), EPL-2.0 or BSD-3-Clause. One thread turns it (<see cref="Turn"/>), on which it tells what happened; any thread may publish. It is used once: another connection is another one.
/// </summary>
internal sealed unsafe partial class Mosquitto : SafeHandle
{
    const int Ok = 0, Errno = 14, ProtocolVersion = 1, NoDelay = 11;
    const int PayloadFormat = 1, MessageExpiry = 2, ContentType = 3, UserProperty = 38;
    const int AtLeastOnce = 1, VerifyPeer = 1, Oldest = 2;

    // What Debian keeps hashed.
    const string SystemAuthorities = "/etc/ssl/certs";

    static readonly Lazy<bool> Begun = new(static () => Begin() == Ok);

    readonly bool five;
    GCHandle self;

    /// <param name="five">MQTT 5.</param>
    Mosquitto(bool five) : base(0, true) => this.five = five;

    public override bool IsInvalid => handle == 0;

    /// <summary>The broker has answered: 0, or why it refuses.</summary>
    public Action<int>? Answered { get; set; }

    /// <summary>The connection has ended, by that reason.</summary>
    public Action<int>? Ended { get; set; }

    /// <summary>The broker has a message, by its number, or refuses it by that reason.</summary>
    public Action<int, int>? Taken { get; set; }

    /// <summary>Null with the reason: the library is not there, or refuses what it is told, such as a certificate that cannot be read.</summary>
    public static Mosquitto? TryOpen(MosquittoOptions options, MosquittoMessage will, out string why)
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.Mosquitto, out why)) return null;
        if (Version(out var major, out var minor, out var revision) < 0 || major < Oldest)
        {
            why = $"MQTT needs libmosquitto {Oldest}.0 or newer; this is {major}.{minor}.{revision}";
            return null;
        }

        var made = new Mosquitto(options.Five);
        made.self = GCHandle.Alloc(made, GCHandleType.Weak);
        if (Begun.Value) made.SetHandle(New(options.ClientId, true, GCHandle.ToIntPtr(made.self)));
        if (made.IsInvalid)
        {
            why = "libmosquitto takes no connection with this client-id, or has no memory";
            // What is invalid is not released.
            made.self.Free();
            made.Dispose();
            return null;
        }

        if (made.Prepare(options, will) is not { } problem) return made;
        why = problem;
        made.Dispose();
        return null;
    }

    /// <summary>
    /// Looks the name up, connects to the first of its addresses that takes it, and asks for a session; null, or why not. It blocks for as long as the resolver and the kernel do, by default two minutes for an address that is silent.
    /// What the library has that does not block tries the first address alone, and with TLS begins the handshake before the connection stands: where that is refused it turns for ever without waiting.
    /// </summary>
    public string? Connect(string host, int port, int keepAlive) => Said(Connect(this, host, port, keepAlive));

    /// <summary>Does what there is to do, and waits for it for so long at most; null, or why the connection has ended.</summary>
    public string? Turn(TimeSpan most) => Said(Loop(this, (int)most.TotalMilliseconds, 1));

    /// <summary>Gives a message to the broker, to be kept as the last of its topic. Null, or why not.</summary>
    public string? Publish(MosquittoMessage message, out int number)
    {
        nint properties = 0;
        try
        {
            properties = five ? PropertiesOf(message) : 0;
            fixed (byte* payload = message.Payload)
            {
                number = 0;
                return Said(Publish(this, ref number, message.Topic, message.Payload.Length, payload, AtLeastOnce, true, properties));
            }
        }
        finally
        {
            FreeProperties(ref properties);
        }
    }

    /// <summary>Says good-bye: the broker forgets the will.</summary>
    public void Leave() => _ = Disconnect(this, 0, 0);

    /// <summary>A reason of MQTT 5, or the code by which a 3.1.1 broker refuses, in words.</summary>
    public static string Reason(int code, bool connecting) =>
        Utf8StringMarshaller.ConvertToManaged(connecting && code < 0x80 ? ConnackWords(code) : ReasonWords(code))!.TrimEnd('.');

    protected override bool ReleaseHandle()
    {
        Destroy(handle);
        if (self.IsAllocated) self.Free();
        return true;
    }

    string? Prepare(MosquittoOptions options, MosquittoMessage will)
    {
        var error = SetOption(this, ProtocolVersion, options.Five ? 5 : 4);
        if (error == Ok) error = SetOption(this, NoDelay, 1);
        if (error == Ok) error = SetThreaded(this, true);
        if (error == Ok && options.User is { } user) error = SetUser(this, user, options.Password);
        if (error == Ok && options.Tls)
        {
            // Without a callback it would ask the terminal for the password of a key.
            error = SetTls(this, options.Authorities, options.Authorities is null ? SystemAuthorities : null, options.Certificate, options.Key, &NoPassword);
            if (error == Ok) error = SetTlsOptions(this, VerifyPeer, null, null);
        }

        if (error != Ok) return Said(error);
        ListenConnect(this, &OnConnect);
        ListenDisconnect(this, &OnDisconnect);
        ListenPublish(this, &OnPublish);
        nint properties = options.Five ? PropertiesOf(will) : 0;
        fixed (byte* payload = will.Payload) error = SetWill(this, will.Topic, will.Payload.Length, payload, AtLeastOnce, true, properties);
        // They are the library's where it takes them.
        if (error != Ok) FreeProperties(ref properties);
        return Said(error);
    }

    static nint PropertiesOf(MosquittoMessage message)
    {
        nint list = 0;
        if (message.IsText) _ = AddByte(ref list, PayloadFormat, 1);
        if (message.Expiry is { } expiry) _ = AddNumber(ref list, MessageExpiry, (uint)Math.Clamp(Math.Ceiling(expiry.TotalSeconds), 1, uint.MaxValue));
        _ = AddText(ref list, ContentType, message.ContentType);
        foreach (var (name, value) in message.Properties) _ = AddPair(ref list, UserProperty, name, value);
        return list;
    }

    static string? Said(int error) => error switch
    {
        Ok => null,
        Errno => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()).ToLowerInvariant(),
        _ => Utf8StringMarshaller.ConvertToManaged(Words(error))!.TrimEnd('.').ToLowerInvariant(),
    };

    static Mosquitto? Of(nint self) => GCHandle.FromIntPtr(self).Target as Mosquitto;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnConnect(nint handle, nint self, int code, int flags, nint properties) => Of(self)?.Answered?.Invoke(code);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnDisconnect(nint handle, nint self, int code, nint properties) => Of(self)?.Ended?.Invoke(code);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnPublish(nint handle, nint self, int number, int code, nint properties) => Of(self)?.Taken?.Invoke(number, code);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int NoPassword(byte* buffer, int size, int writing, nint data) => 0;

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_lib_version")]
    private static partial int Version(out int major, out int minor, out int revision);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_lib_init")]
    private static partial int Begin();

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_new", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint New(string id, [MarshalAs(UnmanagedType.U1)] bool clean, nint self);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_destroy")]
    private static partial void Destroy(nint handle);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_int_option")]
    private static partial int SetOption(Mosquitto handle, int option, int value);

    // We turn it by a thread of our own: what others publish wakes it.
    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_threaded_set")]
    private static partial int SetThreaded(Mosquitto handle, [MarshalAs(UnmanagedType.U1)] bool threaded);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_username_pw_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetUser(Mosquitto handle, string user, string? password);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_tls_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetTls(Mosquitto handle, string? file, string? folder, string? certificate, string? key, delegate* unmanaged[Cdecl]<byte*, int, int, nint, int> password);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_tls_opts_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetTlsOptions(Mosquitto handle, int verify, string? version, string? ciphers);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_will_set_v5", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetWill(Mosquitto handle, string topic, int length, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_connect", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Connect(Mosquitto handle, string host, int port, int keepAlive);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_loop", SetLastError = true)]
    private static partial int Loop(Mosquitto handle, int timeout, int packets);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_publish_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Publish(Mosquitto handle, ref int number, string topic, int length, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_disconnect_v5")]
    private static partial int Disconnect(Mosquitto handle, int reason, nint properties);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_connect_v5_callback_set")]
    private static partial void ListenConnect(Mosquitto handle, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_disconnect_v5_callback_set")]
    private static partial void ListenDisconnect(Mosquitto handle, delegate* unmanaged[Cdecl]<nint, nint, int, nint, void> callback);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_publish_v5_callback_set")]
    private static partial void ListenPublish(Mosquitto handle, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_property_add_byte")]
    private static partial int AddByte(ref nint list, int property, byte value);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_property_add_int32")]
    private static partial int AddNumber(ref nint list, int property, uint value);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_property_add_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddText(ref nint list, int property, string value);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_property_add_string_pair", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddPair(ref nint list, int property, string name, string value);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_property_free_all")]
    private static partial void FreeProperties(ref nint list);

    // The library's own constant texts.
    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_strerror")]
    private static partial byte* Words(int error);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_connack_string")]
    private static partial byte* ConnackWords(int code);

    [LibraryImport(NativeLibraries.Mosquitto, EntryPoint = "mosquitto_reason_string")]
    private static partial byte* ReasonWords(int code);
}
