using System.Globalization;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>How a degraded route looks: `prepend 3`, `med 100` or `community 65535:0`. One of them.</summary>
[JsonConverter(typeof(ScalarConverter<DegradeAs>))]
internal readonly record struct DegradeAs(int? Prepend, uint? Med, (ushort Asn, ushort Value)? Community) : IScalar<DegradeAs>
{
    public static string What => "'prepend N' (1 to 20), 'med N' or 'community N:N' (16 bits each)";

    public static string Example => "prepend 3";

    public static string Pattern => "^(prepend [0-9]{1,2}|med [0-9]{1,10}|community [0-9]{1,5}:[0-9]{1,5})$";

    public static DegradeAs? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        var words = text.Length > 60 ? [] : text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
            return null;
        switch (words[0])
        {
            case "prepend" when int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is >= 1 and <= 20:
                return new DegradeAs(times, null, null);
            case "med" when uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var med):
                return new DegradeAs(null, med, null);
            case "community" when words[1].Split(':') is [var a, var b]
                && ushort.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var asn)
                && ushort.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var value):
                return new DegradeAs(null, null, (asn, value));
            default:
                return null;
        }
    }

    public override string ToString() =>
        Prepend is { } times ? string.Create(CultureInfo.InvariantCulture, $"prepend {times}")
        : Med is { } med ? string.Create(CultureInfo.InvariantCulture, $"med {med}")
        : Community is { } c ? string.Create(CultureInfo.InvariantCulture, $"community {c.Asn}:{c.Value}")
        : "";
}
