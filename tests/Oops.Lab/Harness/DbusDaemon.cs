namespace Oops.Lab.Harness;

/// <summary>A system bus of our own: any user, any name, no policy in the way.</summary>
internal sealed class DbusDaemon : IAsyncDisposable
{
    private readonly string _directory = Lab.FreshDirectory("dbus");
    private LabProcess? _process;

    public string Socket => Path.Combine(_directory, "bus");

    /// <summary>For DBUS_SYSTEM_BUS_ADDRESS.</summary>
    public string Address => "unix:path=" + Socket;

    public LabProcess Process => _process ?? throw new InvalidOperationException("not started");

    public async Task StartAsync()
    {
        string config = Path.Combine(_directory, "bus.conf");
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
        _process = LabProcess.Start(Path.Combine(_directory, "bus.log"), "dbus-daemon", "--config-file=" + config, "--nofork", "--nopidfile", "--nosyslog");
        await Wait.UntilAsync("dbus-daemon listens", () => File.Exists(Socket), state: () => _process.Tail());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
