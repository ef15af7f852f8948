using System.Security.Cryptography;
using System.Text.Json;
using Cms.Api.Access;
using Cms.Domain;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Idempotency;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cms.Api.Http;

/// <summary>An answer that holds a secret: what is kept of it for a repeat does not.</summary>
internal interface ISecretBearing
{
    object WithoutSecret();
}

/// <summary>That an operation creates, and so takes an <c>Idempotency-Key</c>.</summary>
internal sealed record TakesIdempotencyKey;

/// <summary>
/// One transaction around each management write: what the handler saves, the audit, the delivery form, the outbox and the answer kept for a
/// repeated <c>Idempotency-Key</c> commit together or not at all, and nothing is answered before.
/// </summary>
internal static class UnitOfWork
{
    private const int MaxAttempts = 3, KeyMaxLength = IdempotencyRecord.KeyMaxLength;

    public static RouteGroupBuilder WithUnitOfWork(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        if (http.GetEndpoint()?.Metadata.GetMetadata<FileMetadata>() is not null) return await next(context);
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) return await Run(context, next);
        var database = http.RequestServices.GetRequiredService<Databases>().Runtime;
        return await DatabaseFault.ReadTwice(database, () => next(context).AsTask());
    });

    private static async Task<object?> Run(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var operation = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "unnamed";
        var caller = Caller.Of(http.User);
        var (actor, db) = (http.RequestServices.GetRequiredService<Actor>(), http.RequestServices.GetRequiredService<CmsDbContext>());
        (actor.Id, actor.Operation) = (caller.TokenId, operation);
        db.Database.AutoSavepointsEnabled = false; // a save that fails ends the request: two questions fewer each
        var key = http.GetEndpoint()?.Metadata.GetMetadata<TakesIdempotencyKey>() is null ? null : KeyOf(http);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync(http.RequestAborted);
                var idempotency = key is null ? null : new Idempotency(db, caller.TokenId, operation, key, BodyHash(http));
                if (idempotency is not null && await idempotency.Earlier(http) is { } earlier) return earlier;

                var result = await next(context);
                if (StatusOf(result) is < 200 or >= 300) return result;
                if (idempotency is not null) await idempotency.Keep(http, result);
                await transaction.CommitAsync(http.RequestAborted);
                return result;
            }
            catch (Exception e) when (attempt < MaxAttempts && IsConflict(e))
            {
                db.ChangeTracker.Clear(); // 40001, 40P01: two were right, and one must go again
            }
        }
    }

    private static int StatusOf(object? result) => (Answers.Unwrap(result) as IStatusCodeHttpResult)?.StatusCode ?? 200;

    private static bool IsConflict(Exception e) => DatabaseFault.In(e)?.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    private static byte[] BodyHash(HttpContext http) => SHA256.HashData(http.Features.Get<RawBody>()?.Bytes ?? []);

    private static string? KeyOf(HttpContext http)
    {
        var keys = http.Request.Headers["Idempotency-Key"];
        if (keys.Count == 0) return null;
        return keys is [{ Length: >= 1 and <= KeyMaxLength } key] && key.All(c => c is > ' ' and < '\u007f')
            ? key
            : throw new MalformedException("Idempotency-Key", "header", $"Send one Idempotency-Key of 1 to {KeyMaxLength} visible ASCII characters.");
    }
}

/// <summary>The answers kept for repeats, within the transaction of the create.</summary>
internal sealed class Idempotency(CmsDbContext db, string tokenId, string operation, string key, byte[] requestHash)
{
    /// <summary>The first answer to this key; a refusal for another body, or while the first is still being worked on; null when this is the first.</summary>
    public async Task<object?> Earlier(HttpContext http)
    {
        var ct = http.RequestAborted;
        // A unique insert would wait for the twin and hold a connection meanwhile: a lock that is not waited for does not.
        var mine = await db.Database.SqlQuery<bool>($"""
            SELECT pg_try_advisory_xact_lock(hashtextextended({tokenId + ' ' + operation + ' ' + key}, 0)) AS "Value"
            """).SingleAsync(ct);
        if (!mine) return Problems.Of("in-flight", "A request with this Idempotency-Key is being worked on. Repeat it in a second.");

        var earlier = await db.IdempotencyRecords.AsNoTracking()
            .SingleOrDefaultAsync(r => r.TokenId == tokenId && r.Operation == operation && r.Key == key, ct);
        if (earlier is null) return null;
        if (!earlier.RequestHash.AsSpan().SequenceEqual(requestHash))
            return Problems.Of("idempotency-key-reused", "This Idempotency-Key came with another body. Take a new key for a new request.");

        http.Response.Headers.Location = earlier.Location;
        if (earlier.EntityTag is not null) http.Response.Headers.ETag = earlier.EntityTag;
        return Results.Bytes(earlier.Body, "application/json; charset=utf-8") is var body ? new Replay(body, earlier.Status) : null;
    }

    public async Task Keep(HttpContext http, object? result)
    {
        var inner = Answers.Unwrap(result);
        var value = (inner as IValueHttpResult)?.Value;
        var kept = value is ISecretBearing secret ? secret.WithoutSecret() : value;
        var location = inner?.GetType().GetProperty("Location")?.GetValue(inner) as string;
        var etag = value is IVersioned versioned ? ETag.Of(versioned.Version).ToString() : null;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().Now();
        db.IdempotencyRecords.Add(new(
            tokenId, operation, key, requestHash, StatusCodes.Status201Created, location, etag,
            JsonSerializer.SerializeToUtf8Bytes(kept, kept?.GetType() ?? typeof(object), StrictJson.Options), location?.Split('/')[^1], now));
        await db.SaveChangesAsync(http.RequestAborted);
    }

    private sealed class Replay(IResult body, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            return body.ExecuteAsync(httpContext);
        }
    }
}

internal static class IdempotentEndpoints
{
    /// <summary>The operation creates: the same <c>Idempotency-Key</c> and body give the first answer again, for 24 hours.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new TakesIdempotencyKey()).Refuses(400, 409);
}
