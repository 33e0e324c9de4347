using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace Oops.Config;

/// <summary>
/// One YAML text to a tree. It reads the parser's events instead of YamlDotNet's representation model: that one recurses without a bound (a few thousand
/// brackets overflow the stack, which no handler survives) and shares aliased nodes (a "billion laughs" explodes the walk). Anchors, aliases, merge keys
/// and tags are refused: a config that decides about routes should read as it is.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Deeper nesting than this is refused; the deepest config that means anything has 7 levels.</summary>
    public const int MostDepth = 32;

    /// <summary>More nodes than this in one file are refused; long zone lists belong in a <c>file:</c>.</summary>
    public const int MostNodes = 400_000;

    readonly string file;
    readonly ConfigErrors errors;
    readonly Parser parser;
    int nodes;

    YamlReader(string file, string text, ConfigErrors errors)
    {
        (this.file, this.errors) = (file, errors);
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The map in the text; null, with its errors added, if it cannot be read.</summary>
    public static MapNode? Read(string file, string text, ConfigErrors errors)
    {
        var reader = new YamlReader(file, text, errors);
        try
        {
            return reader.Document();
        }
        catch (Refused refused)
        {
            errors.Add(refused.At, "", refused.Message);
        }
        catch (YamlException e)
        {
            Explain(e, file, text, errors);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or NotSupportedException)
        {
            // YamlDotNet 16.3 throws InvalidOperationException for a flow list that is not closed before a new line; other types are its defects on malformed
            // text. Either way the place is just behind the last thing that it understood.
            var at = reader.parser.Current is { } last ? reader.At(last) : new Position(file, 1, 1);
            errors.Add(at, "", "not YAML: what follows cannot be read; look for a bracket, brace or quote that is not closed here or before");
        }

        return null;
    }

    static void Explain(YamlException e, string file, string text, ConfigErrors errors)
    {
        var at = new Position(file, (int)e.Start.Line, (int)e.Start.Column);
        if (e.Message.Contains("tab", StringComparison.Ordinal))
        {
            // The parser names the start of what it was scanning, not the tab.
            var lines = text.Split('\n');
            for (var line = Math.Max(at.Line, 1); line <= lines.Length; line++)
            {
                var broken = lines[line - 1];
                if (!broken.AsSpan(0, broken.Length - broken.TrimStart().Length).Contains('\t'))
                    continue;
                errors.Add(new Position(file, line, broken.IndexOf('\t', StringComparison.Ordinal) + 1), "", "the line is indented with a tab, which YAML forbids; use spaces");
                return;
            }
        }

        errors.Add(at, "", $"not YAML: {e.Message.TrimEnd('.')}; look for a missing quote, bracket, space after ':' or wrong indentation here or just above");
    }

    MapNode? Document()
    {
        MapNode? root = null;
        var documents = 0;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case StreamStart or StreamEnd or DocumentStart or DocumentEnd or Comment:
                    break;
                case var e:
                    if (documents++ > 0)
                        throw new Refused(At(e!), "a second YAML document; write one document per file (remove the '---')");
                    var node = Node(0);
                    root = node switch
                    {
                        MapNode map => map,
                        TextNode { IsEmpty: true } => null,
                        _ => throw new Refused(node.At, $"the file must be a map of keys, such as 'mode: observe'; found {node.What}"),
                    };
                    break;
            }
        }

        return root ?? new MapNode(new Position(file, 1, 1), []);
    }

    /// <summary>The node at the current event; afterwards the current event is its last.</summary>
    Node Node(int depth)
    {
        var e = parser.Current!;
        if (++nodes > MostNodes)
            throw new Refused(At(e), $"more than {MostNodes} values in one file; put long zone lists in a file of their own (zones: {{file: PATH}})");
        if (depth > MostDepth)
            throw new Refused(At(e), $"nested more than {MostDepth} levels deep; look for unclosed brackets");
        if (e is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw new Refused(At(e), "YAML anchors and aliases (&, *) are not supported; write the value out, and quote a text that begins with * or &");
        if (e is NodeEvent { Tag.IsEmpty: false })
            throw new Refused(At(e), "YAML tags (!) are not supported; write the value without it, and quote a text that begins with !");
        return e switch
        {
            YamlScalar scalar => new TextNode(At(e), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            _ => throw new Refused(At(e), "not YAML: the text ends in the middle of a value"),
        };
    }

    ListNode List(int depth)
    {
        var list = new ListNode(At(parser.Current!), []);
        while (Next() is not SequenceEnd)
            list.Items.Add(Node(depth + 1));
        return list;
    }

    MapNode Map(int depth)
    {
        var map = new MapNode(At(parser.Current!), []);
        var seen = new Dictionary<string, Position>(StringComparer.Ordinal);
        while (Next() is not MappingEnd)
        {
            var node = Node(depth + 1);
            if (node is not TextNode key)
                throw new Refused(node.At, $"a key must be a text; found {node.What}");
            if (key is { Plain: true, Text: "<<" })
                throw new Refused(key.At, "YAML merge keys (<<) are not supported; write the keys out");
            Next();
            var value = Node(depth + 1);
            if (seen.TryAdd(key.Text, key.At))
                map.Entries.Add(new Entry(key, value));
            else
                errors.Add(key.At, "", $"the key {ConfigErrors.Show(key.Text)} is written twice; the first is at {seen[key.Text]}; remove one");
        }

        return map;
    }

    ParsingEvent Next()
    {
        do
        {
            if (!parser.MoveNext())
                throw new Refused(new Position(file, 1, 1), "not YAML: the text ends in the middle of a value");
        }
        while (parser.Current is Comment);
        return parser.Current!;
    }

    Position At(ParsingEvent e) => new(file, (int)e.Start.Line, (int)e.Start.Column);

    /// <summary>Ends the reading of one file. It never leaves this class.</summary>
    sealed class Refused(Position at, string message) : Exception(message)
    {
        public Position At => at;
    }
}
