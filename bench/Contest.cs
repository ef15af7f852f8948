namespace Cms.Bench;

/// <summary>One row of the table.</summary>
/// <param name="Work">What is measured.</param>
/// <param name="Figure">What came out.</param>
/// <param name="Must">What it must reach.</param>
/// <param name="Holds">Whether it does; null: its limit was not measured.</param>
/// <param name="Detail">The figures behind it.</param>
internal sealed record Row(string Work, string Figure, string Must, bool? Holds, string Detail);

/// <summary>Ours beside a limit, in rounds by turns: the machine may drift, the ratio of neighbours does not.</summary>
/// <param name="Seconds">How long each turn is.</param>
/// <param name="Rounds">How many.</param>
internal sealed record Contest(double Seconds, int Rounds)
{
    private const int WarmAfter = 100_000, MostWarmUps = 10;

    /// <summary>Measures both by turns.</summary>
    /// <returns>Medians over the rounds: of the ratio of answers a second, of the ratio of p99, and of what each was.</returns>
    public Outcome Between(Func<TimeSpan, Seen> ours, Func<TimeSpan, Seen> limit)
    {
        var time = TimeSpan.FromSeconds(Seconds);
        WarmUp(ours, time);
        WarmUp(limit, time);
        var rounds = Enumerable.Range(0, Rounds).Select(i =>
        {
            // Who goes second meets a machine that has warmed up: by turns.
            if (i % 2 == 0) return (Ours: ours(time), Limit: limit(time));
            var first = limit(time);
            return (Ours: ours(time), Limit: first);
        }).ToList();
        return new(
            Median(rounds.Select(r => r.Ours.PerSecond / r.Limit.PerSecond)), Median(rounds.Select(r => r.Ours.P99 / r.Limit.P99)),
            Middle([.. rounds.Select(r => r.Ours)]), Middle([.. rounds.Select(r => r.Limit)]));
    }

    /// <inheritdoc cref="Between(Func{TimeSpan, Seen}, Func{TimeSpan, Seen})"/>
    public Outcome Between(Ask ours, Ask limit) => Between(time => Load.Run(ours, time), time => Load.Run(limit, time));

    // Just-in-time compilation in its tiers, pools, caches: after so many answers, not after so much time, for the machine may be slow.
    private static void WarmUp(Func<TimeSpan, Seen> run, TimeSpan time)
    {
        for (var (turns, answers) = (0, 0.0); answers < WarmAfter && turns < MostWarmUps; turns++) answers += run(time).PerSecond * time.TotalSeconds;
    }

    private static Seen Middle(IReadOnlyList<Seen> turns) => new(
        Median(turns.Select(s => s.PerSecond)), Median(turns.Select(s => s.P50)), Median(turns.Select(s => s.P99)), Median(turns.Select(s => s.Cpu)));

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}

/// <summary>What a contest came to.</summary>
/// <param name="Ratio">Ours of the limit, answers a second.</param>
/// <param name="Tail">Ours of the limit, p99.</param>
/// <param name="Ours">Ours.</param>
/// <param name="Limit">The limit.</param>
internal sealed record Outcome(double Ratio, double Tail, Seen Ours, Seen Limit)
{
    /// <summary>A row on the ratio.</summary>
    public Row Row(string work, string limit, double must) =>
        new(work, $"{Ratio:0.00} {limit}", $"{must:0.00} {limit}", Ratio >= must, $"{Ours.PerSecond:N0}/s of {Limit.PerSecond:N0}/s; {Ours.Cpu:0} of {Limit.Cpu:0} µs of processor each");

    /// <summary>A row beside another way's limit, which it need not hold.</summary>
    public Row Beside(string work, string other) => Row(work, other, 0) with { Must = "", Holds = null };

    /// <summary>A row on the tail.</summary>
    public Row TailRow(string work, double most) =>
        new(work, $"{Tail:0.00}×", $"≤ {most:0.0}×", Tail <= most, $"p99 {Ours.P99:0.00} ms against {Limit.P99:0.00} ms");
}
