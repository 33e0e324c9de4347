namespace Oops.Wire.Dns.Master;

/// <summary>Where a <see cref="MasterReader"/> stands.</summary>
public enum MasterReading
{
    /// <summary>The text ends within an entry, or between two: more of it is wanted.</summary>
    More,

    /// <summary>$INCLUDE: another file comes first (<see cref="MasterReader.IncludePath"/>, <see cref="MasterReader.Child"/>); then this goes on.</summary>
    Include,

    /// <summary>All of it was read.</summary>
    Done,

    /// <summary>It is no master file; <see cref="MasterReader.Why"/> says where and why. Nothing more is read.</summary>
    Broken,
}
