using System.Net;
using System.Text;
using Npgsql;

namespace Cms.Api.Tests.Management;

public sealed class SubscriberTests(ApiFixture fixture)
{
    private const string Subscribers = "/management/v1/subscribers";
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static object Consent => new { at = "2026-11-24T09:00:00Z", source = "Salon du livre", textVersion = "2026-1" };

    private async Task<Answer> Add(string email, object? consent = null) =>
        (await editor.Post(Subscribers, new { email, language = "fr", frequency = "daily", consent })).Is(HttpStatusCode.Created);

    private async Task Execute(string sql, Guid id)
    {
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = id });
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
    }

    [Fact]
    public async Task With_consent_a_subscriber_is_active_and_without_it_pending()
    {
        var active = await Add($"{Wire.Unique("a")}@example.org", Consent);
        var pending = await Add($"{Wire.Unique("b")}@example.org");
        var read = await editor.Get($"{Subscribers}/{active.Id}");

        Assert.Equal(("active", "pending"), (active.Member("status"), pending.Member("status")));
        Assert.Equal((active.Text, active.ETag), (read.Text, read.ETag));
        Assert.Equal("2026-1", active.Body["consent"]!["textVersion"]!.GetValue<string>());
        var agreed = (await editor.Patch($"{Subscribers}/{pending.Id}", new { consent = Consent }, pending.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal("active", agreed.Member("status"));
        var taken = (await editor.Patch($"{Subscribers}/{pending.Id}", new { consent = (object?)null }, agreed.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal("pending", taken.Member("status"));
    }

    [Fact]
    public async Task Consent_that_an_editor_gives_stands_in_the_ledger_once_for_each_that_is_new()
    {
        var active = await Add($"{Wire.Unique("a")}@example.org", Consent);
        var pending = await Add($"{Wire.Unique("b")}@example.org");

        Assert.Equal(["imported 2026-11-24T09:00:00Z Salon du livre 2026-1"], await Ledger(active));
        Assert.Empty(await Ledger(pending));
        (await editor.Post(Subscribers, new { email = active.Member("email"), consent = Consent })).Refuses(HttpStatusCode.Conflict, "email-taken");
        var named = (await editor.Patch($"{Subscribers}/{active.Id}", new { name = "Ada" }, active.ETag)).Is(HttpStatusCode.OK);
        var same = (await editor.Patch($"{Subscribers}/{active.Id}", new { name = "Lea", consent = Consent }, named.ETag)).Is(HttpStatusCode.OK);
        Assert.Single(await Ledger(active));

        var anew = (await editor.Patch($"{Subscribers}/{active.Id}", new { consent = new { textVersion = "2026-2" } }, same.ETag)).Is(HttpStatusCode.OK);
        (await editor.Patch($"{Subscribers}/{active.Id}", new { consent = (object?)null }, anew.ETag)).Is(HttpStatusCode.OK);
        (await editor.Put($"{Subscribers}/{pending.Id}", new { email = pending.Member("email"), consent = Consent }, pending.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal(["imported 2026-11-24T09:00:00Z Salon du livre 2026-1", "imported 2026-11-24T09:00:00Z Salon du livre 2026-2"], await Ledger(active));
        Assert.Equal(["imported 2026-11-24T09:00:00Z Salon du livre 2026-1"], await Ledger(pending));
    }

    [Fact]
    public async Task An_address_that_an_editor_changes_takes_its_consent_along_and_the_old_one_has_moved()
    {
        var subscriber = await Add($"{Wire.Unique("a")}@example.org", Consent);
        var moved = (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { email = $"{Wire.Unique("b")}@example.org" }, subscriber.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal(["imported 2026-11-24T09:00:00Z Salon du livre 2026-1"], await Ledger(moved));
        var back = (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { email = subscriber.Member("email") }, moved.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal(["imported", "moved", "imported"], (await Ledger(back)).Select(e => e.Split(' ')[0]));
    }

    private async Task<string[]> Ledger(Answer subscriber) => [.. (await editor.Get($"{Subscribers}/{subscriber.Id}/consents")).Is(HttpStatusCode.OK).Body["items"]!.AsArray()
        .Select(c => $"{c!["event"]} {c["at"]} {c["source"]} {c["textVersion"]}")];

    [Theory]
    [InlineData("2099-01-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    public async Task Consent_of_a_time_that_cannot_be_is_refused_as_an_import_refuses_it(string at)
    {
        var subscriber = await Add($"{Wire.Unique("a")}@example.org");
        var (email, consent) = (subscriber.Member("email"), new { at, source = "Salon du livre", textVersion = "2026-1" });

        foreach (var refused in new[]
        {
            await editor.Post(Subscribers, new { email = $"{Wire.Unique("b")}@example.org", consent }),
            await editor.Put($"{Subscribers}/{subscriber.Id}", new { email, consent }, subscriber.ETag),
            await editor.Patch($"{Subscribers}/{subscriber.Id}", new { consent }, subscriber.ETag),
        })
            Assert.Equal(["/consent/at range"], refused.Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
    }

    [Fact]
    public async Task Consent_may_lie_a_day_ahead_for_a_clock_that_is_wrong() => Assert.Equal("active",
        (await Add($"{Wire.Unique("a")}@example.org", new { at = fixture.Now().AddHours(23), source = "Salon du livre", textVersion = "2026-1" })).Member("status"));

    [Fact]
    public async Task An_address_subscribes_once_whatever_its_case()
    {
        var local = Wire.Unique("Reader");
        await Add($"{local}@Example.ORG");

        (await editor.Post(Subscribers, new { email = $"{local.ToUpperInvariant()}@example.org" })).Refuses(HttpStatusCode.Conflict, "email-taken");
    }

    [Fact]
    public async Task Internationalised_addresses_are_accepted_with_their_domain_in_ASCII() =>
        Assert.EndsWith("@xn--bcher-kva.example", (await Add($"{Wire.Unique("zoé")}@BÜCHER.example")).Member("email"), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "/email required")]
    [InlineData("nobody", "/email email")]
    [InlineData("\"quoted\"@example.org", "/email email")]
    [InlineData("a@[127.0.0.1]", "/email email")]
    [InlineData("a@localhost", "/email email")]
    [InlineData("a\r\nBcc: b@example.org@example.org", "/email email")]
    public async Task What_is_no_address_is_refused_and_not_repeated(string email, string fault)
    {
        var refused = (await editor.Post(Subscribers, new { email })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        Assert.Equal([fault], refused.Errors);
        if (email.Length > 0) Assert.DoesNotContain(email, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_broken_rules_are_told_at_once()
    {
        var refused = (await editor.Post(Subscribers, new
        {
            email = "no",
            name = "a\nb",
            language = "f",
            sectionIds = new[] { Guid.CreateVersion7() },
            consent = new { source = "" },
        })).Refuses(HttpStatusCode.UnprocessableEntity, "validation");

        Assert.Equal(
            ["/email email", "/name text", "/language language", "/consent/at required", "/consent/source required", "/consent/textVersion required", "/sectionIds/0 notFound"],
            refused.Errors);
    }

    [Theory]
    [InlineData("""{ "email": "a@example.org", "status": "active" }""", "/status unknown")]
    [InlineData("""{ "email": "a@example.org", "frequency": "hourly" }""", "/frequency json")]
    public async Task Read_only_members_and_unknown_words_are_malformed(string body, string fault) =>
        Assert.Equal([fault], (await editor.Post(Subscribers, body)).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);

    [Fact]
    public async Task Subscribers_are_found_by_the_beginning_of_their_address_in_any_case()
    {
        var stem = Wire.Unique("suche");
        var first = await Add($"{stem}.eins@example.org");
        var second = await Add($"{stem.ToUpperInvariant()}.zwei@example.org");
        await Add($"x{stem}@example.org");

        var found = (await editor.Get($"{Subscribers}?email={stem.ToUpperInvariant()}")).Body["items"]!.AsArray().Select(s => s!["id"]!.GetValue<Guid>());
        Assert.Equal([first.Id, second.Id], found);
    }

    [Fact]
    public async Task Pages_of_a_search_hold_every_subscriber_once_and_no_address_in_their_cursors()
    {
        var stem = Wire.Unique("blatt");
        var made = new List<Answer>();
        foreach (var end in new[] { "c", "a", "d", "b" }) made.Add(await Add($"{stem}.{end}@example.org"));

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = (await editor.Get($"{Subscribers}?email={stem}&limit=1{cursor}")).Is(HttpStatusCode.OK);
            seen.AddRange(page.Body["items"]!.AsArray().Select(s => s!["email"]!.GetValue<string>()));
            var next = page.Member("next");
            Assert.DoesNotContain(stem, System.Text.Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(next)), StringComparison.Ordinal);
            cursor = next.Length > 0 ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(["a", "b", "c", "d"], seen.Select(s => s[(stem.Length + 1)..^"@example.org".Length]));

        var first = (await editor.Get($"{Subscribers}?email={stem}&limit=1")).Member("next");
        (await editor.Delete($"{Subscribers}/{made[1].Id}", made[1].ETag)).Is(HttpStatusCode.NoContent);
        Assert.Equal(["cursor cursor"], (await editor.Get($"{Subscribers}?email={stem}&limit=1&cursor={first}")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task Unsubscribing_twice_changes_nothing_the_second_time()
    {
        var subscriber = await Add($"{Wire.Unique("geht")}@example.org", Consent);
        var left = (await editor.Act($"{Subscribers}/{subscriber.Id}/unsubscribe", subscriber.ETag)).Is(HttpStatusCode.OK);
        var again = (await editor.Act($"{Subscribers}/{subscriber.Id}/unsubscribe", left.ETag)).Is(HttpStatusCode.OK);

        Assert.Equal("unsubscribed", left.Member("status"));
        Assert.Equal((left.Text, left.ETag), (again.Text, again.ETag));
    }

    [Fact]
    public async Task Erasing_leaves_the_address_in_no_column_of_any_table()
    {
        var (local, key) = (Wire.Unique("vergiss"), Wire.Unique("key"));
        var created = (await editor.Post(Subscribers, new { email = $"{local}@example.org", name = local }, ("Idempotency-Key", key))).Is(HttpStatusCode.Created);
        var changed = (await editor.Patch($"{Subscribers}/{created.Id}", new { name = local + " neu" }, created.ETag)).Is(HttpStatusCode.OK);
        Assert.NotEmpty(await Places(local));

        (await editor.Delete($"{Subscribers}/{created.Id}", changed.ETag)).Is(HttpStatusCode.NoContent);

        Assert.Empty(await Places(local));
        (await editor.Get($"{Subscribers}/{created.Id}")).Refuses(HttpStatusCode.NotFound, "not-found");
        (await editor.Post(Subscribers, new { email = $"{local}@example.org" })).Refuses(HttpStatusCode.Conflict, "email-suppressed"); // its reader alone brings it back
    }

    [Theory]
    [InlineData("Bounced")]
    [InlineData("Complained")]
    public async Task Of_an_erased_address_that_bounced_or_complained_a_keyed_hash_stays_and_bars_it(string status)
    {
        var local = Wire.Unique("gesperrt");
        var subscriber = await Add($"{local}@example.org", Consent);
        await Execute($"UPDATE cms.subscribers SET status = '{status}' WHERE id = $1", subscriber.Id);
        var present = await editor.Get($"{Subscribers}/{subscriber.Id}");
        (await editor.Act($"{Subscribers}/{subscriber.Id}/unsubscribe", present.ETag)).Refuses(HttpStatusCode.Conflict, "wrong-status");
        (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { email = $"anders-{local}@example.org" }, present.ETag)).Refuses(HttpStatusCode.Conflict, "email-suppressed");

        (await editor.Delete($"{Subscribers}/{subscriber.Id}", present.ETag)).Is(HttpStatusCode.NoContent);

        Assert.Empty(await Places(local));
        (await editor.Post(Subscribers, new { email = $"{local.ToUpperInvariant()}@EXAMPLE.org" })).Refuses(HttpStatusCode.Conflict, "email-suppressed");
    }

    [Fact]
    public async Task An_erasure_in_flight_bars_the_address_for_whoever_adds_it_at_that_moment()
    {
        var email = $"{Wire.Unique("zugleich")}@example.org";
        var subscriber = (await editor.Post(Subscribers, new { email, consent = Consent }, ("Idempotency-Key", Wire.Unique("key")))).Is(HttpStatusCode.Created);
        await Execute("UPDATE cms.subscribers SET status = 'Bounced' WHERE id = $1", subscriber.Id);
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using var hold = new NpgsqlCommand("SELECT FROM cms.idempotency_keys WHERE resource_id = $1 FOR UPDATE", connection, transaction);
        hold.Parameters.Add(new() { Value = subscriber.Id.ToString() });
        await hold.ExecuteNonQueryAsync(Ct);

        // The erasure has taken the row and waits for ours; the addition waits for the erasure.
        var erasing = editor.Delete($"{Subscribers}/{subscriber.Id}", "*");
        var eraser = await source.WaiterFor(connection.ProcessID);
        var adding = editor.Post(Subscribers, new { email, consent = Consent });
        await source.WaiterFor(eraser);
        await transaction.CommitAsync(Ct);

        (await erasing).Is(HttpStatusCode.NoContent);
        (await adding).Refuses(HttpStatusCode.Conflict, "email-suppressed");
        Assert.Empty((await editor.Get($"{Subscribers}?email={email}")).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task A_page_goes_on_behind_a_subscriber_who_fell_out_of_the_filter()
    {
        var stem = Wire.Unique("filter");
        var made = new List<Answer>();
        foreach (var end in new[] { "a", "b", "c" }) made.Add(await Add($"{stem}.{end}@example.org", Consent));
        var first = (await editor.Get($"{Subscribers}?email={stem}&status=active&limit=1")).Is(HttpStatusCode.OK);
        (await editor.Act($"{Subscribers}/{made[0].Id}/unsubscribe", made[0].ETag)).Is(HttpStatusCode.OK);

        var next = (await editor.Get($"{Subscribers}?email={stem}&status=active&limit=1&cursor={first.Member("next")}")).Is(HttpStatusCode.OK);
        Assert.Equal([made[1].Id], next.Body["items"]!.AsArray().Select(s => s!["id"]!.GetValue<Guid>()));
    }

    [Fact]
    public async Task The_list_holds_those_of_a_status_oldest_first()
    {
        var stem = Wire.Unique("stand");
        var (pending, active, left) = (await Add($"{stem}.p@example.org"), await Add($"{stem}.a@example.org", Consent), await Add($"{stem}.u@example.org", Consent));
        (await editor.Act($"{Subscribers}/{left.Id}/unsubscribe", left.ETag)).Is(HttpStatusCode.OK);

        foreach (var (status, id) in new[] { ("pending", pending.Id), ("active", active.Id), ("unsubscribed", left.Id) })
        {
            var (seen, path) = (new List<System.Text.Json.Nodes.JsonNode>(), (string?)$"{Subscribers}?status={status}&limit=100");
            while (path is not null)
            {
                var page = (await editor.Get(path)).Is(HttpStatusCode.OK);
                seen.AddRange(page.Body["items"]!.AsArray().OfType<System.Text.Json.Nodes.JsonNode>());
                path = page.Message.Headers.TryGetValues("Link", out var link) ? link.Single().Split('>')[0][1..] : null;
            }

            Assert.All(seen, s => Assert.Equal(status, s["status"]!.GetValue<string>()));
            Assert.Equal([id], seen.Select(s => s["id"]!.GetValue<Guid>()).Where(new[] { pending.Id, active.Id, left.Id }.Contains));
            Assert.Equal(seen.Select(s => s["id"]!.GetValue<string>()).Order(StringComparer.Ordinal), seen.Select(s => s["id"]!.GetValue<string>()));
        }

        Assert.Equal(["status range"], (await editor.Get($"{Subscribers}?status=pending,active")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
    }

    [Fact]
    public async Task A_put_replaces_all_that_is_known_of_a_reader()
    {
        var section = (await editor.OpenSection()).Id;
        var subscriber = (await editor.Post(Subscribers, new { email = $"{Wire.Unique("alt")}@example.org", name = "Alt", language = "de", frequency = "weekly", sectionIds = new[] { section }, consent = Consent }))
            .Is(HttpStatusCode.Created);
        var email = $"{Wire.Unique("neu")}@example.org";
        var replaced = (await editor.Put($"{Subscribers}/{subscriber.Id}", new { email, language = "fr" }, subscriber.ETag)).Is(HttpStatusCode.OK);
        var read = await editor.Get($"{Subscribers}/{subscriber.Id}");

        Assert.Equal((replaced.Text, replaced.ETag), (read.Text, read.ETag));
        Assert.Equal((email, "", "fr", "daily", "pending"), (read.Member("email"), read.Member("name"), read.Member("language"), read.Member("frequency"), read.Member("status")));
        Assert.Empty(read.Body["sectionIds"]!.AsArray());
        Assert.Null(read.Body["consent"]);
        (await editor.Put($"{Subscribers}/{subscriber.Id}", new { email }, subscriber.ETag)).Refuses(HttpStatusCode.PreconditionFailed, "stale");
    }

    [Fact]
    public async Task An_address_that_another_has_is_refused_by_put_and_patch_too()
    {
        var (taken, subscriber) = (await Add($"{Wire.Unique("erste")}@example.org"), await Add($"{Wire.Unique("zweite")}@example.org"));
        var email = taken.Member("email").ToUpperInvariant();

        (await editor.Put($"{Subscribers}/{subscriber.Id}", new { email }, subscriber.ETag)).Refuses(HttpStatusCode.Conflict, "email-taken");
        (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { email }, subscriber.ETag)).Refuses(HttpStatusCode.Conflict, "email-taken");
        (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { email = subscriber.Member("email").ToUpperInvariant() }, subscriber.ETag)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_section_that_went_while_a_subscriber_was_saved_bars_no_later_change_and_falls_away_with_it()
    {
        var (section, gone) = ((await editor.OpenSection()).Id, Guid.CreateVersion7());
        var subscriber = (await editor.Post(Subscribers, new { email = $"{Wire.Unique("rubrik")}@example.org", sectionIds = new[] { section } })).Is(HttpStatusCode.Created);
        await Execute($"UPDATE cms.subscribers SET section_ids = section_ids || '{gone}'::uuid WHERE id = $1", subscriber.Id);
        var present = await editor.Get($"{Subscribers}/{subscriber.Id}");

        Assert.Equal(["/sectionIds/1 notFound"], (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { sectionIds = new[] { section, Guid.CreateVersion7() } }, present.ETag))
            .Refuses(HttpStatusCode.UnprocessableEntity, "validation").Errors);
        var changed = (await editor.Patch($"{Subscribers}/{subscriber.Id}", new { name = "Neu" }, present.ETag)).Is(HttpStatusCode.OK);
        Assert.Equal([section], changed.Body["sectionIds"]!.AsArray().Select(s => s!.GetValue<Guid>()));
    }

    [Fact]
    public async Task A_deleted_section_leaves_the_wishes_of_its_readers_and_their_history_says_so()
    {
        var (section, kept) = (await editor.OpenSection(), (await editor.OpenSection()).Id);
        var subscriber = (await editor.Post(Subscribers, new { email = $"{Wire.Unique("wunsch")}@example.org", sectionIds = new[] { section.Id, kept } })).Is(HttpStatusCode.Created);
        (await editor.Delete($"/management/v1/sections/{section.Id}", section.ETag)).Is(HttpStatusCode.NoContent);
        var read = await editor.Get($"{Subscribers}/{subscriber.Id}");

        Assert.Equal([kept], read.Body["sectionIds"]!.AsArray().Select(s => s!.GetValue<Guid>()));
        Assert.NotEqual(subscriber.Member("updatedAt"), read.Member("updatedAt"));
    }

    [Fact]
    public async Task A_deleted_section_finds_its_readers_by_an_index()
    {
        await using var service = await fixture.StartService();
        await using var source = NpgsqlDataSource.Create(service.ConnectionString);
        await using var fill = source.CreateCommand("""
            INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, created_at, updated_at)
            SELECT gen_random_uuid(), 'reader' || i || '@example.org', 'fr', 'Daily', ARRAY[gen_random_uuid()], 'Active', now(), now() FROM generate_series(1, 20000) i;
            ANALYZE cms.subscribers
            """);
        await fill.ExecuteNonQueryAsync(Ct);
        var forgetting = Infrastructure.Newsletter.SectionsOfInterest.Forgetting(Guid.CreateVersion7(), fixture.Now());
        var values = forgetting.GetArguments().Select(a => $"'{(a is DateTimeOffset at ? at.ToString("O") : a)}'::{(a is Guid ? "uuid" : "timestamptz")}");
        await using var explain = source.CreateCommand("EXPLAIN " + string.Format(System.Globalization.CultureInfo.InvariantCulture, forgetting.Format, [.. values]));
        await using var reader = await explain.ExecuteReaderAsync(Ct);
        var plan = new StringBuilder();
        while (await reader.ReadAsync(Ct)) plan.AppendLine(reader.GetString(0));

        Assert.Contains("Index Scan on ix_subscribers_section_ids", plan.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every table and column that holds a text, as pg_dump would write it.</summary>
    private async Task<List<string>> Places(string text)
    {
        await using var source = NpgsqlDataSource.Create(fixture.Service.ConnectionString);
        var columns = new List<(string Schema, string Table, string Column)>();
        await using (var list = source.CreateCommand("SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema IN ('cms', 'delivery') AND table_name <> '__EFMigrationsHistory'"))
        await using (var reader = await list.ExecuteReaderAsync(Ct))
            while (await reader.ReadAsync(Ct)) columns.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        var found = new List<string>();
        foreach (var (schema, table, column) in columns)
        {
            await using var search = source.CreateCommand($"""
                SELECT count(*) FROM {schema}."{table}" WHERE position(lower($1) IN lower("{column}"::text)) > 0 OR position($2 IN lower("{column}"::text)) > 0
                """);
            search.Parameters.Add(new() { Value = text });
            search.Parameters.Add(new() { Value = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)) });
            if (await search.ExecuteScalarAsync(Ct) is > 0L) found.Add($"{schema}.{table}.{column}");
        }

        return found;
    }
}
