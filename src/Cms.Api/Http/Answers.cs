using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Cms.Api.Http;

/// <summary>What every answer of a face carries: a version as a strong ETag, a next page as a <c>Link</c>, a problem its trace.</summary>
internal static class Answers
{
    public static RouteGroupBuilder WithAnswers(this RouteGroupBuilder group) => group.AddEndpointFilter(async (context, next) =>
    {
        var result = await next(context);
        var http = context.HttpContext;
        switch (Unwrap(result))
        {
            case ProblemHttpResult problem:
                Problems.Complete(http, problem);
                break;
            case IValueHttpResult { Value: IVersioned versioned }:
                http.Response.GetTypedHeaders().ETag = ETag.Of(versioned.Version);
                break;
            case IValueHttpResult { Value: IPage { Next: { } cursor } }:
                http.Response.Headers.Link = Next(http.Request, cursor);
                break;
        }

        return result;
    });

    public static object? Unwrap(object? result) => result is INestedHttpResult nested ? nested.Result : result;

    /// <summary>Relative, so that it never depends on <c>Host</c> (RFC 8288).</summary>
    public static string Next(HttpRequest request, string cursor)
    {
        var parameters = request.Query.Where(p => p.Key != "cursor").Select(p => KeyValuePair.Create(p.Key, (string?)p.Value.ToString()))
            .Append(KeyValuePair.Create("cursor", (string?)cursor));
        return $"<{QueryHelpers.AddQueryString(request.Path, parameters)}>; rel=\"next\"";
    }
}
