using System.Net;

namespace Cms.Api.Tests.Publishing;

public sealed class TranslationTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor, reader = fixture.Reader;

    private async Task<Answer> Present(Answer article) => (await editor.Get($"{Desk.Articles}/{article.Id}")).Is(HttpStatusCode.OK);

    private async Task<string[]> Named(Answer article) =>
        [.. (await reader.Get($"{Desk.Published}/{article.Slug()}")).Is(HttpStatusCode.OK).Body["translations"]!.AsArray().Select(t => t!["slug"]!.GetValue<string>())];

    [Fact]
    public async Task A_translation_that_leaves_its_text_is_no_longer_named_there()
    {
        var french = await editor.Story(Wire.Unique("texte"));
        var english = await editor.Story(Wire.Unique("text"), more: new { language = "en", translationOf = french.Id });
        Assert.Equal([english.Slug()], await Named(french));

        var parted = await editor.Change(english, new { translationOf = (Guid?)null });
        Assert.Equal([english.Slug()], await Named(french));
        await editor.Publish(parted);

        Assert.Empty(await Named(french));
        Assert.Empty(await Named(english));
    }

    [Fact]
    public async Task A_translation_can_be_edited_after_its_original_was_deleted_and_keeps_its_fellows()
    {
        var french = await editor.Draft(Wire.Unique("texte"));
        var english = await editor.Story(Wire.Unique("text"), more: new { language = "en", translationOf = french.Id });
        var german = await editor.Story(Wire.Unique("texti"), more: new { language = "de", translationOf = french.Id });
        (await editor.Delete($"{Desk.Articles}/{french.Id}", french.ETag)).Is(HttpStatusCode.NoContent);

        var edited = await editor.Change(english, new { kicker = "x" });
        Assert.Equal(french.Id.ToString(), edited.Member("translationOf"));
        await editor.Publish(edited);

        Assert.Equal([german.Slug()], await Named(english));
        Assert.Equal([english.Slug()], await Named(german));
        // Nobody else may name what is gone, nor may it be named elsewhere.
        Assert.Equal(["/translationOf notFound"], (await editor.Post(Desk.Articles, new { headline = "x", language = "it", translationOf = french.Id })).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        Assert.Equal(["/relatedIds/0 notFound"], (await editor.Patch($"{Desk.Articles}/{english.Id}", new { relatedIds = new[] { french.Id } }, (await Present(english)).ETag)).Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task An_original_stays_with_its_translations()
    {
        var (french, other) = (await editor.Draft(Wire.Unique("texte")), await editor.Draft(Wire.Unique("anderes"), more: new { language = "it" }));
        var english = await editor.Draft(Wire.Unique("text"), more: new { language = "en", translationOf = french.Id });

        (await editor.Patch($"{Desk.Articles}/{french.Id}", new { translationOf = other.Id }, french.ETag)).Refuses(HttpStatusCode.Conflict, "has-translations");
        (await editor.Post(Desk.Articles, new { headline = "x", language = "en", translationOf = french.Id })).Refuses(HttpStatusCode.Conflict, "translation-taken");
        await editor.Change(english, new { translationOf = (Guid?)null });
        await editor.Change(french, new { translationOf = other.Id });
        await editor.Change(await Present(english), new { translationOf = french.Id });
    }

    [Fact]
    public async Task Discarding_a_draft_leaves_no_translations_behind_either()
    {
        var (french, other) = (await editor.Story(Wire.Unique("texte")), await editor.Draft(Wire.Unique("anderes"), more: new { language = "it" }));
        await editor.Change(french, new { translationOf = other.Id });
        var english = await editor.Draft(Wire.Unique("text"), more: new { language = "en", translationOf = french.Id });

        (await editor.Act($"{Desk.Articles}/{french.Id}/discard-draft", (await Present(french)).ETag)).Refuses(HttpStatusCode.Conflict, "has-translations");
        await editor.Change(english, new { translationOf = (Guid?)null });
        (await editor.Act($"{Desk.Articles}/{french.Id}/discard-draft", (await Present(french)).ETag)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_an_original_that_leaves_and_a_translation_that_comes_at_one_time_one_is_refused_or_both_stand_together()
    {
        var section = (await editor.OpenSection()).Id;
        for (var round = 0; round < 15; round++)
        {
            var (french, other) = (await editor.Draft(Wire.Unique("texte"), section), await editor.Draft(Wire.Unique("anderes"), section, new { language = "it" }));
            var acts = await Task.WhenAll(
                editor.Patch($"{Desk.Articles}/{french.Id}", new { translationOf = other.Id }, french.ETag),
                editor.Post(Desk.Articles, new { headline = Wire.Unique("text"), language = "en", translationOf = french.Id }));
            Assert.All(acts, a => Assert.True((int)a.Status < 500, a.Text));

            // Where both were done, the text has an English version: another is refused.
            (await editor.Post(Desk.Articles, new { headline = "x", language = "en", translationOf = french.Id })).Is(acts[1].Status == HttpStatusCode.Created ? HttpStatusCode.Conflict : HttpStatusCode.Created);
        }
    }
}
