using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Cms.Api.Tests.Mail;
using Cms.Domain;
using Cms.Infrastructure.Newsletter;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What a reader does: sends forms, opens links, reads mails.</summary>
public static partial class Reading
{
    public const string Subscriptions = "/newsletter/v1/subscriptions";
    private const string Public = "https://cms.example.org";

    /// <summary>One that nobody else has.</summary>
    public static string Address(string stem = "lea") => $"{Wire.Unique(stem)}@example.org";

    /// <summary>As a browser sends a form.</summary>
    public static async Task<Answer> Submit(this HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        var body = await form.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return await client.Ask(HttpMethod.Post, path, body, "application/x-www-form-urlencoded", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"));
    }

    /// <summary>As the button of the preferences' page does that is named so.</summary>
    public static Task<Answer> Act(this ApiFixture fixture, string page, string act, params (string Name, string Value)[] fields)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        return fixture.Reader.Submit(page, [("act", act), .. fields]);
    }

    public static IHtmlDocument Html(this Answer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Assert.Equal("text/html", answer.Message.Content.Headers.ContentType?.MediaType);
        return new HtmlParser().ParseDocument(answer.Text);
    }

    /// <summary>What the page's headline says.</summary>
    public static string Headline(this Answer answer) => answer.Html().QuerySelector("h1")?.TextContent.Trim() ?? "";

    /// <summary>The one link of a mail's text that leads to this face of the service, as its path.</summary>
    public static string Link(this ReceivedMail mail, string kind = "confirmations")
    {
        ArgumentNullException.ThrowIfNull(mail);
        var found = Own().Matches(mail.Message.TextBody ?? "").Select(m => m.Value).Where(l => l.Contains($"/{kind}/", StringComparison.Ordinal)).Distinct();
        return Assert.Single(found)[Public.Length..];
    }

    /// <summary>Signs up and confirms.</summary>
    /// <returns>The path of the reader's preferences.</returns>
    public static async Task<string> Subscribe(this ApiFixture fixture, string email, params (string Name, string Value)[] fields)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        (await fixture.Reader.Submit(Subscriptions, [("email", email), .. fields])).Is(HttpStatusCode.SeeOther);
        var link = (await fixture.Mails.Next(email, TestContext.Current.CancellationToken)).Link();
        var confirmed = (await fixture.Reader.Submit(link)).Is(HttpStatusCode.OK);
        return confirmed.Html().QuerySelectorAll("main a").OfType<IHtmlAnchorElement>().Select(a => a.Href).Single(h => h.Contains("/preferences/", StringComparison.Ordinal))[Public.Length..];
    }

    /// <summary>The subscriber of an address as an editor sees them; null when there is none.</summary>
    public static async Task<System.Text.Json.Nodes.JsonNode?> Known(this ApiFixture fixture, string email)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        var found = (await fixture.Editor.Get($"/management/v1/subscribers?email={Uri.EscapeDataString(email)}")).Is(HttpStatusCode.OK);
        return found.Body["items"]!.AsArray().SingleOrDefault(s => s!["email"]!.GetValue<string>() == email);
    }

    /// <summary>Where the subscriber of an address stands, or "gone".</summary>
    public static async Task<string> Status(this ApiFixture fixture, string email) => (await fixture.Known(email))?.Member("status") ?? "gone";

    /// <summary>What the consent ledger holds of an address, oldest first.</summary>
    public static async Task<string> Ledger(this TestService service, string email) =>
        (string?)await service.Sql("SELECT string_agg(kind, ' ' ORDER BY id) FROM cms.consents WHERE address_hash = $1", Hash(email)) ?? "";

    public static string Member(this System.Text.Json.Nodes.JsonNode node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node[name]?.ToString() ?? "";
    }

    /// <summary>Waits until every mail that was asked for so far went, or was found to be none.</summary>
    public static async Task Mailed(this TestService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var last = await service.Sql("SELECT coalesce(max(id), 0) FROM cms.outbox") ?? 0L;
        while (await service.Sql("SELECT 1 FROM cms.outbox WHERE kind = 'asked-mail' AND attempts = 0 AND NOT dead AND id <= $1 LIMIT 1", last) is not null) await Task.Yield();
    }

    /// <summary>As if an hour went by since the address had its last mail.</summary>
    public static Task<object?> Later(this TestService service, string email) =>
        service.Sql("UPDATE cms.asked_mails SET at = at - interval '1 hour' WHERE address_hash = $1", Hash(email));

    /// <summary>The keyed hash of an address, under the tests' suppression key.</summary>
    public static byte[] Hash(string email) => HMACSHA256.HashData(new byte[32], Encoding.UTF8.GetBytes(email));

    /// <summary>An active subscriber, without mails.</summary>
    public static async Task<Guid> Reader(this TestService service, string email) => (Guid)(await service.Sql(
        "INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at) VALUES (gen_random_uuid(), $1, 'en', 'Daily', '{}', 'Active', now(), now()) RETURNING id", email) ?? Guid.Empty);

    /// <summary>The path of a subscriber's preferences, by a link of today or of another day.</summary>
    public static string Preferences(this TestService service, Guid id, int days = 0) => service.Made(LinkPurpose.Manage, "preferences", id, days);

    /// <summary>The path by which a subscriber leaves.</summary>
    public static string Leave(this TestService service, Guid id, int days = 0) => service.Made(LinkPurpose.Unsubscribe, "unsubscribe", id, days);

    /// <summary>Columns of the whole database in which a text stands, in any case.</summary>
    public static async Task<IReadOnlyList<string>> Places(this TestService service, string text)
    {
        ArgumentNullException.ThrowIfNull(service);
        var ct = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var all = source.CreateCommand("""
            SELECT string_agg(format('SELECT %L FROM %I.%I WHERE %s ILIKE $1', table_name || '.' || column_name, table_schema, table_name,
              CASE data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name) ELSE format('%I::text', column_name) END), ' UNION ')
            FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) WHERE table_schema IN ('cms', 'delivery') AND table_type = 'BASE TABLE'
            """);
        await using var find = source.CreateCommand((string?)await all.ExecuteScalarAsync(ct) ?? "");
        find.Parameters.AddWithValue($"%{text}%");
        var places = new List<string>();
        await using var reader = await find.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) places.Add(reader.GetString(0));
        return places;
    }

    private static string Made(this TestService service, LinkPurpose purpose, string kind, Guid id, int days) =>
        $"/newsletter/v1/{kind}/{service.Services.GetRequiredService<NewsletterLinks>().Make(purpose, id, service.Services.GetRequiredService<TimeProvider>().Now().AddDays(days))}";

    [GeneratedRegex(@"https://cms\.example\.org/newsletter/v1/\S+", RegexOptions.NonBacktracking)]
    private static partial Regex Own();
}
