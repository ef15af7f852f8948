using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Cms.Domain;
using Cms.Infrastructure;
using Cms.Infrastructure.Postgres;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cms.Api.Http;

/// <summary>One fault of a request.</summary>
/// <param name="Pointer">Where: a JSON pointer into the body (RFC 6901), or the name of a parameter.</param>
/// <param name="Code">What, for programs.</param>
/// <param name="Message">What to change, for people.</param>
internal sealed record FieldError(string Pointer, string Code, string Message);

/// <summary>A request that does not have the shape of its schema.</summary>
internal sealed class MalformedException(string pointer, string code, string message) : Exception(message)
{
    public FieldError Error { get; } = new(pointer, code, message);
}

/// <summary>Every refusal is made here (RFC 9457): by the reader of a request, by a rule of the domain, or by a constraint of the database.</summary>
internal static class Problems
{
    private const int RetrySeconds = 5;

    public static ProblemHttpResult NotFound() => Of("not-found", "No such resource. Look at its id or slug.");

    public static ProblemHttpResult Stale() => Of("stale", "It was changed since you read it. Read it again, and send the new ETag in If-Match.");

    public static ProblemHttpResult Invalid(string pointer, string code, string message) => Invalid([new FieldError(pointer, code, message)]);

    public static ProblemHttpResult Invalid(IEnumerable<FieldError> errors) =>
        Of("validation", "Mend what errors names; it names everything.", errors);

    public static ProblemHttpResult BadParameters(IEnumerable<FieldError> errors) =>
        Of("invalid-parameters", "Mend the parameters that errors names.", errors);

    public static ProblemHttpResult Of(string name, string detail, IEnumerable<FieldError>? errors = null)
    {
        var type = ProblemType.Named(name);
        var problem = new ProblemDetails { Type = type.Uri, Title = type.Title, Status = type.Status, Detail = detail };
        if (errors is not null) problem.Extensions["errors"] = errors.ToArray();
        return TypedResults.Problem(problem);
    }

    /// <summary>Completes a problem with what only the request knows, and sends it.</summary>
    public static async Task Send(HttpContext context, ProblemHttpResult problem)
    {
        Complete(context, problem);
        IResult answer = problem;
        if (Newsletter.NewsletterPages.Wants(context)) answer = await context.RequestServices.GetRequiredService<Newsletter.NewsletterPages>().Refused(context, problem);
        await answer.ExecuteAsync(context);
    }

    /// <summary>Completes a problem with what only the request knows.</summary>
    public static void Complete(HttpContext context, ProblemHttpResult problem)
    {
        problem.ProblemDetails.Instance = context.Request.Path;
        problem.ProblemDetails.Extensions["traceId"] = TraceId(context);
        if (problem.StatusCode is 503 && !context.Response.Headers.ContainsKey("Retry-After")) context.Response.Headers.RetryAfter = $"{RetrySeconds}";
        if (problem.StatusCode is 409 && problem.ProblemDetails.Type == "/problems/in-flight") context.Response.Headers.RetryAfter = "1";
        // A refusal may hold what only this caller may know, and a fault must not be kept.
        if (problem.StatusCode is not (404 or 410 or 400)) context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>The id under which the log holds this request.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    /// <returns>Null for a fault of ours, which becomes a 500.</returns>
    public static ProblemHttpResult? From(Exception exception) => exception switch
    {
        MalformedException malformed => Of("malformed", "The request does not have the shape of its schema.", [malformed.Error]),
        BadHttpRequestException { StatusCode: 413 } => Of("too-large", "The body is larger than this operation takes."),
        BadHttpRequestException { StatusCode: 408 } => Of("timeout", "The body came too slowly."),
        BadHttpRequestException => Of("malformed", "The request could not be read."),
        JsonException json => Of("malformed", "The body is not the JSON that the schema asks for.", [JsonFault.Of(json)]),
        RuleBrokenException broken => Of(broken.Rule, broken.Message),
        DbUpdateConcurrencyException => Stale(),
        SocketException or TimeoutException => Unavailable(),
        _ => DatabaseFault.In(exception) switch
        {
            PostgresException refused => From(refused),
            NpgsqlException => Unavailable(),
            _ => null,
        },
    };

    private static ProblemHttpResult Unavailable() => Of("unavailable", "The database cannot be reached at the moment, or all connections to it are in use. Try again.");

    // PostgreSQL holds the rule, so there is no look-then-insert; the constraint's name says what to tell the client.
    private static ProblemHttpResult? From(PostgresException refused) => refused.ConstraintName switch
    {
        Constraints.SlugTaken => Of("slug-taken", "Another resource of this kind has or had this slug. Give another."),
        Constraints.TagKey => Of("tag-taken", "Another tag has this name but for case and accents. Use that one."),
        Constraints.ArticleExternalId => Of("external-id-taken", "Another article has this externalId. Change that one, or give another."),
        Constraints.ArticleTranslation => Of("translation-taken", "The text that translationOf names has a version in this language already."),
        Constraints.EditionDate => Stale(),
        Constraints.SubscriberEmail => Of("email-taken", "Another subscriber has this address, perhaps in other case."),
        Constraints.SectionParent => Of("section-in-use", "The section has sub-sections. Move or delete them first."),
        Constraints.SectionList => Of("section-has-list", "Another list is this section's front. Take the section from that one first, or give another."),
        Constraints.ArticleSection or Constraints.ArticleTag or Constraints.ArticleAuthor or Constraints.ListTail or Constraints.ListSection =>
            Of("reference-gone", "A section, tag or author that the request names was deleted, or came into use, at this moment. Read again and repeat."),
        _ => FromState(refused.SqlState),
    };

    private static ProblemHttpResult? FromState(string state) => state switch
    {
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.InvalidTextRepresentation or PostgresErrorCodes.NumericValueOutOfRange
            or PostgresErrorCodes.UntranslatableCharacter => Of("malformed", "A value cannot be stored as it is."),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable =>
            Of("unavailable", "Too many changes at once. Try again."),
        PostgresErrorCodes.QueryCanceled => Of("unavailable", "The database took too long. Try again."),
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction => Unavailable(),
        _ when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57", StringComparison.Ordinal)
            || state.StartsWith("53", StringComparison.Ordinal) => Unavailable(),
        _ => null,
    };
}
