using System.Net;
using Oops.Dns;

namespace Oops.Sources.Notify;

/// <summary>One zone to ask for at one address. <paramref name="Last"/>: there is nobody else to ask.</summary>
internal sealed record NotifyCheck(Look Look, IPEndPoint At, bool Last)
{
    /// <summary>A timer's, not a notifier's.</summary>
    public bool IsPoll => Look.Wants == Notified.None;

    /// <summary>Whose word it is, as nsnotifyd's third argument: the notifier, or who was asked by a timer.</summary>
    public IPAddress Source => IsPoll ? At.Address : Look.By.ToAddress();
}
