using Oops.Reports.Verify;

namespace Oops.Reports;

/// <summary>What a check has found, to be stored: the last one of each name, types and INFO-CODE. All text is safe for terminals and logs.</summary>
internal sealed record CheckNews(string Name, string Types, int Code, DateTimeOffset At, CheckVerdict Verdict, string Found);
