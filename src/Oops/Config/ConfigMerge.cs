namespace Oops.Config;

/// <summary>
/// Several files as if they were one: maps at the top (<c>servers:</c>, <c>routes:</c>) are joined by name, lists at the top and one below (<c>rules:</c>,
/// <c>sources: {knot: [...]}</c>) are joined in order. Anything else that is written twice is an error: no file overrides another.
/// </summary>
internal static class ConfigMerge
{
    public static MapNode Merge(IReadOnlyList<MapNode> files, ConfigErrors errors)
    {
        var root = new MapNode(files[0].At, []);
        foreach (var file in files)
            Into(root, file, "", errors);
        return root;
    }

    static void Into(MapNode target, MapNode more, string path, ConfigErrors errors)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < target.Entries.Count; i++)
            index[target.Entries[i].Key.Text] = i;
        foreach (var entry in more.Entries)
        {
            if (!index.TryGetValue(entry.Key.Text, out var i))
            {
                // Copied, so that a later file is never added to an earlier file's own node.
                target.Entries.Add(entry.Value switch
                {
                    MapNode map when path.Length == 0 => entry with { Value = map with { Entries = [.. map.Entries] } },
                    _ => entry,
                });
                continue;
            }

            var known = target.Entries[i];
            var here = path.Length == 0 ? entry.Key.Text : $"{path}.{entry.Key.Text}";
            if (known.Value is MapNode a && entry.Value is MapNode b && path.Length == 0)
                Into(a, b, here, errors);
            else if (known.Value is ListNode c && entry.Value is ListNode d)
                target.Entries[i] = known with { Value = c with { Items = [.. c.Items, .. d.Items] } };
            else
                errors.Add(entry.Key.At, here, $"is written twice; the first is at {known.Key.At}; remove one");
        }
    }
}
