namespace Cms.Infrastructure.Delivery;

/// <summary>What the clock said to one asking of a server. Each asking of a standby has its own: one that is given up may go on saying things.</summary>
/// <param name="isOfStandby">Of whom it is.</param>
/// <param name="asksClock">Each statement tells the clock's number of its own snapshot.</param>
internal sealed class Seen(bool isOfStandby, bool asksClock)
{
    /// <summary>Whether a statement has to tell the clock's number. A primary that nobody stands beside holds at least what this node knew before it asked.</summary>
    public bool AsksClock => asksClock;

    /// <summary>Whether the clock has to be read beside what does not tell it.</summary>
    public bool IsOfStandby => isOfStandby;

    /// <summary>The lowest number; null before the first.</summary>
    public long? Earliest { get; private set; }

    /// <summary>The highest number; -1 before the first.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>A reading tells the clock's number.</summary>
    public long Saw(long number)
    {
        (Earliest, Newest) = (Math.Min(number, Earliest ?? number), Math.Max(number, Newest));
        return number;
    }
}
