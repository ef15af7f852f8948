using System.Net;
using Cms.Api.Http;

namespace Cms.Api.Tests.Management;

public sealed class ActionTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    [Fact]
    public async Task What_takes_no_body_refuses_one_before_it_looks_for_its_target()
    {
        foreach (var operation in Operation.All(fixture.Service, Face.Management).Where(o => o.Body is null && o.Method != HttpMethod.Get && o.Name != "importSubscribers"))
            (await operation.Ask(editor, operation.AtNowhere, new { x = 1 }, "application/json")).Refuses(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task Discarding_nothing_changes_nothing()
    {
        var story = await editor.Story(Wire.Unique("verwerfen"));
        var discarded = (await editor.Act($"{Desk.Articles}/{story.Id}/discard-draft", story.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal((story.ETag, story.Member("updatedAt")), (discarded.ETag, discarded.Member("updatedAt")));
    }
}
