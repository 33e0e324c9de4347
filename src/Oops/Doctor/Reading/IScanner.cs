namespace Oops.Doctor.Reading;

/// <summary>Reads one file's text into the tree. Never throws for what a file holds; what it does not understand it passes over.</summary>
internal interface IScanner
{
    void Take(string file, string text, StatementBuilder into);
}
