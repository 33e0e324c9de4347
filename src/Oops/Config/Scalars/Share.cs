using System.Globalization;
using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>A share of a whole, written in percent: `10%`, `0.5%`.</summary>
[JsonConverter(typeof(ScalarConverter<Share>))]
internal readonly record struct Share(double Percent) : IScalar<Share>, IComparable<Share>, IComparable
{
    public static string What => "a share such as 10%";

    public static string Example => "10%";

    public static string Pattern => "^(100|[0-9]{1,2}(\\.[0-9]{1,4})?)%$";

    /// <summary>0 to 1.</summary>
    public double Fraction => Percent / 100;

    public static Share? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}, from 0% to 100%";
        if (text.Length is < 2 or > 10 || text[^1] != '%')
        {
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
                problem = $"{ConfigErrors.Show(text)} has no percent sign; write {ConfigErrors.Show(text).Trim('\'')}%";
            return null;
        }

        return double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 100 ? new Share(value) : null;
    }

    public int CompareTo(Share other) => Percent.CompareTo(other.Percent);

    public int CompareTo(object? obj) => obj is Share other ? CompareTo(other) : 1;

    public override string ToString() => Percent.ToString("0.####", CultureInfo.InvariantCulture) + "%";
}

/// <summary>A number of things or a share of them: `2` or `98%`.</summary>
[JsonConverter(typeof(ScalarConverter<CountOrShare>))]
internal readonly record struct CountOrShare(int? Count, Share? Share) : IScalar<CountOrShare>
{
    public static string What => "a number such as 2 or a share such as 98%";

    public static string Example => "98%";

    public static string Pattern => "^([0-9]{1,9}|(100|[0-9]{1,2}(\\.[0-9]{1,4})?)%)$";

    public static CountOrShare? Parse(string text, out string problem)
    {
        if (text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit))
        {
            problem = "";
            return new CountOrShare(int.Parse(text, CultureInfo.InvariantCulture), null);
        }

        if (Config.Share.Parse(text, out problem) is { } share)
            return new CountOrShare(null, share);
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        return null;
    }

    public override string ToString() => Count?.ToString(CultureInfo.InvariantCulture) ?? Share?.ToString() ?? "";
}
