using Cms.Domain;
using Cms.Domain.Sections;
using Cms.Domain.Sharing;
using Cms.Domain.Sites;
using Cms.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Publisher = Cms.Infrastructure.Publishing.Publisher;

namespace Cms.Api.Management.Share;

/// <summary>Something whose share card can be edited: the card lives in its row and has its version.</summary>
/// <param name="Version">Of the row, as it is now.</param>
/// <param name="Card">What it says now.</param>
/// <param name="Save">Replaces what it says.</param>
/// <param name="View">How it is shared now.</param>
internal sealed record ShareOwner(Func<uint> Version, Func<ShareCard> Card, Func<ShareCard, Task> Save, Func<Task<ShareView>> View);

/// <summary>Finds owners of share cards. An article's card waits for the next publication; a section's and the site's show at once.</summary>
internal sealed class ShareDesk(CmsDbContext db, Publisher publisher, TimeProvider time)
{
    public async Task<ShareOwner?> Article(Guid id, CancellationToken ct)
    {
        if (await db.Articles.FindAsync([id], ct) is not { } article) return null;

        return new(() => article.Version, () => article.Draft.Share, Save, async () =>
            ShareView.Of(article.Draft.Share, await publisher.PreviewShare(article, ct), article.Draft.Language, article.Version));

        async Task Save(ShareCard card)
        {
            article.ReviseShare(card, time.Now());
            await db.SaveChangesAsync(ct);
        }
    }

    public async Task<ShareOwner?> Section(Guid id, CancellationToken ct)
    {
        if (await db.Sections.FindAsync([id], ct) is not { } section) return null;

        return new(() => section.Version, () => section.Share, Save, async () => View(section, (await Site(ct)).Settings));

        async Task Save(ShareCard card)
        {
            await publisher.Lock(ct);
            section.ReviseShare(card, time.Now());
            await db.SaveChangesAsync(ct);
            await publisher.Changed([section.Id], ct);
        }
    }

    public async Task<ShareOwner> SiteCard(CancellationToken ct)
    {
        var site = await Site(ct);
        return new(() => site.Version, () => site.Settings.Share, Save, () => Task.FromResult(ShareView.Of(
            site.Settings.Share, EffectiveShare.Of(site.Settings), site.Settings.Language, site.Version)));

        async Task Save(ShareCard card)
        {
            await publisher.Lock(ct);
            site.Configure(site.Settings with { Share = card }, time.Now());
            await db.SaveChangesAsync(ct);
            await publisher.Changed([site.Id], ct);
        }
    }

    private static ShareView View(Section section, SiteSettings site) =>
        ShareView.Of(section.Share, EffectiveShare.Of(section, site), section.Language, section.Version);

    private Task<Domain.Sites.Site> Site(CancellationToken ct) => db.Sites.SingleAsync(ct);
}
