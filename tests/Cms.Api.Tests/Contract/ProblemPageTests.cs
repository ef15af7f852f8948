using System.Net;
using Cms.Api.Http;

namespace Cms.Api.Tests.Contract;

public sealed class ProblemPageTests(ApiFixture fixture)
{
    public static TheoryData<string> Types => [.. ProblemType.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Each_problem_type_is_documented_at_its_own_address(string name)
    {
        var page = (await fixture.Reader.Get($"/problems/{name}")).Is(HttpStatusCode.OK);

        Assert.Equal("text/markdown", page.Message.Content.Headers.ContentType?.MediaType);
        Assert.Contains(ProblemType.Named(name).Title, page.Text, StringComparison.Ordinal);
        Assert.Contains("## What to do", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_page_is_of_a_type_that_there_is_not() => Assert.Equal(
        ProblemType.All.Select(t => t.Name).Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "problems"), "*.md").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_type_that_there_is_not_is_not_found() =>
        (await fixture.Reader.Get("/problems/no-such-thing")).Refuses(HttpStatusCode.NotFound, "not-found");
}
