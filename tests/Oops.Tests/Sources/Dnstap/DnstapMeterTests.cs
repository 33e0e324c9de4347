using Oops.Core;
using Oops.Sources.Dnstap;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

/// <summary>From counts to measurements, under a clock that is only a number.</summary>
public sealed class DnstapMeterTests
{
    readonly DnstapMeter meter = new("dnstap/ns1", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
    readonly List<Input> said = [];
    double now = 1000;
    long queries, looked, shed;

    public DnstapMeterTests() => meter.Begin(At(), new(0, 0, 0));

    [Fact]
    public void Nothing_is_said_before_a_whole_window_has_passed()
    {
        Pass(9, 100);
        Assert.Empty(said);
        Pass(1, 100);
        Assert.Equal(100, Rate());
    }

    [Fact]
    public void Silence_on_an_open_connection_is_the_rate_zero()
    {
        Pass(10, 0);
        Assert.Equal(0, Rate());
        Assert.Equal([], said.OfType<ErrorRates>().Single().Codes);
        Assert.Single(said.OfType<ChannelRead>());
    }

    [Fact]
    public void A_rate_is_that_of_the_window_and_not_of_what_was_before()
    {
        Pass(20, 1000);
        Pass(5, 0);
        Assert.Equal(500, Rate());
        Pass(5, 0);
        Assert.Equal(0, Rate());
    }

    [Fact]
    public void A_rate_that_rises_steadily_has_its_slope()
    {
        for (var second = 1; second <= 40; second++) Pass(1, 50 * second);
        Assert.Equal(50, said.OfType<ServerSignal>().Last(s => s.Measure == Measure.QueryRateSlope).Value);
        Pass(60, 2000);
        Assert.Equal(0, said.OfType<ServerSignal>().Last(s => s.Measure == Measure.QueryRateSlope).Value);
    }

    [Fact]
    public void A_steady_rate_is_said_every_ten_seconds_and_a_change_at_once()
    {
        Pass(11, 1000);
        said.Clear();
        Pass(9, 1000);
        Assert.Single(said.OfType<ServerSignal>(), s => s.Measure == Measure.QueryRate);
        said.Clear();
        Pass(1, 2000);
        Assert.Equal(1100, Rate());
    }

    [Fact]
    public void Frames_that_were_shed_are_estimated_and_said_so()
    {
        Pass(9, 100);
        queries += 100;
        looked += 200;
        shed += 600;
        Step();
        var signal = said.OfType<ServerSignal>().Single(s => s.Measure == Measure.QueryRate);
        Assert.Equal((9 * 100 + 400) / 10, signal.Value);
        Assert.Equal("an estimate: 75 % of the frames were shed", signal.Detail);
        Assert.Equal(new Shed("dnstap/ns1", 600), said.OfType<Shed>().Single());
    }

    [Fact]
    public void After_our_own_pause_the_window_begins_anew()
    {
        Pass(10, 100);
        said.Clear();
        now += 60;
        Step();
        Pass(9, 100);
        Assert.Empty(said.OfType<ServerSignal>());
        Assert.Equal(1, meter.Voided);
        Pass(1, 100);
        Assert.Equal(100, Rate());
    }

    [Fact]
    public void Errors_are_said_by_code_with_their_names()
    {
        Pass(10, 0);
        for (var i = 0; i < 20; i++) Error(6, "www.bogus.test", "no signature\u001b[2J");
        for (var i = 0; i < 5; i++) Error(6, "mail.bogus.test");
        Error(49152, "x.test");
        Pass(1, 0);
        var rates = said.OfType<ErrorRates>().Last();
        Assert.Equal([new ErrorRate(6, 2.5, "www.bogus.test, mail.bogus.test \"no signature\\x1b[2J\""), new ErrorRate(49152, 0.1, "x.test")], rates.Codes);
        Pass(10, 0);
        Assert.Empty(said.OfType<ErrorRates>().Last().Codes);
    }

    [Fact]
    public void Any_number_of_codes_takes_no_more_room_and_none_is_lost()
    {
        Pass(10, 0);
        for (var code = 0; code < 65_536; code += 16)
            for (var i = 0; i < 1 + (code % 3); i++) Error((ushort)code, "x.test");
        Pass(1, 0);
        var rates = said.OfType<ErrorRates>().Last();
        Assert.Equal(ErrorRates.Most, rates.Codes.Length);
        Assert.Equal(8191, (rates.Rest + rates.Codes.Sum(c => c.PerSecond)) * 10, 1.0);
        // Their places are free again once they are out of the window.
        Pass(20, 0);
        Error(60_000, "x.test");
        Pass(1, 0);
        Assert.Equal(60_000, Assert.Single(said.OfType<ErrorRates>().Last().Codes).Code);
    }

    long Rate() => said.OfType<ServerSignal>().Last(s => s.Measure == Measure.QueryRate).Value;

    void Error(ushort code, string name, string text = "")
    {
        Assert.True(DnsName.TryParse(name, out var parsed));
        meter.Errors.Add(code, parsed, System.Text.Encoding.UTF8.GetBytes(text));
    }

    void Pass(int seconds, long perSecond)
    {
        for (var i = 0; i < seconds; i++)
        {
            queries += perSecond;
            looked += 2 * perSecond;
            Step();
        }
    }

    void Step()
    {
        now++;
        meter.Tick(At(), new(queries, looked, shed), said);
    }

    At At() => new((long)(now * TimeSpan.TicksPerSecond));
}
