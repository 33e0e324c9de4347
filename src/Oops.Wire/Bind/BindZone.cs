namespace Oops.Wire.Bind;

/// <summary>A zone in BIND's statistics channel.</summary>
/// <param name="View">The view that it is in; `_default` where none is configured.</param>
/// <param name="Name">Its name in presentation form, as BIND escapes it.</param>
/// <param name="Secondary">It comes from a primary. An inline-signed zone is told as a primary, also where its unsigned version comes from one.</param>
/// <param name="Serial">Null: it is not loaded, or has expired.</param>
/// <param name="Loaded">When the version that it has, or had last, was loaded, or its file written; null: none ever was.</param>
/// <param name="Expires">Of a secondary, when it expires or has expired; null: never loaded.</param>
/// <param name="Refresh">Of a secondary, when the next refresh is planned; null: none is. It moves on when one begins.</param>
public readonly record struct BindZone(string View, string Name, bool Secondary, uint? Serial, DateTime? Loaded, DateTime? Expires, DateTime? Refresh);
