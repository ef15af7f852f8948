using Cms.Domain.Articles;

namespace Cms.Domain.Tests.Articles;

public sealed class WorkflowTests
{
    [Theory]
    [InlineData(ArticleStatus.Draft, ArticleAction.Publish, ArticleStatus.Published)]
    [InlineData(ArticleStatus.Draft, ArticleAction.Withdraw, null)]
    [InlineData(ArticleStatus.Draft, ArticleAction.DiscardDraft, null)]
    [InlineData(ArticleStatus.Published, ArticleAction.Publish, ArticleStatus.Published)]
    [InlineData(ArticleStatus.Published, ArticleAction.Withdraw, ArticleStatus.Withdrawn)]
    [InlineData(ArticleStatus.Published, ArticleAction.DiscardDraft, ArticleStatus.Published)]
    [InlineData(ArticleStatus.Withdrawn, ArticleAction.Publish, ArticleStatus.Published)]
    [InlineData(ArticleStatus.Withdrawn, ArticleAction.Withdraw, null)]
    [InlineData(ArticleStatus.Withdrawn, ArticleAction.DiscardDraft, null)]
    public void An_action_leads_on_or_is_refused_and_is_offered_only_where_it_leads_on(ArticleStatus from, ArticleAction action, ArticleStatus? to)
    {
        if (to is { } next) Assert.Equal(next, Workflow.Next(from, action));
        else Assert.Equal("wrong-status", Assert.Throws<RuleBrokenException>(() => Workflow.Next(from, action)).Rule);
        Assert.Equal(to is not null, Workflow.ActionsFrom(from).Contains(action));
    }
}
