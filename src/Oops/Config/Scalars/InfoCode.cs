using System.Globalization;
using System.Text.Json.Serialization;
using Oops.Core;

namespace Oops.Config;

/// <summary>An INFO-CODE of Extended DNS Errors (RFC 8914): `6`, or its name in the registry, `dnssec-bogus`.</summary>
[JsonConverter(typeof(ScalarConverter<InfoCode>))]
internal readonly record struct InfoCode(int Code) : IScalar<InfoCode>
{
    public static string What => "an Extended DNS Error: a number from 0 to 65535, or its name, such as dnssec-bogus";

    public static string Example => "dnssec-bogus";

    public static string Pattern => "^([0-9]{1,5}|[a-z][a-z0-9-]*)$";

    public static InfoCode? Parse(string text, out string problem)
    {
        problem = "";
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return new InfoCode(code);
        if (ErrorCodes.Find(text) is { } named)
            return new InfoCode(named);
        problem = $"{ConfigErrors.Show(text)} is not {What}{(text.Length < 60 ? Suggest.DidYouMean(text, [.. ErrorCodes.Names]) : "")}";
        return null;
    }

    public override string ToString() => Code.ToString(CultureInfo.InvariantCulture);
}
