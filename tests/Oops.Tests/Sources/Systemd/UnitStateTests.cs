using Oops.Sources.Systemd;
using Oops.Tests.Wire;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Sources.Systemd;

public sealed class UnitStateTests
{
    [Fact]
    public void Ours_are_taken_and_others_passed_over()
    {
        var state = Read(w =>
        {
            Text(w, "Id", "nsd.service");
            w.Struct().String("Environment").Variant("as");
            w.EndArray(w.BeginArray('s'));
            w.Struct().String("Job").Variant("(uo)").Struct().UInt32(7).String("/org/freedesktop/systemd1/job/7");
            w.Struct().String("MainPID").Variant("u").UInt32(42);
        });
        Assert.True(state is { Id: "nsd.service", JobId: 7, JobPath: "/org/freedesktop/systemd1/job/7", MainPid: 42, ActiveState: "" });
    }

    [Fact]
    public void What_is_not_told_stays() => Assert.Equal(5, Read(w => Text(w, "SubState", "running"), new UnitState { MainPid = 5 })!.MainPid);

    [Fact]
    public void Texts_are_printable_and_short() => Assert.Equal("?[2J?" + new string('a', 59), Read(w => Text(w, "SubState", "\u001b[2J\n" + new string('a', 500)))!.SubState);

    [Theory]
    [InlineData("MainPID", "s")]
    [InlineData("Job", "s")]
    [InlineData("ExecMainCode", "s")]
    public void Another_type_is_no_state(string name, string type) => Assert.Null(Read(w => w.Struct().String(name).Variant(type).String("x")));

    [Fact]
    public void A_pid_that_cannot_be_is_no_state() => Assert.Null(Read(w => w.Struct().String("MainPID").Variant("u").UInt32(uint.MaxValue)));

    [Fact]
    public void Nothing_that_is_cut_or_changed_throws()
    {
        var writer = new DBusWriter();
        var all = writer.BeginArray('{');
        Text(writer, "ActiveState", "active");
        writer.Struct().String("Job").Variant("(uo)").Struct().UInt32(7).String("/a");
        writer.Struct().String("MainPID").Variant("u").UInt32(42);
        writer.EndArray(all);
        FuzzRun.Mutate([writer.Written.ToArray()], 5000, 1, static (bytes, _) =>
        {
            var reader = new DBusReader(bytes, false);
            new UnitState().With(ref reader);
        });
    }

    [Theory]
    [InlineData("knot.service", "/org/freedesktop/systemd1/unit/knot_2eservice")]
    [InlineData("kresd@1.service", "/org/freedesktop/systemd1/unit/kresd_401_2eservice")]
    [InlineData("pdns-recursor.service", "/org/freedesktop/systemd1/unit/pdns_2drecursor_2eservice")]
    [InlineData("9.service", "/org/freedesktop/systemd1/unit/_39_2eservice")]
    public void The_objects_of_units_are_where_systemd_has_them(string unit, string path) => Assert.Equal(path, UnitNames.PathOf(unit));

    static UnitState? Read(Action<DBusWriter> write, UnitState? before = null)
    {
        var writer = new DBusWriter();
        var all = writer.BeginArray('{');
        write(writer);
        writer.EndArray(all);
        var reader = new DBusReader(writer.Written, false);
        return (before ?? new()).With(ref reader);
    }

    static void Text(DBusWriter writer, string name, string value) => writer.Struct().String(name).Variant("s").String(value);
}
