using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class SectionTests(ApiFixture fixture)
{
    private const string Sections = "/management/v1/sections";
    private readonly HttpClient editor = fixture.Editor;

    [Fact]
    public async Task What_creating_answers_is_what_reading_gives_back()
    {
        var created = (await editor.Post(Sections, new { name = Wire.Unique("Culture"), language = "fr", description = "Livres\r\net scène" })).Is(HttpStatusCode.Created);
        var read = (await editor.Get(created.Message.Headers.Location?.ToString() ?? "")).Is(HttpStatusCode.OK);

        Assert.Equal(created.Text, read.Text);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal("Livres\net scène", read.Body["description"]?.GetValue<string>());
    }
}
