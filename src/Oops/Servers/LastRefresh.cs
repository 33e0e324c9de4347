namespace Oops.Servers;

/// <summary>
/// When a secondary's zone was last found to be up to date, told by a server that tells neither its plans nor an expiry (PowerDNS). With the timers of the SOA that is served, both follow,
/// and how many refreshes have failed.
/// </summary>
/// <param name="Mark">The time as the server writes it, a number that only rises; 0: never, or it was reset.</param>
/// <param name="Ago">How long ago that was by our clock.</param>
/// <param name="Trusted">Our clock is to be believed. If it is not, a refresh still counts when its mark was seen to move: then it lies between two looks.</param>
/// <param name="CheckedEvery">How seldom the server looks for zones whose refresh is due: a check may be so late.</param>
internal readonly record struct LastRefresh(long Mark, TimeSpan Ago, bool Trusted, TimeSpan CheckedEvery);
