using Oops.Core;

namespace Oops.Journal;

/// <summary>A run of the journal without what it takes to replay it: of a server with very many zones that is most of it.</summary>
/// <param name="Id">Of the run.</param>
/// <param name="Boot">Of which boot.</param>
/// <param name="At">When it began.</param>
/// <param name="Wall">The same by the wall clock.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Config">Hash of its config.</param>
/// <param name="First">From when on it is there: later than its beginning where that was removed for its age.</param>
/// <param name="Last">The last that was written of it.</param>
/// <param name="Ended">It ended in good order, by the end of oops or by a new config.</param>
/// <param name="Reopened">It goes on with what another one began: the journal could not be written meanwhile.</param>
internal sealed record Stretch(long Id, string Boot, At At, DateTimeOffset Wall, string Version, string Config, At First, At Last, bool Ended, bool Reopened)
{
    /// <summary>An instant of it by the wall clock as it was when it began: spans within a run do not change with the clock.</summary>
    public DateTimeOffset Time(At at) => Wall + (at - At);

    /// <summary>A new config took over from the one before at that very instant.</summary>
    public bool Follows(Stretch before) => before.Ended && before.Boot == Boot && before.Last >= At;
}
