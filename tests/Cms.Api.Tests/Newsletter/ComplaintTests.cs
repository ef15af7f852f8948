using System.Net;
using System.Text.Json.Nodes;
using Cms.Api.Tests.Mail;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What receivers ask of whoever sends in bulk: complaints below 0.1 %, and never 0.3 %.</summary>
public sealed class ComplaintTests(ApiFixture fixture)
{
    private const string Next = "/management/v1/digests/next";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edition_that_becomes_due_while_too_many_complain_is_held_until_an_editor_releases_it()
    {
        using var logs = new CollectedLogs();
        await using var news = await Newsroom.Open(fixture, new() { ["Cms:Mail:ReturnPathDomain"] = "bounces.example.org" }, logs.Collect);
        var world = await news.Section("International");
        await news.Publish("Le pont rouvre", world);
        for (var i = 0; i < 7; i++) await news.Reader($"r{i}@example.org");
        await news.MakeDue();
        await news.Finished();
        foreach (var mail in news.Mails.Received.OrderBy(m => m.To, StringComparer.Ordinal).Take(5)) await Complain(news, mail);
        await news.NextDay();
        await news.Publish("La finale", world);
        var before = (await news.Editor.Get(Next)).Is(HttpStatusCode.OK).Body;

        await news.MakeDue();
        await news.MakeDue(); // again: it stays, and is told once
        var held = (await news.Editor.Get(Next)).Is(HttpStatusCode.OK);
        var listed = (await news.Editor.Get("/management/v1/digests")).Body["items"]![0]!;
        var during = news.Mails.Received.Count;
        var released = (await news.Editor.Patch(Next, new { held = false }, held.ETag)).Is(HttpStatusCode.OK);
        await news.MakeDue();
        await news.Finished();

        Assert.Equal(("", "pause", "7", "5"), (before.Member("heldBecause"), before["complaints"]!.Member("level"), before["complaints"]!.Member("mails"), before["complaints"]!.Member("complained")));
        Assert.Equal(("complaints", "true", 7), (held.Member("heldBecause"), held.Body["wishes"]!.Member("held"), during));
        Assert.Equal(("planned", "complaints"), (listed.Member("status"), listed.Member("heldBecause")));
        Assert.Equal("", released.Body.Member("heldBecause"));
        Assert.Equal(["r5@example.org", "r6@example.org"], news.Mails.Received.Skip(7).Select(m => m.To).Order());
        Assert.Single(logs.Lines, l => l.Contains("is held for the complaints", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains("r0@example.org", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_share_of_complaints_means_what_receivers_say_and_a_few_of_a_small_list_mean_nothing()
    {
        using var logs = new CollectedLogs();
        await using var news = await Newsroom.Open(fixture, configure: logs.Collect);
        var world = await news.Section("International");
        await news.Publish("Le pont rouvre", world);
        await news.Reader("lea@example.org");
        await news.MakeDue();
        await news.Finished();
        await news.Service.Sql("UPDATE cms.digest_progress SET due = 12000, taken = 10000");
        await news.Service.Sql("INSERT INTO cms.digest_mails (edition, subscriber_id, set_key, state) SELECT p.edition, gen_random_uuid(), gen_random_uuid(), CASE WHEN i <= 9999 THEN 1 WHEN i <= 11000 THEN 3 ELSE 4 END FROM cms.digest_progress p, generate_series(1, 11999) i");

        Assert.Equal(("normal", 10_000, 0, 0), await Told(news, 0));
        Assert.Equal(("normal", 10_000, 10, 0.001), await Told(news, 10));
        Assert.Equal(("alarm", 10_000, 11, 0.0011), await Told(news, 11));
        Assert.Equal(("alarm", 10_000, 29, 0.0029), await Told(news, 29));
        Assert.Equal(("pause", 10_000, 30, 0.003), await Told(news, 30));
        await news.Service.Sql("UPDATE cms.digest_progress SET taken = 100");
        Assert.Equal(("normal", 100, 4, 0.04), await Told(news, 4));
        Assert.Equal(("pause", 100, 5, 0.05), await Told(news, 5));

        await news.Service.Sql("UPDATE cms.digest_progress SET taken = 3000");
        Assert.Equal(("alarm", 3_000, 8, 0.002667), await Told(news, 8));
        await news.NextDay();
        await news.Publish("La finale", world);
        await news.MakeDue();
        Assert.Equal("La finale", (await news.Mails.Next(m => m.Message.Subject == "La finale", Ct)).Message.Subject); // an alarm stops nothing
        Assert.Single(logs.Lines, l => l.Contains("8 of 3000 mails of the last 7 days were reported as spam: 0.27", StringComparison.Ordinal));

        for (var i = 0; i < 7; i++) await news.NextDay();
        Assert.Equal("normal", (await news.Editor.Get(Next)).Body["complaints"]!.Member("level")); // what is older is forgotten
    }

    private static async Task<(string, int, int, double)> Told(Newsroom news, int complained)
    {
        await news.Service.Sql("UPDATE cms.digest_mails SET complained_at = NULL");
        await news.Service.Sql("UPDATE cms.digest_mails SET complained_at = now() WHERE subscriber_id IN (SELECT subscriber_id FROM cms.digest_mails WHERE state = 1 LIMIT $1)", complained);
        JsonNode told = (await news.Editor.Get(Next)).Is(HttpStatusCode.OK).Body["complaints"]!;
        Assert.Equal(7, told["days"]!.GetValue<int>());
        return (told.Member("level"), told["mails"]!.GetValue<int>(), told["complained"]!.GetValue<int>(), told["rate"]!.GetValue<double>());
    }

    // As Yahoo sends it on, of the very mail that the reader got.
    private static async Task Complain(Newsroom news, ReceivedMail mail)
    {
        using var sample = new StreamReader(typeof(ComplaintTests).Assembly.GetManifestResourceStream("bounces/yahoo-complaint")!);
        var report = (await sample.ReadToEndAsync(Ct)).Replace("RETURN-PATH", mail.From, StringComparison.Ordinal);
        var answer = (await news.Editor.Ask(HttpMethod.Post, "/management/v1/bounces", report, "message/rfc822")).Is(HttpStatusCode.OK);
        Assert.Equal(("complaint", "true"), (answer.Member("kind"), answer.Body.Member("matched")));
    }
}
