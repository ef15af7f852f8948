namespace Cms.Domain.Tests;

public sealed class ClockTests
{
    [Fact]
    public void Now_holds_no_more_than_PostgreSQL_keeps()
    {
        Assert.Equal(0, TimeProvider.System.Now().Ticks % TimeSpan.TicksPerMicrosecond);
        Assert.Equal(TimeSpan.Zero, TimeProvider.System.Now().Offset);
    }
}
