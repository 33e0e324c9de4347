namespace Oops.Lab.Harness;

/// <summary>A system bus of our own: any user, any name, no policy in the way.</summary>
internal sealed class DbusDaemon : IAsyncDisposable
{
    readonly string directory = Lab.FreshDirectory("dbus");
    LabProcess? process;

    public string Socket => Path.Combine(directory, "bus");

    /// <summary>For DBUS_SYSTEM_BUS_ADDRESS.</summary>
    public string Address => "unix:path=" + Socket;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    public async Task StartAsync()
    {
        string config = Path.Combine(directory, "bus.conf");
        await File.WriteAllTextAsync(config, $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <keep_umask/>
              <listen>{Address}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
                <allow user="*"/>
                <allow receive_sender="*"/>
              </policy>
            </busconfig>
            """);
        File.Delete(Socket);
        process = LabProcess.Start(Path.Combine(directory, "bus.log"), "dbus-daemon", "--config-file=" + config, "--nofork", "--nopidfile", "--nosyslog");
        await Wait.UntilAsync("dbus-daemon listens", () => Listens.AtPath(Socket), state: () => process.Tail());
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }
}
