namespace Oops.Doctor.Reading;

/// <summary>A file's text, or why there is none.</summary>
/// <param name="Missing">There is no such file, as opposed to one that we may not read.</param>
internal sealed record TextFile(string? Text, bool Missing, string Why);

/// <summary>The files that configurations include.</summary>
internal interface ITextFiles
{
    /// <summary>At most <paramref name="most"/> bytes; a larger file is not read at all, since half of one says something else.</summary>
    TextFile Read(string path, int most);

    /// <summary>The files that a pattern with stars matches now, in the order of their names.</summary>
    IReadOnlyList<string> Expand(string pattern);
}
