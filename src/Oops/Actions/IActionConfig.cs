using System.Net.Sockets;
using Oops.Config;
using Oops.Engine;

namespace Oops.Actions;

/// <summary>The config record of one action.</summary>
internal interface IActionConfig
{
    /// <summary>What routes (`via:`) and rules (`run:`) call it; its property carries <c>[Declares(Named.Action)]</c>.</summary>
    string Name { get; }

    /// <summary>True for routers, which carry routes; false for what rules run.</summary>
    bool CarriesRoutes { get; }

    /// <summary>The action. It does no I/O before it is run. Called once the record and all references in it are valid.</summary>
    IAction Create(OopsConfig config);

    /// <summary>What <see cref="Create"/> looks at beside its own record, as text: another one makes another action at a reload.</summary>
    string DependsOn(OopsConfig config) => "";

    /// <summary>Where the prefixes of a family lead, in words; null: that is not in this config. Another one moves traffic as a decision does.</summary>
    string? NextHop(AddressFamily family) => null;

    /// <summary>What is wrong with it in the whole config: with what goes via it. <paramref name="path"/> is the record's own path.</summary>
    void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
    }
}
