using Oops.Core;

namespace Oops.Config;

/// <summary>A config as `oops check` judges it and `oops run` takes it: all three are null if it has errors.</summary>
internal sealed record Checked(OopsConfig? Config, Wiring? Wiring, Policy? Policy, ConfigErrors Errors);

/// <summary>Everything from a path to a policy.</summary>
internal static class ConfigCheck
{
    public static Checked Load(string path)
    {
        var loaded = ConfigLoader.Load(path);
        if (loaded.Draft is not { } config)
            return new(null, null, null, loaded.Errors);
        var wiring = Wiring.Of(loaded, config);
        var policy = PolicyCompiler.Compile(config, wiring, loaded.Errors, loaded.Hash);
        policy = policy is null ? null : policy with { Hash = ConfigLoader.Hash(loaded.Hash, config, policy) };
        return policy is null ? new(null, null, null, loaded.Errors) : new(config, wiring, policy, loaded.Errors);
    }
}
