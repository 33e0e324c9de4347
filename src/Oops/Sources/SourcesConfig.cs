using System.ComponentModel;
using Oops.Sources.Process;

namespace Oops.Sources;

/// <summary>How we learn: the table of contents, and the only wiring of the sources. One list of records per folder, named as the folder.</summary>
internal sealed record SourcesConfig
{
    [Description("The life and death of a server's main process.")]
    public IReadOnlyList<ProcessConfig> Process { get; set; } = [];
}
