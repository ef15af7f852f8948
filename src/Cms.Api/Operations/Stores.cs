using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Api.Management.Articles;
using Cms.Api.Management.Share;
using Cms.Api.Syndication;
using Cms.Api.Syndication.Feeds;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Delivery;
using Cms.Infrastructure.Jobs;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Outbox;
using Cms.Infrastructure.Outgoing;
using Cms.Infrastructure.Postgres;
using Cms.Infrastructure.Publishing;
using Cms.Infrastructure.Purging;
using Cms.Infrastructure.Retention;
using Cms.Infrastructure.Search;
using Cms.Infrastructure.Slugs;
using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Cms.Api.Operations;

/// <summary>What the parts of the service are made of.</summary>
internal static class Stores
{
    public static void AddStores(this IServiceCollection services)
    {
        services.AddScoped<Actor>();
        services.AddDbContext<CmsDbContext>((provider, options) =>
        {
            CmsModel.Configure(options, provider.GetRequiredService<Databases>().Runtime, provider.GetRequiredService<DeliveryClock>());
            options.AddInterceptors(provider.GetRequiredService<OutboxSignal>());
        });
        services.AddSingleton<JobContexts>();
        services.AddScoped<NameStore>();
        services.AddScoped<ListStore>();
        services.AddScoped<TextStore>();
        services.AddScoped<SearchStore>();
        services.AddScoped<SearchPage>();
        services.AddScoped<Spelling>();
        services.AddScoped<RelatedStore>();
        services.AddScoped<SyndicationStore>();
        services.AddScoped<SitemapStore>();
        services.AddScoped<SyndicationSource>();
        services.AddScoped<FeedReader>();
        services.AddSingleton<OwnAddress>();
        services.AddSingleton<Migrator>();
        services.AddSingleton<OutboxSignal>();
        services.AddScoped<SlugRegistry>();
        services.AddScoped<Publisher>();
        services.AddScoped<SuppressionList>();
        services.AddScoped<ReaderEraser>();
    }

    public static void AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DeliveryCache(provider.GetRequiredService<IOptions<DeliveryOptions>>().Value.CacheMegabytes * 1024L * 1024L));
        services.AddSingleton<DeliveryClock>();
        services.AddSingleton<ReadMeter>();
        services.AddSingleton<DeliveryServers>();
        services.AddScoped<DeliveryReading>();
        services.AddScoped<DeliveryStore>();
        services.AddSingleton<ClockWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<ClockWatch>());
        services.AddHostedService<StandbyWatch>();
        services.AddSingleton<CacheFlights>();
        services.AddSingleton<HeldAnswers>();
        services.AddSingleton<DeliveryMeter>();
        services.AddSingleton<CdnCaching>();
        services.AddSingleton<GuardedHttp>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PurgeOptions>>().Value.Targets(provider.GetRequiredService<GuardedHttp>()));
    }

    public static void AddAccess(this IServiceCollection services)
    {
        // The core alone: AddAuthentication would bring data protection, and with it keys on a disk that may be read-only.
        services.AddAuthenticationCore(o => o.AddScheme<TokenAuthentication>(TokenAuthentication.Scheme, null)).AddWebEncoders();
        services.Configure<AuthenticationOptions>(o => o.DefaultScheme = TokenAuthentication.Scheme);
        services.AddSingleton<FailedSignIns>();
        services.AddSingleton<TokenUseRecorder>();
    }

    public static void AddManagement(this IServiceCollection services)
    {
        services.AddScoped<Tagging>();
        services.AddScoped<ArticleEditing>();
        services.AddScoped<ShareDesk>();
        // Every validator of the assembly, by the input it checks.
        foreach (var validator in typeof(Stores).Assembly.GetTypes().Where(t => t is { IsAbstract: false, ContainsGenericParameters: false }))
            foreach (var face in validator.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IValidator<>)))
                services.AddSingleton(face, validator);
    }

    public static void AddBackground(this IServiceCollection services)
    {
        services.AddHostedService(provider => provider.GetRequiredService<TokenUseRecorder>());
        services.AddSingleton<OutboxPump>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxPump>());
        services.AddSingleton<OutboxLeases>();
        services.AddSingleton<PurgeMeter>();
        services.AddSingleton<PurgeSender>();
        services.AddHostedService(provider => provider.GetRequiredService<PurgeSender>());
        services.AddSingleton<Sweeper>();
        services.AddSingleton(provider => ScheduledJob.Retention(provider.GetRequiredService<Sweeper>()));
        services.TryAddSingleton(JobTimes.Default);
        services.AddSingleton<JobLedger>();
        services.AddSingleton<JobRunner>();
        services.AddHostedService<JobScheduler>();
    }
}
