using Cms.Api.Http;

namespace Cms.Api.Delivery.Search;

/// <summary>Search and related articles cost the database more than all else that readers ask: they have few places, and whoever finds none is told at once.</summary>
internal static class SearchPlace
{
    public static async Task Within(HttpContext context, Func<Task> work)
    {
        using var place = context.RequestServices.GetRequiredService<RateLimits>().EnterSearch();
        if (place is not null) await work();
        else await Problems.Send(context, Problems.Of("unavailable", "Too many searches at one time. Try again in a moment."));
    }
}
