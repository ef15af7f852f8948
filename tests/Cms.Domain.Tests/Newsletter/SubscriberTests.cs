using System.Globalization;
using Cms.Domain.Newsletter;

namespace Cms.Domain.Tests.Newsletter;

public sealed class SubscriberTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.Parse("2026-11-01T07:00Z", CultureInfo.InvariantCulture), Now = Then.AddDays(20);

    private static Subscriber Lea(SubscriberStatus status)
    {
        Assert.True(EmailAddress.TryParse("lea@example.org", out var address, out _));
        var lea = Subscriber.Add(address, "fr", Then);
        if (status == SubscriberStatus.Pending) return lea;
        lea.Describe(address, "Léa", "fr", Frequency.Daily, [], new(Then, "form", "1"), Then);
        if (status == SubscriberStatus.Paused) lea.Pause(Then);
        if (status == SubscriberStatus.Unsubscribed) lea.Unsubscribe(Then);
        if (status == SubscriberStatus.Bounced) lea.Bounce(Then);
        if (status == SubscriberStatus.Complained) lea.Complain(Then);
        Assert.Equal(status, lea.Status);
        return lea;
    }

    [Theory]
    [InlineData(SubscriberStatus.Pending)]
    [InlineData(SubscriberStatus.Active)]
    [InlineData(SubscriberStatus.Paused)]
    [InlineData(SubscriberStatus.Unsubscribed)]
    [InlineData(SubscriberStatus.Bounced)]
    public void A_complaint_ends_whatever_was_before(SubscriberStatus before)
    {
        var lea = Lea(before);

        lea.Complain(Now);

        Assert.Equal((SubscriberStatus.Complained, Now, true), (lea.Status, lea.UpdatedAt, lea.IsSuppressed));
    }

    [Fact]
    public void A_second_complaint_changes_nothing_and_neither_do_a_bounce_and_leaving_after_it()
    {
        var lea = Lea(SubscriberStatus.Complained);

        lea.Complain(Now);
        lea.Bounce(Now);
        lea.Leave(Now);

        Assert.Equal((SubscriberStatus.Complained, Then), (lea.Status, lea.UpdatedAt));
    }

    [Theory]
    [InlineData(SubscriberStatus.Pending, SubscriberStatus.Bounced)]
    [InlineData(SubscriberStatus.Active, SubscriberStatus.Bounced)]
    [InlineData(SubscriberStatus.Paused, SubscriberStatus.Bounced)]
    [InlineData(SubscriberStatus.Unsubscribed, SubscriberStatus.Unsubscribed)]
    public void A_bounce_ends_it_but_who_left_stays_so(SubscriberStatus before, SubscriberStatus after)
    {
        var lea = Lea(before);

        lea.Bounce(Now);

        Assert.Equal(after, lea.Status);
    }

    [Theory]
    [InlineData(SubscriberStatus.Pending)]
    [InlineData(SubscriberStatus.Active)]
    [InlineData(SubscriberStatus.Paused)]
    [InlineData(SubscriberStatus.Bounced)]
    public void Whoever_leaves_has_left_where_mail_bounces_too(SubscriberStatus before)
    {
        var lea = Lea(before);

        lea.Leave(Now);

        Assert.Equal(SubscriberStatus.Unsubscribed, lea.Status);
    }

    [Theory]
    [InlineData(SubscriberStatus.Bounced, SubscriberStatus.Active)]
    [InlineData(SubscriberStatus.Complained, SubscriberStatus.Unsubscribed)]
    [InlineData(SubscriberStatus.Unsubscribed, SubscriberStatus.Unsubscribed)]
    [InlineData(SubscriberStatus.Active, SubscriberStatus.Active)]
    public void A_lifted_bounce_leaves_the_consent_and_a_lifted_complaint_does_not(SubscriberStatus before, SubscriberStatus after)
    {
        var lea = Lea(before);

        lea.Lift(Now);

        Assert.Equal(after, lea.Status);
    }

    [Fact]
    public void Whoever_never_consented_is_pending_again_when_their_bounce_is_lifted()
    {
        var lea = Lea(SubscriberStatus.Pending);
        lea.Bounce(Then);

        lea.Lift(Now);

        Assert.Equal((SubscriberStatus.Pending, Now), (lea.Status, lea.UpdatedAt));
    }
}
