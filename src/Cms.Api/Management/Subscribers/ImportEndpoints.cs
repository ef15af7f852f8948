using System.Buffers;
using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Api.Operations;
using Cms.Domain.Access;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Newsletter.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Management.Subscribers;

/// <summary>Lists of readers from files. A file is streamed into the database and worked behind the answer, and its lines have a report without an address.</summary>
internal static class ImportEndpoints
{
    private const int MaxFileBytes = 256 * 1024 * 1024;
    private const string Imports = "/management/v1/imports";

    private static readonly WordsParameter Format = new("format", "Whose file it is; found by its header line when absent.", WordConverter.Words(typeof(ImportFormat)), Several: false);
    private static readonly WordsParameter DryRun = new("dryRun", "`true`: the report says what would happen, and nothing does.", ["true", "false"], Several: false);
    private static readonly TextParameter ConsentSource = new("consentSource", "Where the readers agreed: a page, a fair, the service before; for rows that say nothing else.", Consent.SourceMaxLength) { Required = true };
    private static readonly TextParameter TextVersion = new("textVersion", "Which wording they agreed to; for rows that say nothing else.", Consent.TextVersionMaxLength) { Required = true };
    private static readonly InstantParameter ConsentAt = new("consentAt", "When they agreed; for rows that carry no time.");
    private static readonly LanguagesParameter Language = new("language", "Of new readers whose row says none; the site's when absent.", Several: false);

    public static void MapSubscriberLists(this RouteGroupBuilder management)
    {
        var (imports, subscribers) = (management.MapGroup("/imports").WithTags("Subscribers"), management.MapGroup("/subscribers").WithTags("Subscribers"));
        imports.MapGet("/", List).WithName("listSubscriberImports").WithSummary("List imports, newest first")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).WithPages();
        imports.MapGet("/{id:guid}", Get).WithName("getSubscriberImport").WithSummary("Get an import, and how far it is")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Refuses(404);
        imports.MapGet("/{id:guid}/report", Report).WithName("getSubscriberImportReport").WithSummary("What became of each line of an import, as CSV")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Sends((FileMetadata.Csv, null)).Refuses(404).TakesLong(Server.Exports);
        imports.MapPost("/", Start).WithName("importSubscribers").WithSummary("Import subscribers from a file: ours, Mailchimp's or Ghost's")
            .Require(Scope.SubscribersWrite).TakesFile(FileMetadata.Csv, MaxFileBytes).WithQuery(Format, DryRun, ConsentSource, TextVersion, ConsentAt, Language).Refuses(409).TakesLong(Server.Imports).WithMetadata(new LeadsOn());
        subscribers.MapGet("/export", ExportEndpoints.Export).WithName("exportSubscribers").WithSummary("A segment of the subscribers, as CSV that an import takes")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).Sends((FileMetadata.Csv, null)).WithQuery(SubscriberSegment.Parameters).TakesLong(Server.Exports);
        subscribers.MapGet("/{id:guid}/consents", ExportEndpoints.Consents).WithName("listSubscriberConsents").WithSummary("The consent ledger of a subscriber's address, oldest first")
            .Require(Scope.SubscribersRead, Scope.SubscribersWrite).WithPages().Refuses(404);
    }

    private static async Task<Ok<Page<SubscriberImportView>>> List(Query query, ImportStore store, CancellationToken ct)
    {
        var rows = await store.Page(query.After?.Id, query.Limit + 1, ct);
        return TypedResults.Ok(Page.Of(rows, query, SubscriberImportView.Of, j => Position.Of(j.Id)));
    }

    private static async Task<Results<Ok<SubscriberImportView>, ProblemHttpResult>> Get(Guid id, ImportStore store, CancellationToken ct) =>
        await store.Find(id, ct) is { } job ? TypedResults.Ok(SubscriberImportView.Of(job)) : Problems.NotFound();

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Report(Guid id, ImportStore store, CancellationToken ct)
    {
        if (await store.Find(id, ct) is null) return Problems.NotFound();
        return TypedResults.Stream(async answer =>
        {
            await answer.WriteAsync("line,outcome,code,message\r\n"u8.ToArray(), ct);
            await foreach (var lines in store.Report(id, ct)) await answer.WriteAsync(Encoding.UTF8.GetBytes(lines), ct);
        }, Csv.ContentType, $"import-{id}.csv");
    }

    private static async Task<Results<Accepted<SubscriberImportView>, ProblemHttpResult>> Start(
        HttpRequest request, Query query, Caller caller, ImportStore store, ImportWorker worker, CancellationToken ct)
    {
        if (Missing(query) is { Count: > 0 } missing) return Problems.BadParameters(missing);
        if (await store.Begin(Order(query), ct) is not { } id) return Problems.Of("too-many-imports", $"{ImportStore.MaxOpen} imports are open already. Wait until one of them is done.");
        try
        {
            if (await Receive(request.Body, id, store, ct) is { } refusal)
            {
                await store.Discard(id, ct);
                return refusal;
            }
        }
        catch (Exception) // whatever it was, nothing of the file stays; who asked for it may be gone
        {
            await store.Discard(id, CancellationToken.None);
            throw;
        }

        await store.Submit(id, caller.TokenId, ct);
        worker.Wake();
        return await store.Find(id, ct) is { } job ? TypedResults.Accepted($"{Imports}/{id}", SubscriberImportView.Of(job)) : Problems.NotFound();
    }

    private static List<FieldError> Missing(Query query) =>
        [.. new[] { ConsentSource, TextVersion }.Where(p => query.Text(p) is null).Select(p => new FieldError(p.Name, "required", $"Give it. {p.Description}"))];

    private static ImportOrder Order(Query query) => new(
        query.Text(Format) is { } format ? Enum.Parse<ImportFormat>(format, ignoreCase: true) : null, query.Text(DryRun) == "true",
        query.Text(ConsentSource) ?? "", query.Text(TextVersion) ?? "", query.Instant(ConsentAt), query.Text(Language));

    // One piece is in memory, and no connection is held while the client sends the next.
    private static async Task<ProblemHttpResult?> Receive(Stream file, Guid id, ImportStore store, CancellationToken ct)
    {
        var piece = ArrayPool<byte>.Shared.Rent(ImportStore.ChunkBytes);
        try
        {
            var (number, total) = (0, 0L);
            while (await file.ReadAtLeastAsync(piece.AsMemory(0, ImportStore.ChunkBytes), ImportStore.ChunkBytes, throwOnEndOfStream: false, ct) is > 0 and var length)
            {
                if ((total += length) > MaxFileBytes) return RequestGuard.TooLarge(MaxFileBytes);
                await store.Add(id, number++, piece.AsMemory(0, length), ct);
            }

            return total > 0 ? null : Problems.Of("malformed", "The body is empty; send a file.", [new("", "required", "The body is empty; send a file.")]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece, clearArray: true);
        }
    }
}
