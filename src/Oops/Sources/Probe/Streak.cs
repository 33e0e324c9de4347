using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Oops.Core;
using Oops.Dns;

namespace Oops.Sources.Probe;

/// <summary>
/// Counts tries: one answer is an answer, and only several failures in a row are a refusal or a silence. A try whose end we noticed too late does not count: it was we who were late.
/// </summary>
internal sealed class Streak(int tries, TimeSpan timeout)
{
    int failed;
    int refused;
    int beyond;
    bool? assigned;

    /// <summary>The last tries failed, though perhaps not enough of them to say so.</summary>
    public bool Failing => failed + beyond > 0;

    /// <summary>Every one of the last tries was refused, and that was said.</summary>
    public bool Refused => refused >= tries;

    /// <summary>What is to be said after a try; null: nothing yet.</summary>
    /// <param name="channel">The channel that says it.</param>
    /// <param name="result">The try's result: an answer if there was one among several questions.</param>
    /// <param name="refusalIsProof">A refusal over TCP is none: a server may well not speak it.</param>
    /// <param name="address">The address that was asked.</param>
    public Signal? Take(string channel, in AskResult result, bool refusalIsProof, IPAddress address)
    {
        if (result.Outcome == AskOutcome.Answered)
        {
            failed = 0;
            refused = 0;
            beyond = 0;
            assigned = null;
            return new ServerSignal(channel, Measure.Answering, 1, Evidence.Proof, result.Answer.Nsid is { } nsid ? $"NSID {nsid}" : null);
        }

        if (result.Outcome == AskOutcome.Timeout && result.Late > timeout)
            return null;
        // The question did not get to the server: its silence was not heard, and what is known of it ends.
        if (result.Outcome is AskOutcome.Unreachable or AskOutcome.Elsewhere)
        {
            failed = refused = 0;
            beyond = Math.Min(beyond + 1, tries + 1);
            return beyond != tries ? null : new ChannelLost(channel, string.Create(CultureInfo.InvariantCulture, $"{result.Why}, {tries} in a row: says nothing about the server"));
        }

        beyond = 0;
        failed = Math.Min(failed + 1, tries);
        refused = result.Outcome == AskOutcome.Refused ? Math.Min(refused + 1, tries) : 0;
        var count = string.Create(CultureInfo.InvariantCulture, $"{result.Why}, {tries} in a row");
        if (refused >= tries)
        {
            var ours = assigned ??= IsOurs(address); // looked up once: an address that goes away is no longer refused, but unreachable
            return new ServerSignal(channel, Measure.Answering, 0, ours && refusalIsProof ? Evidence.Proof : Evidence.Suspicion, ours ? count : $"{count}; not an address of this host");
        }

        return failed < tries ? null : new ServerSignal(channel, Measure.Answering, Signal.Absent, Evidence.Suspicion, count);
    }

    /// <summary>
    /// Whether the address is assigned to this host: only then it was our own kernel that refused, and nobody on the way.
    /// </summary>
    static bool IsOurs(IPAddress address) =>
        IPAddress.IsLoopback(address) || Array.Exists(NetworkInterface.GetAllNetworkInterfaces(), i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)));
}
