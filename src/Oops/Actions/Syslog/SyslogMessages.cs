using System.Globalization;
using System.Text;
using Oops.Commands;
using Oops.Core;
using Oops.Native;
using Oops.Wire.Syslog;

namespace Oops.Actions.Syslog;

/// <summary>Makes messages of what rules fire for.</summary>
/// <param name="config">How they look.</param>
/// <param name="fields">What is told.</param>
internal sealed class SyslogMessages(SyslogConfig config, ReactionFields fields)
{
    internal const string Product = "oops", Vendor = "DNS OOPS";

    static readonly string Process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    public SyslogMessage Of(ReactionIntent reaction)
    {
        var severity = config.Severity ?? SeverityOf(reaction);
        var because = OutputTail.Printable(reaction.Because);
        var isPlain = config.Format == SyslogFormat.Structured;
        return new()
        {
            Facility = config.Facility,
            Severity = severity,
            Time = reaction.When,
            Host = Environment.MachineName,
            App = Product,
            Process = Process,
            Id = fields.KindOf(reaction),
            Element = isPlain ? string.Create(CultureInfo.InvariantCulture, $"oops@{config.Enterprise}") : "",
            // The because is the text, and the time stands in the header.
            Parameters = isPlain ? [("id", fields.IdOf(reaction)), .. fields.Of(reaction).Where(static f => f.Name is not ("because" or "time")).Select(static f => (f.Name, f.Text))] : [],
            Text = config.Format switch
            {
                SyslogFormat.Cef => Cef(reaction, severity, because),
                SyslogFormat.Ocsf => SyslogOcsf.Write(reaction, fields, severity, (config.Transport == SyslogTransport.Udp ? SyslogMessage.LongestDatagram : SyslogMessage.LongestStream) - SyslogMessage.LongestHead),
                // Of a server's condition the because alone does not say which.
                _ => because.StartsWith(reaction.Condition, StringComparison.Ordinal) ? because : $"{ReactionFields.TitleOf(reaction)}: {because}",
            },
        };
    }

    SyslogSeverity SeverityOf(ReactionIntent reaction) => (fields.PolarityOf(reaction), reaction.State) switch
    {
        (Polarity.Level, _) => SyslogSeverity.Informational,
        (Polarity.Bad, State.Met) or (Polarity.Good, State.NotMet) => SyslogSeverity.Warning,
        _ => SyslogSeverity.Notice,
    };

    /// <summary>CEF:0, "Implementing ArcSight Common Event Format", revision 16: severity 0 to 10, keys of its dictionary, and its custom strings for what it has none for.</summary>
    string Cef(ReactionIntent reaction, SyslogSeverity severity, string because)
    {
        var text = new StringBuilder("CEF:0");
        foreach (var part in new[] { Vendor, Product, VersionCommand.Version, fields.KindOf(reaction), ReactionFields.TitleOf(reaction) })
            text.Append('|').Append(Escape(OutputTail.Printable(part), '|'));
        text.Append(CultureInfo.InvariantCulture, $"|{severity switch { <= SyslogSeverity.Critical => 10, SyslogSeverity.Error => 8, SyslogSeverity.Warning => 6, SyslogSeverity.Notice => 3, _ => 1 }}|");
        text.Append("externalId=").Append(Escape(fields.IdOf(reaction), '='));
        if (reaction.When is { } when)
            text.Append(CultureInfo.InvariantCulture, $" rt={when.ToUnixTimeMilliseconds()}");
        var custom = 0;
        foreach (var field in fields.Of(reaction))
        {
            _ = field.Name switch
            {
                "server" => Pair("dhost", field.Text),
                "source" => Pair(reaction.Source!.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "src" : "c6a2", field.Text),
                "state" => Pair("outcome", field.Text),
                "site" => Pair("dvchost", field.Text),
                "zone" or "condition" or "channel" or "action" => Custom(field.Name, field.Text),
                "serial" or "previous_serial" => Pair(field.Name == "serial" ? "cn1" : "cn2", field.Text) && Pair(field.Name == "serial" ? "cn1Label" : "cn2Label", field.Name),
                _ => true,
            };
        }

        if (reaction.Source is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 })
            Pair("c6a2Label", "Source IPv6 Address");
        Pair("msg", because);
        return text.ToString();

        bool Pair(string key, string value)
        {
            text.Append(' ').Append(key).Append('=').Append(Escape(OutputTail.Printable(value), '='));
            return true;
        }

        bool Custom(string label, string value)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"cs{++custom}");
            return Pair(key, value) && Pair(key + "Label", label);
        }
    }

    static string Escape(string text, char mark) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(mark.ToString(), "\\" + mark, StringComparison.Ordinal);
}
