using Oops.DBus;
using Oops.Tests.DBus;
using Oops.Wire.DBus;

namespace Oops.Tests.Sources.Systemd;

/// <summary>A systemd with one unit, on a bus of its own: it answers as systemd 252 does, until a test has it answer otherwise.</summary>
internal sealed class FakeSystemd : IAsyncDisposable
{
    public const string Owner = ":1.1";
    const string UnitPath = "/org/freedesktop/systemd1/unit/knot_2eservice";
    const string ManagerPath = "/org/freedesktop/systemd1";

    readonly Lock gate = new();
    Task serving = Task.CompletedTask;

    public FakeBus Bus { get; } = new();

    public string Address => Bus.Options.Address;

    public string OwnerNow { get; set; } = Owner;

    public bool Loaded { get; set; } = true;

    public string Id { get; set; } = "knot.service";

    public string LoadState { get; set; } = "loaded";

    public string Active { get; set; } = "active";

    public string Sub { get; set; } = "running";

    public string Result { get; set; } = "success";

    public uint MainPid { get; set; } = 42;

    public int ExitCode { get; set; }

    public int ExitStatus { get; set; }

    public uint Job { get; set; }

    public string JobType { get; set; } = "";

    /// <summary>Members that are answered with this error.</summary>
    public Dictionary<string, string> Refused { get; } = [];

    /// <summary>Members that are answered so, whatever was asked.</summary>
    public Dictionary<string, (string Signature, DBusWriter Body)> Wrong { get; } = [];

    /// <summary>Members that nobody answers.</summary>
    public HashSet<string> Silent { get; } = [];

    public List<string> Asked { get; } = [];

    /// <summary>Lets a client connect, and answers it until it leaves.</summary>
    public async Task WelcomeAsync()
    {
        await serving;
        await Bus.WelcomeAsync();
        serving = ServeAsync();
    }

    /// <summary>Both signals of a change, as systemd sends them.</summary>
    public async Task ChangeAsync()
    {
        await SendServiceAsync();
        await SendUnitAsync();
    }

    public Task SendServiceAsync() => PropertiesAsync("org.freedesktop.systemd1.Service", Service);

    public Task SendUnitAsync() => PropertiesAsync("org.freedesktop.systemd1.Unit", Unit);

    public Task JobNewAsync(string sender = Owner) => ManagerAsync(sender, "JobNew", "uos", new DBusWriter().UInt32(Job).String(JobPath).String("knot.service"));

    public Task JobRemovedAsync(uint id) => ManagerAsync(Owner, "JobRemoved", "uoss", new DBusWriter().UInt32(id).String($"{ManagerPath}/job/{id}").String("knot.service").String("done"));

    public Task UnitAsync(string member) => ManagerAsync(Owner, member, "so", new DBusWriter().String("knot.service").String(UnitPath));

    public Task OwnerChangeAsync(string was, string now) => Bus.SendAsync(new DBusMessage
    {
        Type = DBusMessageType.Signal,
        Serial = 4,
        Path = "/org/freedesktop/DBus",
        Interface = DBusConnection.Bus,
        Member = "NameOwnerChanged",
        Sender = DBusConnection.Bus,
        Signature = "sss",
        Body = new DBusWriter().String("org.freedesktop.systemd1").String(was).String(now).Written.ToArray(),
    });

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await serving;
    }

    string JobPath => Job == 0 ? "/" : $"{ManagerPath}/job/{Job}";

    Task ManagerAsync(string sender, string member, string signature, DBusWriter body) => Bus.SendAsync(new DBusMessage
    {
        Type = DBusMessageType.Signal,
        Serial = 5,
        Path = ManagerPath,
        Interface = "org.freedesktop.systemd1.Manager",
        Member = member,
        Sender = sender,
        Signature = signature,
        Body = body.Written.ToArray(),
    });

    Task PropertiesAsync(string of, Action<DBusWriter> write)
    {
        var body = new DBusWriter().String(of);
        var all = body.BeginArray('{');
        write(body);
        body.EndArray(all);
        body.EndArray(body.BeginArray('s'));
        return Bus.SendAsync(new DBusMessage
        {
            Type = DBusMessageType.Signal,
            Serial = 6,
            Path = UnitPath,
            Interface = "org.freedesktop.DBus.Properties",
            Member = "PropertiesChanged",
            Sender = OwnerNow,
            Signature = "sa{sv}as",
            Body = body.Written.ToArray(),
        });
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var call = await Bus.CallAsync();
                lock (gate) Asked.Add(call.Member!);
                if (Silent.Contains(call.Member!)) continue;
                if (Refused.TryGetValue(call.Member!, out var error)) await ErrorAsync(call, error);
                else if (Wrong.TryGetValue(call.Member!, out var wrong)) await Bus.AnswerAsync(call, wrong.Signature, wrong.Body);
                else await AnswerAsync(call);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or System.Net.Sockets.SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has left, or nothing was asked for ten seconds.
        }
    }

    Task AnswerAsync(DBusMessage call)
    {
        var body = new DBusWriter();
        switch (call.Member)
        {
            case "GetNameOwner" when OwnerNow.Length > 0:
                return Bus.AnswerAsync(call, "s", body.String(OwnerNow));
            case "GetNameOwner":
                return ErrorAsync(call, "org.freedesktop.DBus.Error.NameHasNoOwner");
            case "GetUnit" when Loaded:
                return Bus.AnswerAsync(call, "o", body.String(UnitPath));
            case "GetUnit":
                return ErrorAsync(call, "org.freedesktop.systemd1.NoSuchUnit");
            case "GetAll":
                var all = body.BeginArray('{');
                Unit(body);
                Service(body);
                return Bus.AnswerAsync(call, "a{sv}", body.EndArray(all));
            case "Get" when Job == 0:
                return ErrorAsync(call, "org.freedesktop.DBus.Error.UnknownObject");
            case "Get":
                return Bus.AnswerAsync(call, "v", body.Variant("s").String(JobType));
            default:
                return Bus.AnswerAsync(call, "", null);
        }
    }

    Task ErrorAsync(DBusMessage call, string error) => Bus.SendAsync(new DBusMessage { Type = DBusMessageType.Error, Serial = 3, ReplySerial = call.Serial, Sender = DBusConnection.Bus, ErrorName = error });

    void Unit(DBusWriter body)
    {
        Text(body, "Id", Id);
        body.Struct().String("Names").Variant("as");
        body.EndArray(body.BeginArray('s'));
        Text(body, "LoadState", LoadState);
        Text(body, "ActiveState", Active);
        Text(body, "SubState", Sub);
        body.Struct().String("Job").Variant("(uo)").Struct().UInt32(Job).String(JobPath);
    }

    void Service(DBusWriter body)
    {
        Text(body, "Result", Result);
        body.Struct().String("MainPID").Variant("u").UInt32(MainPid);
        body.Struct().String("ExecMainCode").Variant("i").Int32(ExitCode);
        body.Struct().String("ExecMainStatus").Variant("i").Int32(ExitStatus);
    }

    static void Text(DBusWriter body, string name, string value) => body.Struct().String(name).Variant("s").String(value);
}
