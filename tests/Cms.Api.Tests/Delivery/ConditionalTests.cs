using System.Net;
using Cms.Api.Http;
using Cms.Api.Tests.Management;
using Cms.Domain.Access;

namespace Cms.Api.Tests.Delivery;

public sealed class ConditionalTests(ApiFixture fixture)
{
    [Fact]
    public async Task What_a_client_holds_of_delivery_is_not_sent_again()
    {
        await using var service = await fixture.StartService(); // where nobody else changes what all see
        using var editor = await service.Client(TestContext.Current.CancellationToken, [.. Scope.All]);
        var section = await editor.OpenSection();
        var story = await editor.Story(Wire.Unique("gleich"), section.Id);
        await service.Settle();

        foreach (var operation in Operation.All(service, Face.Delivery))
        {
            var path = operation.Route.Replace("{slug}", operation.Route.StartsWith(Desk.Published, StringComparison.Ordinal) ? story.Slug() : section.Slug(), StringComparison.Ordinal);
            var first = (await editor.Get(path)).Is(HttpStatusCode.OK);
            var again = (await editor.Get(path, ("If-None-Match", first.ETag))).Is(HttpStatusCode.NotModified);

            Assert.Equal((first.ETag, 0), (again.ETag, again.Bytes.Length));
        }
    }
}
