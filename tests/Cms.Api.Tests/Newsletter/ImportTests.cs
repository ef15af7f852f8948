using System.Net;
using System.Text;
using Cms.Domain.Access;
using Cms.Infrastructure.Newsletter.Lists;

namespace Cms.Api.Tests.Newsletter;

public sealed class ImportTests(ApiFixture fixture)
{
    private readonly HttpClient editor = fixture.Editor;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Address(string stem) => $"{Wire.Unique(stem)}@example.org";

    private async Task<Answer> Add(string email, bool hasConsent = true) => (await editor.Post(Importing.Subscribers, new
    {
        email,
        name = "Da",
        language = "fr",
        consent = hasConsent ? new { at = "2026-11-24T09:00:00Z", source = "Form", textVersion = "1" } : null,
    })).Is(HttpStatusCode.Created);

    [Fact]
    public async Task Quotes_commas_line_ends_and_a_byte_order_mark_are_read_as_RFC_4180_has_them()
    {
        var section = await editor.OpenSection();
        var (first, second, third) = (Address("eins"), Address("zwei"), Address("drei"));
        var file = Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(
            $"E-Mail,Name,\"language\",frequency,sections,consentAt,consentSource,textVersion,note\r\n"
            + $"{first},\"Zoé \"\"Z\"\", Lund\",pt-br,Weekly,{section.Slug()},2024-05-01 08:00:00,\"Fair, hall 3\",7,\"a note\r\nof two lines\"\r\n"
            + $"\"{second}\",,,,{section.Id};{section.Member("name")},,,,\r\n\r\n{third}")).ToArray();

        var import = await editor.Import(file);

        Assert.Equal(("done", "csv", (3, 0, 0, 0)), (import.Member("status"), import.Member("format"), import.Counts()));
        Assert.Equal(["2 added", "4 added", "6 added"], await editor.Report(import));
        var zoe = await editor.ReaderOf(first);
        Assert.Equal(("Zoé \"Z\", Lund", "pt-BR", "weekly", "active"), ($"{zoe!["name"]}", $"{zoe["language"]}", $"{zoe["frequency"]}", $"{zoe["status"]}"));
        Assert.Equal((new DateTimeOffset(2024, 5, 1, 8, 0, 0, TimeSpan.Zero), "Fair, hall 3", "7"), (zoe["consent"]!["at"]!.GetValue<DateTimeOffset>(), $"{zoe["consent"]!["source"]}", $"{zoe["consent"]!["textVersion"]}"));
        var other = await editor.ReaderOf(second);
        Assert.Equal([section.Id], other!["sectionIds"]!.AsArray().Select(s => s!.GetValue<Guid>()));
        Assert.Equal(("Salon", "2026-1", "daily"), ($"{other["consent"]!["source"]}", $"{other["consent"]!["textVersion"]}", $"{other["frequency"]}"));
        var ledger = (await editor.Get($"{Importing.Subscribers}/{zoe["id"]}/consents")).Is(HttpStatusCode.OK).Body["items"]!.AsArray();
        Assert.Equal("imported 7", $"{Assert.Single(ledger)!["event"]} {ledger[0]!["textVersion"]}");
    }

    [Fact]
    public async Task A_file_of_Mailchimp_is_known_by_its_header_and_who_left_there_stays_away()
    {
        var (stays, left, bounced, asked) = (Address("mc"), Address("mc"), Address("mc"), Address("mc"));
        var file = $""""
            "Email Address","First Name","Last Name",Address,LANGUAGE,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LEID,EUID,NOTES,TAGS,UNSUB_TIME,CLEAN_TIME
            {stays},Ada,Lovelace,,pt_PT,2,"2020-01-02 03:04:05",203.0.113.9,"2020-01-02 04:05:06",1,ab12,,"""Culture"",""Sport""",,
            {left},Bob,,,,2,"2020-01-02 03:04:05",,,2,ab13,,,"2022-01-01 00:00:00",
            {bounced},Cy,,,,2,"2020-01-02 03:04:05",,,3,ab14,,,,"2022-01-01 00:00:00"
            {asked},,Dee,,,2,"2020-01-02 03:04:05",,,4,ab15,,,,
            """";

        var import = await editor.Import(file, "consentSource=Mailchimp&textVersion=old&language=de");

        Assert.Equal("mailchimp", import.Member("format"));
        Assert.Equal(["2 added", "3 refused unsubscribed", "4 refused bounced", "5 added"], await editor.Report(import));
        var (ada, dee) = (await editor.ReaderOf(stays), await editor.ReaderOf(asked));
        Assert.Equal(("Ada Lovelace", "pt-PT", 4), ($"{ada!["name"]}", $"{ada["language"]}", ada["consent"]!["at"]!.GetValue<DateTimeOffset>().Hour));
        Assert.Equal(("Dee", "de", 3), ($"{dee!["name"]}", $"{dee["language"]}", dee["consent"]!["at"]!.GetValue<DateTimeOffset>().Hour));
        Assert.Null(await editor.ReaderOf(left));
    }

    [Fact]
    public async Task A_file_of_Ghost_is_known_by_its_header_and_who_takes_no_mails_there_gets_none_here()
    {
        var (stays, left) = (Address("ghost"), Address("ghost"));
        var file = $"""
            id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
            5f1,{stays},Ada,,true,false,,2021-06-07T08:09:10.123Z,,"a,b",Free
            5f2,{left},Bob,,false,false,,2021-06-07T08:09:10.123Z,,,
            """;

        var import = await editor.Import(file, "consentSource=Ghost&textVersion=old");

        Assert.Equal("ghost", import.Member("format"));
        Assert.Equal(["2 added", "3 refused unsubscribed"], await editor.Report(import));
        Assert.Equal(2021, (await editor.ReaderOf(stays))!["consent"]!["at"]!.GetValue<DateTimeOffset>().Year);
    }

    [Fact]
    public async Task Every_rule_that_a_row_breaks_is_told_by_its_line_and_never_by_its_address()
    {
        var twice = Address("doppelt");
        var file = $"""
            email;name;language;frequency;sections;status;consentAt
            nobody;;;;;;
            {Address("r")};{new string('x', 201)};;;;;
            {Address("r")};;french;;;;
            {Address("r")};;;hourly;;;
            {Address("r")};;;;{Wire.Unique("no-such")};;
            {Address("r")};;;;;pending;
            {Address("r")};;;;;complained;
            {Address("r")};;;;;asleep;
            {Address("r")};;;;;;yesterday
            {Address("r")};;;;;;2199-01-01T00:00:00Z
            {twice};;;;;;
            {twice.ToUpperInvariant()};;;;;;
            """;

        var import = await editor.Import(file);

        Assert.Equal((1, 0, 0, 11), import.Counts());
        Assert.Equal(
            ["2 refused email", "3 refused name", "4 refused language", "5 refused frequency", "6 refused sections", "7 refused unconfirmed", "8 refused complained", "9 refused status",
                "10 refused consentAt", "11 refused consentAt", "12 added", "13 refused duplicate"],
            await editor.Report(import));
        Assert.DoesNotContain(twice, (await editor.Get($"{Importing.Imports}/{import.Id}/report")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["2 refused consentAt"], await editor.Report(await editor.Import($"email\n{Address("r")}\n", "consentSource=a&textVersion=b")));
    }

    [Fact]
    public async Task Who_left_bounced_complained_or_was_erased_comes_back_by_no_import()
    {
        var (left, bounced, complained, erased) = (Address("weg"), Address("weg"), Address("weg"), Address("weg"));
        var (leaver, bouncer, complainer, gone) = (await Add(left), await Add(bounced), await Add(complained), await Add(erased));
        (await editor.Act($"{Importing.Subscribers}/{leaver.Id}/unsubscribe", leaver.ETag)).Is(HttpStatusCode.OK);
        await fixture.Service.Sql("UPDATE cms.subscribers SET status = 'Bounced' WHERE id = $1", bouncer.Id);
        await fixture.Service.Sql("UPDATE cms.subscribers SET status = 'Complained' WHERE id = $1", complainer.Id);
        (await editor.Delete($"{Importing.Subscribers}/{gone.Id}", gone.ETag)).Is(HttpStatusCode.NoContent);

        var import = await editor.Import(string.Join('\n', "email", left, bounced.ToUpperInvariant(), complained, erased));

        Assert.Equal(["2 refused unsubscribed", "3 refused suppressed", "4 refused suppressed", "5 refused suppressed"], await editor.Report(import));
        Assert.Equal("unsubscribed", $"{(await editor.ReaderOf(left))!["status"]}");
        Assert.Null(await editor.ReaderOf(erased));
    }

    [Fact]
    public async Task Who_is_there_is_changed_in_what_the_row_says_and_a_pending_one_becomes_active()
    {
        var (active, pending, same) = (Address("da"), Address("da"), Address("da"));
        await Add(active);
        await Add(pending, hasConsent: false);
        await Add(same);

        var import = await editor.Import($"email,name,frequency\n{active},Neu,weekly\n{pending},,\n{same},Da,daily\n");

        Assert.Equal(["2 updated", "3 updated", "4 unchanged"], await editor.Report(import));
        var (changed, confirmed) = (await editor.ReaderOf(active), await editor.ReaderOf(pending));
        Assert.Equal(("Neu", "weekly", "fr", "Form"), ($"{changed!["name"]}", $"{changed["frequency"]}", $"{changed["language"]}", $"{changed["consent"]!["source"]}"));
        Assert.Equal(("Da", "active", "Salon"), ($"{confirmed!["name"]}", $"{confirmed["status"]}", $"{confirmed["consent"]!["source"]}"));
        Assert.Equal((0, 0, 3, 0), (await editor.Import($"email,name,frequency\n{active},Neu,weekly\n{pending},,\n{same},Da,daily\n")).Counts());
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_changes_nothing()
    {
        var (known, unknown) = (Address("probe"), Address("probe"));
        var before = await Add(known);
        var file = $"email,name\n{known},Neu\n{unknown},\nnobody,\n";

        var import = await editor.Import(file, Importing.Consented + "&dryRun=true");

        Assert.Equal(("True", (1, 1, 0, 1)), (import.Body["dryRun"]!.GetValue<bool>().ToString(), import.Counts()));
        Assert.Equal(before.ETag, (await editor.Get($"{Importing.Subscribers}/{before.Id}")).ETag);
        Assert.Null(await editor.ReaderOf(unknown));
        Assert.Equal(["Form"], (await editor.Get($"{Importing.Subscribers}/{before.Id}/consents")).Body["items"]!.AsArray().Select(c => c!.Member("source")));
        Assert.Equal(await editor.Report(import), await editor.Report(await editor.Import(file)));
    }

    [Fact]
    public async Task What_is_no_such_file_fails_with_words_and_what_stands_before_has_its_outcome()
    {
        var (before, early, broken) = (Address("vorher"), Address("vorher"), Address("vorher"));
        foreach (var (file, fault) in new (object, string)[]
        {
            ("email\r\nlea@example.org\r\n\"" + new string('\n', 200_000), "Is a quote not closed?"),
            ("name\nAda\n", "no column \"email\""),
            ("email,e-mail\na,b\n", "both say the same"),
            ("\n", "empty"),
            ($"email,name\n{before},Ada\n{Address("r")},\"never closed\n{new string('x', 70_000)}", "The row that begins at line 3 is longer than 65536 characters. Is a quote not closed? One is open since line 3."),
            (Encoding.Latin1.GetBytes($"email,name\n{broken},Zoé\n"), "not UTF-8"),
            ($"email,name\n{broken},a\0b\n", "NUL"),
            ($"email,name\n{early},Ada\n{broken},a\0b\n", "Line 3 holds a NUL"),
        })
        {
            var import = await editor.Import(file);
            Assert.Equal("failed", import.Member("status"));
            Assert.Contains(fault, import.Member("fault"), StringComparison.Ordinal);
        }

        Assert.NotNull(await editor.ReaderOf(before));
        Assert.NotNull(await editor.ReaderOf(early));
        Assert.Null(await editor.ReaderOf(broken));
        Assert.Equal(0L, await fixture.Service.Sql("SELECT count(*) FROM cms.import_chunks c JOIN cms.imports i ON i.id = c.import_id WHERE i.status IN ('done', 'failed')"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&dryRun=true")]
    public async Task A_quote_that_is_open_at_the_end_of_the_file_fails_the_import_at_its_line(string query)
    {
        var rows = string.Concat(Enumerable.Range(0, 49).Select(_ => $"{Address("offen")},Ada\n"));
        foreach (var (file, lines, fault) in new[]
        {
            ($"email,name\n{Address("offen")},\"Bob\n{rows}", 0, "opened at line 2, in the row that begins at line 2"),
            ($"email,name\n{Address("offen")},Ada\n{Address("offen")},\"Bob\n{rows}", 1, "opened at line 3, in the row that begins at line 3"),
            ($"email,note,name\r\n{Address("offen")},\"two\r\nlines\",\"Bob\r\n", 0, "opened at line 3, in the row that begins at line 2"),
            ($"email,name\n{Address("offen")},\"Bob \"\"B\n\"\" Lund\n{rows}", 0, "opened at line 2, in the row that begins at line 2"),
            ($"email,name\r\n\r\n{Address("offen")},Ada\r \r{Address("offen")},\"Bo\r\nb\"\n\n{Address("offen")},\"Bob\n{rows}", 2, "opened at line 8, in the row that begins at line 8"),
            ($"email,name\n{Address("offen")},\"", 0, "opened at line 2, in the row that begins at line 2"),
            ($"\"email,name\n{rows}", 0, "opened at line 1, in the row that begins at line 1"),
        })
        {
            var import = await editor.Import(file, Importing.Consented + query);

            Assert.Equal(("failed", lines), (import.Member("status"), import.Body["lines"]!.GetValue<int>()));
            Assert.Contains(fault, import.Member("fault"), StringComparison.Ordinal);
        }

        var closed = await editor.Import($"email,name\n{Address("zu")},\"Bob \"\"B\"\"\"", Importing.Consented + query);
        Assert.Equal(("done", (1, 0, 0, 0)), (closed.Member("status"), closed.Counts()));
    }

    [Fact]
    public async Task An_import_needs_to_say_where_readers_agreed_and_takes_nothing_else_than_CSV()
    {
        Assert.Equal(["consentSource required", "textVersion required"], (await editor.Send("email\n", "dryRun=true")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        Assert.Equal(["format range", "language range"], (await editor.Send("email\n", Importing.Consented + "&format=xls&language=fr,de")).Refuses(HttpStatusCode.BadRequest, "invalid-parameters").Errors);
        (await editor.Send("{}", mediaType: "application/json")).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await editor.Ask(HttpMethod.Post, $"{Importing.Imports}?{Importing.Consented}", "email\n", "text/csv", ("Content-Encoding", "gzip"))).Refuses(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        Assert.Equal([" required"], (await editor.Send(Array.Empty<byte>())).Refuses(HttpStatusCode.BadRequest, "malformed").Errors);
        var raw = await Http.RawHttp.Ask(fixture.Service.Address,
            $"POST {Importing.Imports}?{Importing.Consented} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {editor.DefaultRequestHeaders.Authorization}\r\nContent-Type: text/csv\r\nContent-Length: 268435457\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", raw, StringComparison.Ordinal);
        Contract.Seen.Answer(HttpMethod.Post, Importing.Imports, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_file_that_is_found_too_large_while_it_is_read_is_refused_and_leaves_nothing()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, Scope.SubscribersWrite);
        using var content = new StreamContent(new Endless(256L * 1024 * 1024 + 1));
        content.Headers.ContentType = new("text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Importing.Imports}?{Importing.Consented}") { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var answer = await client.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(0L, await service.Sql("SELECT (SELECT count(*) FROM cms.imports) + (SELECT count(*) FROM cms.import_chunks)"));
    }

    [Fact]
    public async Task An_import_that_its_node_left_in_the_middle_goes_on_at_another_and_repeats_nothing()
    {
        const int Readers = 20_000;
        var database = await fixture.Database.Create(Ct);
        Answer import;
        await using (var first = await TestService.Start(database, Ct))
        {
            using var client = await first.Client(Ct, Scope.SubscribersWrite);
            import = (await client.Send(Importing.FileOf("mitte", Readers))).Is(HttpStatusCode.Accepted);
            await client.Until(import, i => i.Body["lines"]!.GetValue<int>() > 0);
        }

        await using var second = await TestService.Start(database, Ct);
        using var other = await second.Client(Ct, Scope.SubscribersWrite);
        var ended = await other.Ended(import);

        Assert.Equal((Readers, 0, 0, 0), ended.Counts());
        Assert.Equal(Enumerable.Range(2, Readers).Select(i => $"{i} added"), await other.Report(import));
        Assert.Equal(((long)Readers, (long)Readers), ((long)(await second.Sql("SELECT count(*) FROM cms.subscribers"))!, (long)(await second.Sql("SELECT count(*) FROM cms.consents"))!));
    }

    [Fact]
    public async Task An_import_that_kills_its_nodes_is_given_up()
    {
        await using var service = await fixture.StartService();
        using var client = await service.Client(Ct, Scope.SubscribersWrite);
        var id = Guid.CreateVersion7();
        await service.Sql($"""
            INSERT INTO cms.imports (id, status, dry_run, consent_source, text_version, created_at, attempts, lease, lease_until)
            VALUES ('{id}', 'running', false, 'Salon', '1', now(), {ImportStore.MaxAttempts - 1}, gen_random_uuid(), now() - interval '1 second')
            """);

        var ended = await client.Ended(await client.Get($"{Importing.Imports}/{id}"));

        Assert.Equal("failed", ended.Member("status"));
        Assert.Contains("send the file again", ended.Member("fault"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Imports_have_an_end_and_files_have_places_of_their_own()
    {
        await using var service = await fixture.StartService(new() { ["Cms:Limits:TransfersAtOnce"] = "1" });
        using var client = await service.Client(Ct, [.. Scope.All]);
        await service.Sql($"""
            INSERT INTO cms.imports (id, status, dry_run, consent_source, text_version, created_at)
            SELECT gen_random_uuid(), 'receiving', false, 'Salon', '1', now() FROM generate_series(1, {ImportStore.MaxOpen})
            """);
        (await client.Send("email\n")).Refuses(HttpStatusCode.Conflict, "too-many-imports");
        await service.Sql("DELETE FROM cms.imports");

        var pipe = new System.IO.Pipelines.Pipe();
        using var content = new StreamContent(pipe.Reader.AsStream());
        content.Headers.ContentType = new("text/csv");
        using var slow = new HttpRequestMessage(HttpMethod.Post, $"{Importing.Imports}?{Importing.Consented}") { Content = content };
        slow.Headers.TransferEncodingChunked = true;
        var sending = client.SendAsync(slow, Ct);
        await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes("email\n" + new string('\n', 64 * 1024)), Ct); // more than the client keeps to itself
        while (await service.Sql("SELECT 1 FROM cms.imports") is null) Assert.False(sending.IsCompleted);
        (await client.Get(Importing.Export)).Refuses(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await client.Get(Importing.Imports)).Is(HttpStatusCode.OK); // nothing else waits for them

        await pipe.Writer.CompleteAsync();
        using var answer = await sending;
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await Waiting.Until(async () => (await client.Get(Importing.Export)).Status == HttpStatusCode.OK, "The place was not given back.");
    }

    [Fact]
    public async Task Two_nodes_do_each_import_once()
    {
        var database = await fixture.Database.Create(Ct);
        await using var one = await TestService.Start(database, Ct);
        await using var two = await TestService.Start(database, Ct);
        using var client = await one.Client(Ct, Scope.SubscribersWrite);
        using var other = await two.Client(Ct, Scope.SubscribersWrite);

        var imports = new List<Answer>();
        for (var i = 0; i < 6; i++) imports.Add((await (i % 2 == 0 ? client : other).Send(Importing.FileOf($"zwei{i}", 1_500))).Is(HttpStatusCode.Accepted));

        foreach (var import in imports) Assert.Equal((1_500, 0, 0, 0), (await client.Ended(import)).Counts());
        Assert.Equal(9_000L, await one.Sql("SELECT count(*) FROM cms.consents"));
        var page = (await client.Get($"{Importing.Imports}?limit=4")).Is(HttpStatusCode.OK);
        Assert.Equal(imports.Select(i => i.Id).Reverse().Take(4), page.Body["items"]!.AsArray().Select(i => i!["id"]!.GetValue<Guid>()));
        var rest = (await client.Get($"{Importing.Imports}?limit=4&cursor={page.Member("next")}")).Is(HttpStatusCode.OK);
        Assert.Equal((2, ""), (rest.Body["items"]!.AsArray().Count, rest.Member("next")));
    }

    [Fact]
    public async Task No_log_of_an_import_holds_anything_of_its_file()
    {
        const string Marker = "geheimnis";
        using var logs = new CollectedLogs();
        await using var service = await fixture.StartService(configure: logs.Collect);
        using var client = await service.Client(Ct, [.. Scope.All]);

        await client.Import($"email,name\n{Marker}@example.org,{Marker}\n{Marker},\n");
        await client.Import($"name\n{Marker}\n", $"consentSource={Marker}&textVersion={Marker}");
        await client.Get($"{Importing.Export}?status=active");
        await service.Sql("ALTER TABLE cms.consents RENAME TO elsewhere");
        var failing = (await client.Send($"email,name\n{Marker}2@example.org,{Marker}\n")).Is(HttpStatusCode.Accepted);
        while ((int)(await service.Sql("SELECT attempts FROM cms.imports WHERE id = $1", failing.Id))! == 0) await Task.Yield();
        await service.Stop();

        Assert.Contains(logs.Lines, l => l.Contains($"Import {failing.Id} could not be worked", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Contains(Marker, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>So many bytes of nothing.</summary>
    private sealed class Endless(long left) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var length = (int)Math.Min(count, left);
            buffer.AsSpan(offset, length).Fill((byte)'x');
            left -= length;
            return length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
