using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;

namespace Cms.Infrastructure;

/// <summary>The newsroom's store for work in the background: on a pool of its own with longer limits, so that neither jobs nor editors starve the others.</summary>
internal sealed class JobContexts(Databases databases, DeliveryClock clock, TimeProvider time)
{
    private readonly DbContextOptions<CmsDbContext> options = Options(databases, clock);

    /// <summary>A new one; dispose it.</summary>
    public CmsDbContext Open() => new(options, new Actor { Operation = "job" }, time);

    private static DbContextOptions<CmsDbContext> Options(Databases databases, DeliveryClock clock)
    {
        var options = new DbContextOptionsBuilder<CmsDbContext>();
        CmsModel.Configure(options, databases.Jobs, clock);
        return options.Options;
    }
}
