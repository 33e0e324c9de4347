using System.Globalization;
using System.Text.Json.Serialization;
using Oops.Core;

namespace Oops.Config;

/// <summary>How a degraded route looks: `prepend 3`, `med 100`, `community 65535:0` or `large-community 64500:1:2`. One of them.</summary>
[JsonConverter(typeof(ScalarConverter<DegradeAs>))]
internal readonly record struct DegradeAs(Degradation Degradation) : IScalar<DegradeAs>
{
    public static string What => "'prepend N' (1 to 20), 'med N', 'community N:N' (16 bits each) or 'large-community N:N:N' (32 bits each)";

    public static string Example => "prepend 3";

    public static string Pattern => "^(prepend [0-9]{1,2}|med [0-9]{1,10}|community [0-9]{1,5}:[0-9]{1,5}|large-community [0-9]{1,10}(:[0-9]{1,10}){2})$";

    public static DegradeAs? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        var words = text.Length > 60 ? [] : text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
            return null;
        switch (words[0])
        {
            case "prepend" when int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times is >= 1 and <= 20:
                return new(new Degradation(Prepend: times));
            case "med" when uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var med):
                return new(new Degradation(Med: med));
            case "community" when words[1].Split(':') is [var a, var b]
                && ushort.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var asn)
                && ushort.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var value):
                return new(new Degradation(Community: (asn, value)));
            case "large-community" when words[1].Split(':') is [var a, var b, var c]
                && uint.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var global)
                && uint.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var one)
                && uint.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out var two):
                return new(new Degradation(Large: (global, one, two)));
            default:
                return null;
        }
    }

    public override string ToString() => Degradation switch
    {
        null => "",
        { Med: { } med } => string.Create(CultureInfo.InvariantCulture, $"med {med}"),
        { Community: { } c } => string.Create(CultureInfo.InvariantCulture, $"community {c.Asn}:{c.Value}"),
        { Large: { } l } => string.Create(CultureInfo.InvariantCulture, $"large-community {l.Asn}:{l.Data1}:{l.Data2}"),
        { Prepend: var times } => string.Create(CultureInfo.InvariantCulture, $"prepend {times}"),
    };
}
