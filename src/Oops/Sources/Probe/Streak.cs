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
    int unasked;
    bool begun; // the beginning of this silence was told
    bool? assigned;

    /// <summary>The last tries failed, though perhaps not enough of them to say so.</summary>
    public bool Failing => failed > 0;

    /// <summary>Every one of the last tries was refused, and that was said.</summary>
    public bool Refused => refused >= tries;

    /// <summary>What is to be said after a try; null: nothing yet.</summary>
    /// <param name="channel">The channel that says it.</param>
    /// <param name="result">The try's result: an answer if there was one among several questions.</param>
    /// <param name="refusalIsProof">A refusal over TCP is none: a server may well not speak it.</param>
    /// <param name="address">The address that was asked.</param>
    /// <param name="ago">How long ago the try began.</param>
    public ServerSignal? Take(string channel, in AskResult result, bool refusalIsProof, IPAddress address, TimeSpan ago = default)
    {
        if (result.Outcome == AskOutcome.Answered)
        {
            (failed, refused, unasked, begun, assigned) = (0, 0, 0, false, null);
            return new ServerSignal(channel, Measure.Answering, 1, Evidence.Proof, result.Answer.Nsid is { } nsid ? $"NSID {nsid}" : null);
        }

        if (result.Outcome == AskOutcome.Timeout && result.Late > timeout)
            return null;
        failed = Math.Min(failed + 1, tries);
        refused = result.Outcome == AskOutcome.Refused ? Math.Min(refused + 1, tries) : 0;
        unasked = result.Outcome is AskOutcome.Timeout or AskOutcome.Refused ? Math.Max(0, unasked - 1) : tries;
        var count = string.Create(CultureInfo.InvariantCulture, $"{result.Why}, {tries} in a row");
        if (refused >= tries)
        {
            var ours = assigned ??= IsOurs(address); // looked up once: an address that goes away is no longer refused, but unreachable
            begun = false;
            return new ServerSignal(channel, Measure.Answering, 0, ours && refusalIsProof ? Evidence.Proof : Evidence.Suspicion, ours ? count : $"{count}; not an address of this host");
        }

        // Where a question did not get through, or was broken off, nobody was silent.
        if (unasked > 0)
        {
            begun = false;
            return failed < tries ? null : new ServerSignal(channel, Measure.Answering, Signal.Unasked, Evidence.Suspicion, count);
        }

        return result.Outcome == AskOutcome.Refused && failed < tries ? null : Silent(channel, count, ago);
    }

    ServerSignal Silent(string channel, string count, TimeSpan ago)
    {
        var since = begun ? TimeSpan.Zero : ago;
        begun = true;
        return failed < tries
            ? new ServerSignal(channel, Measure.Unanswered, failed, Evidence.Suspicion) { For = since }
            : new ServerSignal(channel, Measure.Answering, Signal.Absent, Evidence.Suspicion, count) { For = since };
    }

    /// <summary>
    /// Whether the address is assigned to this host: only then it was our own kernel that refused, and nobody on the way.
    /// </summary>
    static bool IsOurs(IPAddress address) =>
        IPAddress.IsLoopback(address) || Array.Exists(NetworkInterface.GetAllNetworkInterfaces(), i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)));
}
