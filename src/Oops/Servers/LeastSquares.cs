namespace Oops.Servers;

/// <summary>The line that lies nearest to some points, by the squares of their distances.</summary>
internal struct LeastSquares
{
    double n;
    double sumX;
    double sumY;
    double sumXx;
    double sumXy;

    /// <summary>How fast it rises; 0 where the points have no extent.</summary>
    public readonly double Slope
    {
        get
        {
            var spread = (n * sumXx) - (sumX * sumX);
            return spread <= 0 ? 0 : ((n * sumXy) - (sumX * sumY)) / spread;
        }
    }

    public void Add(double x, double y) => (n, sumX, sumY, sumXx, sumXy) = (n + 1, sumX + x, sumY + y, sumXx + (x * x), sumXy + (x * y));
}
