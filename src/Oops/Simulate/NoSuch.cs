using Oops.Config;
using Oops.Core;

namespace Oops.Simulate;

/// <summary>What is said of a name that the header does not have: that, and which it has.</summary>
internal static class NoSuch
{
    public static string Of(string what, string name, IEnumerable<string> names)
    {
        List<string> there = [.. names];
        return $"there is no {what} `{name}`{Suggest.DidYouMean(name, there)}; {There(there)}";
    }

    public static string Condition(Policy policy, string name) => Of("condition", name, Conditions(policy));

    /// <summary>Those of the header, and those that are there by themselves.</summary>
    public static IEnumerable<string> Conditions(Policy policy) => policy.Conditions.Select(c => c.Name).Concat(Kinds.All.Where(k => k.Parameter is null).Select(k => k.Name)).Distinct();

    public static string There(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } all ? $"there are {all}" : "the header has none";
}
