using System.Text.Json.Serialization;

namespace Oops.Config;

/// <summary>The permissions of a file in octal, as chmod(1) takes them: `0660`.</summary>
[JsonConverter(typeof(ScalarConverter<SocketMode>))]
internal readonly record struct SocketMode(UnixFileMode Mode) : IScalar<SocketMode>
{
    public static string What => "permissions in octal, such as 0660";

    public static string Example => "0660";

    public static string Pattern => "^0?[0-7]{3}$";

    public static SocketMode? Parse(string text, out string problem)
    {
        problem = $"{ConfigErrors.Show(text)} is not {What}";
        if (text.Length is < 3 or > 4 || (text.Length == 4 && text[0] != '0') || text.Any(c => c is < '0' or > '7'))
            return null;
        return new SocketMode((UnixFileMode)Convert.ToInt32(text, 8));
    }

    public override string ToString() => "0" + Convert.ToString((int)Mode, 8).PadLeft(3, '0');
}
