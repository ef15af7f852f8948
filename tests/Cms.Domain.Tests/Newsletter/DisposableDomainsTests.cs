using Cms.Domain.Newsletter;

namespace Cms.Domain.Tests.Newsletter;

public sealed class DisposableDomainsTests
{
    private static EmailAddress At(string domain) =>
        EmailAddress.TryParse($"a@{domain}", out var address, out var reason) ? address : throw new ArgumentException(reason, nameof(domain));

    [Theory]
    [InlineData("mailinator.com")]
    [InlineData("Mailinator.COM")]
    [InlineData("x.y.mailinator.com")]
    [InlineData("yopmail.com")]
    [InlineData("yopmail.fr")]
    [InlineData("guerrillamail.com")]
    [InlineData("trashmail.de")]
    [InlineData("jetable.org")]
    public void A_throw_away_domain_is_known_with_those_below_it(string domain) => Assert.True(DisposableDomains.BuiltIn.Contains(At(domain)));

    [Theory]
    [InlineData("gmail.com")]
    [InlineData("lemonde.fr")]
    [InlineData("notmailinator.example")]
    [InlineData("amailinator.com")]
    [InlineData("mailinator.com.example")]
    public void Another_domain_is_not(string domain) => Assert.False(DisposableDomains.BuiltIn.Contains(At(domain)));

    [Theory]
    [MemberData(nameof(AddressAdviceTests.Right), MemberType = typeof(AddressAdviceTests))]
    public void No_domain_of_a_newspaper_a_company_or_a_provider_is_listed(string domain) => Assert.False(DisposableDomains.BuiltIn.Contains(At(domain)));

    [Fact]
    public void An_operators_file_adds_domains_and_takes_some_out()
    {
        var domains = DisposableDomains.BuiltIn.With(
        [
            "\uFEFF# ours", "", "  Throw-Away.example # seen in May", "müll.example", "!yopmail.com", "! press.mailinator.com", "twice.example", "!twice.example",
        ]);

        Assert.True(domains.Contains(At("throw-away.example")));
        Assert.True(domains.Contains(At("xn--mll-hoa.example")));
        Assert.True(domains.Contains(At("mailinator.com")));
        Assert.False(domains.Contains(At("yopmail.com")));
        Assert.False(domains.Contains(At("x.yopmail.com")));
        Assert.False(domains.Contains(At("press.mailinator.com")));
        Assert.False(domains.Contains(At("twice.example")));
        Assert.True(DisposableDomains.BuiltIn.Contains(At("yopmail.com")));
    }

    [Theory]
    [InlineData("com")]
    [InlineData("a b.example")]
    [InlineData("me@throw.example")]
    [InlineData("!")]
    public void A_line_that_is_no_domain_is_named_by_its_number(string line) =>
        Assert.Contains("Line 3", Assert.Throws<FormatException>(() => DisposableDomains.BuiltIn.With(["# one", "two.example", line])).Message, StringComparison.Ordinal);
}
