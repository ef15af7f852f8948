using Cms.Domain.Sharing;

namespace Cms.Domain.Tests.Sharing;

public sealed class ReuseTermsTests
{
    private static readonly ReuseTerms Site = new(true, "https://s.example/tdm", "https://s.example/licence");

    [Fact]
    public void Each_member_is_said_by_the_nearest_that_says_it() =>
        Assert.Equal(new ReuseTerms(true, "https://a.example/tdm", "https://b.example/licence"),
            ReuseTerms.Of(new(null, "https://a.example/tdm", null), new(null, null, "https://b.example/licence"), Site));

    [Fact]
    public void Where_nothing_is_reserved_there_is_no_policy() => Assert.Equal(new ReuseTerms(false, null, "https://s.example/licence"), ReuseTerms.Of(new(false, null, null), Site));

    [Fact]
    public void Nobody_says_nothing() => Assert.Equal(ReuseTerms.Empty, ReuseTerms.Of(null, ReuseTerms.Empty));
}
