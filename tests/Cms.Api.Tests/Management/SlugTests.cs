using System.Net;

namespace Cms.Api.Tests.Management;

public sealed class SlugTests(ApiFixture fixture)
{
    private const string Preview = "/management/v1/slugs/preview";
    private readonly HttpClient editor = fixture.Editor;

    private async Task<(string Slug, bool Taken)> Ask(object question)
    {
        var answer = (await editor.Post(Preview, question)).Is(HttpStatusCode.OK);
        return (answer.Slug(), answer.Body["taken"]?.GetValue<bool>() ?? throw new InvalidOperationException("The answer does not say whether it is taken."));
    }

    [Fact]
    public async Task A_text_shows_the_slug_that_it_then_gets()
    {
        var name = Wire.Unique("Œuvres d’été");
        var slug = name.ToLowerInvariant().Replace("œ", "oe", StringComparison.Ordinal).Replace("é", "e", StringComparison.Ordinal).Replace('’', '-').Replace(' ', '-');

        Assert.Equal((slug, false), await Ask(new { kind = "tag", text = name }));
        Assert.Equal((slug, false), await Ask(new { kind = "tag", text = name })); // asking takes nothing
        Assert.Equal(slug, (await editor.Post("/management/v1/tags", new { name })).Is(HttpStatusCode.Created).Slug());
        Assert.Equal((slug + "-2", true), await Ask(new { kind = "tag", text = name }));
        Assert.Equal((slug, false), await Ask(new { kind = "author", text = name }));
    }

    [Fact]
    public async Task Kicker_and_headline_make_an_articles_slug_together()
    {
        var headline = Wire.Unique("Le Kremlin révèle");
        Assert.Equal(("en-visite-" + headline.ToLowerInvariant().Replace('é', 'e').Replace('è', 'e').Replace(' ', '-'), false), await Ask(new { kind = "article", kicker = "En visite :", text = headline }));
        var draft = await editor.Draft(headline, more: new { kicker = "En visite :" });

        Assert.Equal((draft.Slug() + "-2", true), await Ask(new { kind = "article", kicker = "En visite :", text = headline }));
    }

    [Fact]
    public async Task A_section_that_moved_still_holds_its_old_slug()
    {
        var section = await editor.OpenSection();
        (await editor.Patch($"{Desk.Sections}/{section.Id}", new { slug = Wire.Unique("neu") }, section.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal((section.Slug() + "-2", true), await Ask(new { kind = "section", text = section.Member("name") }));
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once_by_pointer()
    {
        Assert.Equal(["/kind required", "/text required"], (await editor.Post(Preview, new { })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/text slug"], (await editor.Post(Preview, new { kind = "tag", text = "— !" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/text tooLong", "/kicker tooLong"], (await editor.Post(Preview, new { kind = "article", text = new string('t', 251), kicker = new string('k', 81) }))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/kicker notAllowed"], (await editor.Post(Preview, new { kind = "tag", text = "x", kicker = "y" })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/kind json"], (await editor.Post(Preview, new { kind = "Tag", text = "x" })).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
    }

    [Fact]
    public async Task A_decomposed_slug_in_a_path_is_the_composed_one()
    {
        var composed = Wire.Unique("한국어");
        var decomposed = Uri.EscapeDataString(composed.Normalize(System.Text.NormalizationForm.FormD));
        Assert.NotEqual(Uri.EscapeDataString(composed), decomposed);
        var section = (await editor.Post(Desk.Sections, new { name = composed, slug = composed })).Is(HttpStatusCode.Created);
        await editor.Story(composed, section.Id, new { slug = composed });

        (await fixture.Reader.Get($"{Desk.Published}/{decomposed}")).Is(HttpStatusCode.OK);
        (await fixture.Reader.Get($"/delivery/v1/sections/{decomposed}")).Is(HttpStatusCode.OK);
        (await fixture.Reader.Get($"{Desk.Published}?section={decomposed}")).Is(HttpStatusCode.OK);
        (await fixture.Reader.Get($"{Desk.Published}/%EF%BF%BE")).Refuses(HttpStatusCode.NotFound, "not-found"); // U+FFFE has no composed form
    }
}
