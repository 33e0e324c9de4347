using Oops.Core;

namespace Oops.Servers;

/// <summary>
/// The zones of a book, by number: a serial and some marks of each, 8 B; plans only of a server that has secondaries' zones, what is confirmed over DNS only where that is done, and trouble only of the zones that are in it.
/// </summary>
internal sealed class ZoneEntries
{
    readonly record struct Row(ZoneMarks Marks, uint Serial);

    readonly record struct Plans(At Until, At Expires, At Refresh);

    readonly record struct Confirmed(At Refreshed, uint Lifetime, uint Told);

    readonly record struct Trouble(At Attempt, int Failures, int FailuresSaid);

    ZoneNames names = new();
    Column<Row> rows = new();
    Column<Plans> plans = new();
    Column<Confirmed> confirmed = new();
    Dictionary<int, Trouble> troubles = [];
    (int Number, string Name) last = (-1, "");

    public int Count { get; private set; }

    /// <summary>Names that are kept though their zones are not in the book any more.</summary>
    public int Spare => names.Count - Count;

    public ZoneEntry this[int number]
    {
        get
        {
            var (row, plan, told) = (rows[number], plans[number], confirmed[number]);
            var trouble = troubles.GetValueOrDefault(number);
            return new()
            {
                Marks = row.Marks,
                Serial = row.Serial,
                Until = plan.Until,
                Expires = plan.Expires,
                Refresh = plan.Refresh,
                Refreshed = told.Refreshed,
                Lifetime = told.Lifetime,
                Told = told.Told,
                Attempt = trouble.Attempt,
                Failures = trouble.Failures,
                FailuresSaid = trouble.FailuresSaid,
            };
        }

        set
        {
            rows.Set(number, new(value.Marks, value.Serial));
            plans.Set(number, new(value.Until, value.Expires, value.Refresh));
            confirmed.Set(number, new(value.Refreshed, value.Lifetime, value.Told));
            var trouble = new Trouble(value.Attempt, value.Failures, value.FailuresSaid);
            if (trouble != default) troubles[number] = trouble;
            else if (troubles.Count > 0) troubles.Remove(number);
        }
    }

    /// <summary>The number of a zone that is in the book, or -1.</summary>
    public int Find(string name) => names.Find(name) is >= 0 and var number && Has(number, ZoneMarks.InBook) ? number : -1;

    /// <summary>The number of the zone, which is in the book from now on; -1: it can be no zone.</summary>
    public int Add(ReadOnlySpan<char> name) => Enter(names.Intern(name));

    /// <summary>The same, of a name in UTF-8.</summary>
    public int Add(ReadOnlySpan<byte> name) => Enter(names.Intern(name));

    public void Remove(int number)
    {
        this[number] = default;
        Count--;
    }

    public void Clear()
    {
        (names, rows, plans, confirmed, troubles) = (new(), new(), new(), new(), []);
        (last, Count) = ((-1, ""), 0);
    }

    /// <summary>Numbers the zones in the book anew, without the names that are spare: by number, the one before.</summary>
    public int[] Renumber()
    {
        int[] before = [.. Where(ZoneMarks.InBook)];
        var kept = new ZoneNames();
        foreach (var number in before) kept.Intern(names.Utf8(number));
        var moved = new Dictionary<int, Trouble>();
        for (var number = 0; number < before.Length; number++)
            if (troubles.TryGetValue(before[number], out var trouble)) moved[number] = trouble;
        (names, rows, plans, confirmed, troubles) = (kept, rows.Pick(before), plans.Pick(before), confirmed.Pick(before), moved);
        last = (-1, "");
        return before;
    }

    public string Name(int number)
    {
        // Most is said of one zone after the other.
        if (last.Number != number) last = (number, names.Name(number));
        return last.Name;
    }

    public ZoneMarks Marks(int number) => rows[number].Marks;

    /// <summary>Any of the marks.</summary>
    public bool Has(int number, ZoneMarks marks) => (Marks(number) & marks) != 0;

    public void Mark(int number, ZoneMarks marks, bool on)
    {
        ref var row = ref rows.At(number);
        row = row with { Marks = on ? row.Marks | marks : row.Marks & ~marks };
    }

    public void Unmark(ZoneMarks marks)
    {
        foreach (var number in Where(marks)) Mark(number, marks, false);
    }

    /// <summary>The zones in the book that have any of the marks, and none of the others.</summary>
    public IEnumerable<int> Where(ZoneMarks any, ZoneMarks none = ZoneMarks.None)
    {
        for (var number = 0; number < names.Count; number++)
            if (rows[number].Marks is var marks && (marks & any) != 0 && (marks & none) == 0 && (marks & ZoneMarks.InBook) != 0) yield return number;
    }

    int Enter(int number)
    {
        if (number < 0 || Has(number, ZoneMarks.InBook)) return number;
        Mark(number, ZoneMarks.InBook, true);
        Count++;
        return number;
    }
}
