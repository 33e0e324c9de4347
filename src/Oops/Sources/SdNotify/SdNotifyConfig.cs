using System.ComponentModel;
using System.Text;
using Oops.Config;
using Oops.Engine;
using Oops.Native;

namespace Oops.Sources.SdNotify;

/// <summary>One server's NOTIFY_SOCKET.</summary>
internal sealed record SdNotifyConfig : ISourceConfig, IValidate
{
    [Description("The server, by its name under servers. A process source has to tell which process it is: nobody else's word counts.")]
    [Reference(Named.Server)]
    public required string Server { get; set; }

    [Description("The datagram socket to listen at, which the server has as its NOTIFY_SOCKET: an absolute path in a folder that the server may enter, or @NAME in the abstract namespace, which a chroot does not hide.")]
    public required string Listen { get; set; }

    [Description("Where each datagram goes on to, unchanged and as from its sender: /run/systemd/notify for systemd's own; an absolute path or @NAME. Needs CAP_SYS_ADMIN. Absent: they end here.")]
    public string? Forward { get; set; }

    public ISource Create(OopsConfig config) => new SdNotifySource(new SdNotifyTarget(Server, Listen, Forward));

    public void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
        if (!config.Sources.Process.Any(p => p.Server == Server))
            errors.Add(path, $"nothing tells which process '{Server}' is, and nobody else's word counts; add process: [ {{ server: {Server} }} ] to the sources");
        // unbound 1.17.1: "fatal error: sd_notify failed ... Make sure that unbound has access/permission to use the socket presented by systemd."
        if (config.Servers.TryGetValue(Server, out var server) && server.Kind == ServerKind.Unbound)
            errors.Warn(path, $"Unbound ends, at its start and at each reload, when nobody listens at its NOTIFY_SOCKET: with this one it cannot start or reload while oops is down; under systemd use the source systemd instead");
        if (config.Sources.SdNotify.Count(s => s.Listen == Listen) > 1)
            errors.Add($"{path}.listen", $"{ConfigErrors.Show(Listen)} is listened at twice; give each server a socket of its own");
    }

    public void Validate(ConfigErrors errors, string path)
    {
        CheckAddress(errors, $"{path}.listen", Listen);
        if (Forward is not null) CheckAddress(errors, $"{path}.forward", Forward);
        if (Forward == Listen) errors.Add($"{path}.forward", "what is forwarded would come back for ever; write where systemd listens, /run/systemd/notify");
    }

    static void CheckAddress(ConfigErrors errors, string path, string address)
    {
        if (address is not ['/' or '@', _, ..] || address.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(address) > DatagramSocket.LongestAddress)
            errors.Add(path, $"{ConfigErrors.Show(address)} is neither an absolute path nor @NAME of at most {DatagramSocket.LongestAddress} bytes; write /run/oops/ns1.notify");
    }
}
