using System.Text;
using Oops.Wire.SdNotify;
using Xunit;

namespace Oops.Tests.Wire.SdNotify;

/// <summary>The datagrams of real servers (knotd 3.2.6, named 9.18, nsd 4.6.1, unbound 1.17.1), and what is none.</summary>
public sealed class SdNotifyCodecTests
{
    [Theory]
    [InlineData("READY=1", SdNotifyState.Ready)]
    [InlineData("READY=1\nSTATUS=", SdNotifyState.Ready)]
    [InlineData("READY=1\nSTATUS=running\nMAINPID=17\n", SdNotifyState.Ready)]
    [InlineData("RELOADING=1", SdNotifyState.Reloading)]
    [InlineData("RELOADING=1\nSTATUS=reload command received\n", SdNotifyState.Reloading)]
    [InlineData("RELOADING=1\nMONOTONIC_USEC=1234\n", SdNotifyState.Reloading)]
    [InlineData("STOPPING=1\n", SdNotifyState.Stopping)]
    [InlineData("STOPPING=1\nSTATUS=", SdNotifyState.Stopping)]
    [InlineData("STOPPING=1\0", SdNotifyState.Stopping)]
    [InlineData("READY=1\nSTOPPING=1", SdNotifyState.Stopping)]
    [InlineData("EXTEND_TIMEOUT_USEC=60000000", SdNotifyState.None)]
    [InlineData("STATUS=Waiting for 3 tasks to finish...", SdNotifyState.None)]
    [InlineData("STATUS=STOPPING=1", SdNotifyState.None)]
    [InlineData("STOPPING=0", SdNotifyState.None)]
    [InlineData("STOPPING=11", SdNotifyState.None)]
    [InlineData(" STOPPING=1", SdNotifyState.None)]
    [InlineData("stopping=1", SdNotifyState.None)]
    [InlineData("STOPPING=1\r\n", SdNotifyState.None)]
    [InlineData("STOPPING=1\n\0X=1", SdNotifyState.None)]
    [InlineData("BARRIER=1", SdNotifyState.None)]
    [InlineData("WATCHDOG=1", SdNotifyState.None)]
    [InlineData("", SdNotifyState.None)]
    [InlineData("\n\n\n", SdNotifyState.None)]
    public void A_datagram_says_one_thing(string datagram, SdNotifyState state) => Assert.Equal(state, SdNotifyCodec.Read(Encoding.ASCII.GetBytes(datagram)));

    [Fact]
    public void Nothing_that_is_cut_or_changed_throws() =>
        FuzzRun.Mutate([.. new[] { "READY=1\nSTATUS=running\nMAINPID=17\n", "STOPPING=1\n", "RELOADING=1\nMONOTONIC_USEC=12" }.Select(Encoding.ASCII.GetBytes)], 20_000, 1, static (bytes, _) => SdNotifyCodec.Read(bytes));
}
