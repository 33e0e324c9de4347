namespace Oops.Lab.Harness;

/// <summary>The key of the lab's HTTP APIs, and a file of it as an operator makes one.</summary>
internal static class ApiKey
{
    public const string Text = "lab-key";

    public static string File(string directory, string key = Text)
    {
        string path = Path.Combine(directory, "api.key");
        System.IO.File.WriteAllText(path, key + "\n");
        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        return path;
    }
}
