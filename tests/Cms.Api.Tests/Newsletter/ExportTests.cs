using System.Net;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Newsletter;

public sealed class ExportTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<Answer> Add(HttpClient client, string email, string? name = null, string language = "fr", Guid[]? sectionIds = null) => (await client.Post(Importing.Subscribers, new
    {
        email,
        name,
        language,
        sectionIds,
        frequency = "weekly",
        consent = new { at = "2026-11-24T09:00:00Z", source = "Fair, \"hall\" 3", textVersion = "1" },
    })).Is(HttpStatusCode.Created);

    [Fact]
    public async Task What_is_exported_is_imported_elsewhere_as_it_was()
    {
        await using var from = await fixture.StartService();
        await using var to = await fixture.StartService();
        using var sender = await from.Client(Ct, [.. Scope.All]);
        using var receiver = await to.Client(Ct, [.. Scope.All]);
        var name = Wire.Unique("Ressort");
        var section = await sender.OpenSection(name);
        await receiver.OpenSection(name);
        await Add(sender, "+plus@example.org", "=HYPERLINK(\"x\")", sectionIds: [section.Id]);
        await Add(sender, "'quote@example.org", "'=kept", "de");
        await Add(sender, "zoé@bücher.example", "'Abdu, \"A\"");
        var left = await Add(sender, "left@example.org");
        (await sender.Act($"{Importing.Subscribers}/{left.Id}/unsubscribe", left.ETag)).Is(HttpStatusCode.OK);
        for (var i = 0; i < 3; i++) (await sender.Import(Importing.FileOf($"viele{i}", 700))).Is(HttpStatusCode.OK);

        var file = (await sender.Get(Importing.Export)).Is(HttpStatusCode.OK);
        var import = await receiver.Import(file.Bytes);

        Assert.Equal((2_103, 0, 0, 1), import.Counts());
        Assert.Equal("text/csv; charset=utf-8", file.Message.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", file.Message.Content.Headers.ContentDisposition?.DispositionType);
        var again = (await receiver.Get(Importing.Export)).Is(HttpStatusCode.OK);
        static IEnumerable<string> Lines(Answer answer) => answer.Text.Split("\r\n").Where(l => !l.Contains("left@", StringComparison.Ordinal)).Select(l => l[..Math.Max(0, l.LastIndexOf(','))]).Order(StringComparer.Ordinal);
        Assert.Equal(Lines(file), Lines(again));
        Assert.Equal((0, 0, 2_103, 1), (await receiver.Import(file.Bytes)).Counts());
    }

    [Fact]
    public async Task Who_took_the_list_away_stands_in_the_audit()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        (await client.Get(Importing.Export)).Is(HttpStatusCode.OK);

        var newest = (await client.Get("/management/v1/audit?limit=1")).Is(HttpStatusCode.OK).Body["items"]![0]!;

        Assert.Equal(("exportSubscribers", "subscriber"), (newest.Member("action"), newest.Member("resource")));
    }

    [Fact]
    public async Task What_a_spreadsheet_would_take_for_a_formula_is_none()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, [.. Scope.All]);
        foreach (var sign in "=+-@") await Add(client, $"{(sign == '@' ? 'a' : sign)}x@example.org", $"{sign}cmd|' /C calc'!A0");

        var lines = (await client.Get(Importing.Export)).Is(HttpStatusCode.OK).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

        Assert.Equal(4, lines.Length);
        Assert.All(lines, l => Assert.DoesNotMatch("(^|,)\"?[=+@-]", l));
        Assert.Contains(lines, l => l.StartsWith("\"'=x@example.org\",\"'=cmd", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_segment_is_the_same_in_the_list_and_in_the_export()
    {
        var (culture, sport) = ((await editor.OpenSection()).Id, (await editor.OpenSection()).Id);
        var stem = Wire.Unique("teil");
        await Add(editor, $"{stem}.a@example.org", language: "fr", sectionIds: [culture]);
        var since = (await Add(editor, $"{stem}.b@example.org", language: "it", sectionIds: [culture, sport])).Member("createdAt");
        var left = await Add(editor, $"{stem}.c@example.org", language: "it", sectionIds: [sport]);
        await Add(editor, $"{stem}.d@example.org", language: "it");
        (await editor.Act($"{Importing.Subscribers}/{left.Id}/unsubscribe", left.ETag)).Is(HttpStatusCode.OK);

        foreach (var (query, expected) in new[]
        {
            ($"sectionIds={culture}", "a b"), ($"sectionIds={culture},{sport}", "a b c"), ($"sectionIds={sport}&status=active", "b"), ($"sectionIds={culture}&language=it", "b"),
            ($"since={since}", "b c d"), ($"since={since}&language=it&status=unsubscribed", "c"), ($"since={since}&sectionIds={culture}", "b"), ("language=it&since=1970-01-01T00:00:00Z", "b c d"),
        })
        {
            var listed = await Listed($"{Importing.Subscribers}?limit=1&email={stem}&{query}");
            Assert.Equal(expected, string.Join(' ', listed));
            Assert.Equal(expected, string.Join(' ', (await Listed($"{Importing.Subscribers}?limit=100&{query}")).Where(l => l.Length == 1)));
            var lines = (await editor.Get($"{Importing.Export}?{query}")).Is(HttpStatusCode.OK).Text.Split("\r\n").Where(l => l.StartsWith(stem, StringComparison.Ordinal));
            Assert.Equal(expected, string.Join(' ', lines.Select(l => l[stem.Length + 1])));
        }

        var first = (await editor.Get($"{Importing.Subscribers}?limit=1&since={since}")).Member("next");
        (await editor.Get($"{Importing.Subscribers}?limit=1&since=2020-01-01T00:00:00Z&cursor={first}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters");

        async Task<List<string>> Listed(string? path)
        {
            var seen = new List<string>();
            while (path is not null)
            {
                var page = (await editor.Get(path)).Is(HttpStatusCode.OK);
                seen.AddRange(page.Body["items"]!.AsArray().Select(s => s!["email"]!.GetValue<string>()).Select(e => e.StartsWith(stem, StringComparison.Ordinal) ? $"{e[stem.Length + 1]}" : e));
                path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
            }

            return seen;
        }
    }

    [Fact]
    public async Task The_ledger_of_an_address_is_told_page_by_page()
    {
        var email = $"{Wire.Unique("buch")}@example.org";
        await editor.Import($"email\n{email}\n");
        var reader = await editor.ReaderOf(email);
        var hash = System.Security.Cryptography.HMACSHA256.HashData(new byte[32], System.Text.Encoding.UTF8.GetBytes(email));
        await fixture.Service.Sql("INSERT INTO cms.consents (address_hash, kind, at) VALUES ($1, 'left', now())", hash);

        var path = $"{Importing.Subscribers}/{reader!["id"]}/consents?limit=1";
        var first = (await editor.Get(path)).Is(HttpStatusCode.OK);
        var second = (await editor.Get($"{path}&cursor={first.Member("next")}")).Is(HttpStatusCode.OK);
        Assert.Equal(("imported", "Salon"), ($"{first.Body["items"]![0]!["event"]}", $"{first.Body["items"]![0]!["source"]}"));
        Assert.Equal(("left", ""), ($"{second.Body["items"]![0]!["event"]}", second.Member("next")));
    }
}
