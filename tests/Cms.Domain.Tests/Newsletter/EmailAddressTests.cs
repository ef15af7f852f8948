using System.Text;
using Cms.Domain.Newsletter;
using Cms.Domain.Tests.Text;
using CsCheck;

namespace Cms.Domain.Tests.Newsletter;

public sealed class EmailAddressTests
{
    private static EmailAddress? Parse(string? text) => EmailAddress.TryParse(text, out var address, out _) ? address : null;

    [Theory]
    [InlineData("Marie.Curie@Example.ORG", "Marie.Curie@example.org")]
    [InlineData("a+tag_!#$%&'*/=?^`{|}~-@x.example", "a+tag_!#$%&'*/=?^`{|}~-@x.example")]
    [InlineData("rene\u0301@example.org", "ren\u00E9@example.org")]
    [InlineData("josé@münchen.example", "josé@xn--mnchen-3ya.example")]
    [InlineData("用户@例子.公司", "用户@xn--fsqu00a.xn--55qx5d")]
    [InlineData("a@XN--MNCHEN-3YA.example", "a@xn--mnchen-3ya.example")]
    [InlineData("a@faß.example", "a@xn--fa-hia.example")]
    public void An_address_keeps_its_local_part_and_gets_a_lower_case_domain_in_A_labels(string text, string value) =>
        Assert.Equal(value, Texts.Everywhere(() => Parse(text)?.Value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@example.org")]
    [InlineData("a@")]
    [InlineData("a@b@example.org")]
    [InlineData("a@localhost")]
    [InlineData("a@example.org.")]
    [InlineData("a@.example.org")]
    [InlineData("a@exa..mple.org")]
    [InlineData("a@-x.example")]
    [InlineData("a@x_y.example")]
    [InlineData("a@127.0.0.1")]
    [InlineData("a@[127.0.0.1]")]
    [InlineData("a@[IPv6:::1]")]
    [InlineData("a@xn--a.example")]
    [InlineData("a@xn--mi7c.example")]
    [InlineData("\"a b\"@example.org")]
    [InlineData("a b@example.org")]
    [InlineData(" a@example.org")]
    [InlineData(".a@example.org")]
    [InlineData("a.@example.org")]
    [InlineData("a..b@example.org")]
    [InlineData("a(b)@example.org")]
    [InlineData("a,b@example.org")]
    [InlineData("<a@example.org>")]
    [InlineData("a\r\nBcc: x@example.org")]
    [InlineData("a\0@example.org")]
    [InlineData("a\u0085@example.org")]
    [InlineData("a\u202Eb@example.org")]
    [InlineData("a\u200Db@example.org")]
    [InlineData("a\u2066b\u2069@example.org")]
    [InlineData("a\uFEFF@example.org")]
    [InlineData("a\uFFFE@example.org")]
    public void What_is_no_address_is_refused_with_a_reason(string? text)
    {
        Assert.False(EmailAddress.TryParse(text, out _, out var reason));
        Assert.NotEmpty(reason);
        Assert.True(reason.All(char.IsAscii));
    }

    [Fact]
    public void Broken_Unicode_is_no_address()
    {
        Assert.Null(Parse("a\uD800@example.org"));
        Assert.Null(Parse("a@\uD800.example"));
    }

    [Fact]
    public void Lengths_are_counted_in_octets()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 46), 4)) + ".e"; // 4 × 47 + 1 = 189
        Assert.NotNull(Parse(new string('a', 64) + "@" + domain)); // 254
        Assert.Null(Parse(new string('a', 64) + "@" + domain + "e"));
        Assert.Null(Parse(new string('a', 65) + "@example.org"));
        Assert.NotNull(Parse(new string('é', 32) + "@example.org"));
        Assert.Null(Parse(new string('é', 32) + "a@example.org"));
    }

    [Fact]
    public void The_key_lowers_ASCII_letters_and_nothing_else() => Assert.Equal("marie.É.iİ@example.org", Texts.Everywhere(() => Parse("Marie.É.Iİ@example.org")?.Key));

    [Fact]
    public void An_address_that_finds_its_way_into_a_log_tells_nothing() => Assert.DoesNotContain("marie", $"{Parse("marie@example.org")}", StringComparison.Ordinal);

    [Fact]
    public void What_is_taken_is_taken_again_as_it_is() => Gen.Select(Texts.Any, Texts.Any).Hold((local, domain) =>
    {
        if (Parse($"{local}@{domain}.example") is not { } address) return;
        Assert.Equal(address, Parse(address.Value));
        Assert.InRange(Encoding.UTF8.GetByteCount(address.Value), 1, EmailAddress.MaxLength);
        Assert.DoesNotContain(address.Value, char.IsControl);
    });
}
