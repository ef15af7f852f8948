using System.Net;
using System.Security.Cryptography;
using Cms.Api.Tests.Mail;
using static Cms.Api.Tests.Newsletter.Reading;

namespace Cms.Api.Tests.Newsletter;

/// <summary>
/// Time tells whoever measures it what an answer does not say (CVE-2026-26185). Kinds take turns, each turn in another order, so that whatever else the machine does
/// hits all of them; the slowest tenth of each is left out, for it is the machine's.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SameTimeTests(ApiFixture fixture)
{
    private const int Turns = 170, WarmUp = 20;
    private static readonly TimeSpan Allowed = TimeSpan.FromMilliseconds(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sign_up_takes_as_long_for_an_address_that_is_known_pending_suppressed_or_mailed_enough_as_for_a_new_one()
    {
        await using var mails = await MailServer.Start();
        await using var service = await fixture.StartService(mails.Settings);
        using var reader = service.Anonymous();
        using var editor = await service.Client(Ct, [.. Domain.Access.Scope.All]);
        await service.Reader("active@example.org");
        await service.Reader("bounced@example.org");
        await service.Sql("UPDATE cms.subscribers SET status = 'Bounced' WHERE email = 'bounced@example.org'");
        (await editor.Post("/management/v1/suppressions", new { email = "suppressed@example.org" })).Is(HttpStatusCode.NoContent);
        foreach (var email in new[] { "pending@example.org", "mailed@example.org" }) await SignUp(email);
        await service.Mailed();
        await service.Sql("INSERT INTO cms.asked_mails (subject, address_hash, at) SELECT gen_random_uuid(), $1, now() - i * interval '1 hour' FROM generate_series(1, 10) i", Hash("mailed@example.org"));
        string[] kinds = ["new", "pending", "active", "bounced", "suppressed", "mailed"];
        var took = kinds.ToDictionary(k => k, _ => new List<TimeSpan>(Turns));

        for (var turn = -WarmUp; turn < Turns; turn++)
        {
            RandomNumberGenerator.Shuffle(kinds.AsSpan());
            foreach (var kind in kinds)
            {
                var elapsed = await SignUp(kind == "new" ? $"{Wire.Unique("new")}@example.org" : $"{kind}@example.org");
                if (turn >= 0) took[kind].Add(elapsed);
            }
        }

        var means = took.ToDictionary(k => k.Key, k => TimeSpan.FromTicks((long)k.Value.Order().Take(Turns * 9 / 10).Average(t => t.Ticks)));
        TestContext.Current.TestOutputHelper?.WriteLine(Told(means));
        Assert.True(means.Values.Max() - means.Values.Min() < Allowed, Told(means));
        Assert.Equal(Turns + WarmUp, await Counted("new%")); // each was taken
        Assert.Equal("bounced", (await editor.Get("/management/v1/subscribers?email=bounced@example.org")).Is(HttpStatusCode.OK).Body["items"]![0]!.Member("status"));

        async Task<TimeSpan> SignUp(string email)
        {
            var since = TimeProvider.System.GetTimestamp();
            var answer = await reader.Post(Subscriptions, new { email });
            var elapsed = TimeProvider.System.GetElapsedTime(since);
            answer.Is(HttpStatusCode.Accepted);
            return elapsed;
        }

        async Task<int> Counted(string pattern) => (int)(long)(await service.Sql("SELECT count(*) FROM cms.sign_ups WHERE email LIKE $1", pattern) ?? 0L);
    }

    private static string Told(Dictionary<string, TimeSpan> means) => string.Join(", ", means.Select(m => $"{m.Key} {m.Value.TotalMilliseconds:F2} ms"));
}
