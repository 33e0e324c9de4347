using Oops.Config;
using Oops.Engine;

namespace Oops.Sources;

/// <summary>The config record of one source.</summary>
internal interface ISourceConfig
{
    /// <summary>The source. It does no I/O before it is run: `oops check` creates it only to ask what it covers. Called once the record and all references in it are valid.</summary>
    ISource Create(OopsConfig config);

    /// <summary>What <see cref="Create"/> looks at beside the record, the servers and the conditions, as text: the source goes on over a reload while this is the same.</summary>
    string DependsOn(OopsConfig config) => "";

    /// <summary>What is wrong with it in the whole config: with what it refers to. <paramref name="path"/> is the record's own path.</summary>
    void CheckAgainst(OopsConfig config, ConfigErrors errors, string path)
    {
    }

    /// <summary>The servers whose own list of zones it reports (`zones: {own: ...}`).</summary>
    IEnumerable<string> ListsZonesOf => [];

    /// <summary>The catalogs whose members it reports, as the servers that expect them (`zones: {catalog: ...}`).</summary>
    IEnumerable<string> ListsCatalogOf => [];

    /// <summary>The servers of whose zones it has to hear each new serial, by whichever other source.</summary>
    IEnumerable<string> FollowsSerialsOf => [];
}
