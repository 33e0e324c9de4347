using System.Net;
using System.Net.NetworkInformation;

namespace Oops.Dns;

/// <summary>Whether an address is assigned to this host: then it is our own kernel that refuses, and nobody on the way; and an answer comes at once.</summary>
internal static class OwnAddress
{
    public static bool Is(IPAddress address) =>
        IPAddress.IsLoopback(address) || Array.Exists(NetworkInterface.GetAllNetworkInterfaces(), i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)));
}
