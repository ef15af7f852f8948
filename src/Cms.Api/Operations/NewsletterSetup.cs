using System.Net;
using Cms.Api.Commands;
using Cms.Api.Http;
using Cms.Api.Newsletter;
using Cms.Domain.Newsletter;
using Cms.Infrastructure.Jobs;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Bounces;
using Cms.Infrastructure.Newsletter.Digests;
using Cms.Infrastructure.Newsletter.Lists;
using Cms.Infrastructure.Newsletter.Templates;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Cms.Api.Operations;

/// <summary>What the newsletter is made of.</summary>
internal static class NewsletterSetup
{
    private const int MinRootBytes = 32;

    public static void AddNewsletter(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<NewsletterOptions>().BindConfiguration("Cms:Newsletter").ValidateDataAnnotations()
            .Validate(o => string.IsNullOrEmpty(o.CheckInboxUrl) || Validation.IsWebAddress(o.CheckInboxUrl), "Cms__Newsletter__CheckInboxUrl is an absolute http or https address, such as https://gazette.example.org/merci.")
            .Validate(o => CmsOptions.Split(o.Origins).All(IsOrigin), "Cms__Newsletter__Origins is like \"https://gazette.example.org\": scheme, host and port where it is not the usual one, nothing after them. null is none.")
            .Validate(o => o.ProofOfWork is 0 or >= ProofOfWork.LeastNumber, $"Cms__Newsletter__ProofOfWork is 0, or from {ProofOfWork.LeastNumber:N0} to 5,000,000: less keeps no robot out.")
            .ValidateOnStart();
        services.AddSingleton(provider => Keys(Options(provider).LinkKeys, provider.GetRequiredService<SuppressionKey>()));
        services.AddSingleton<NewsletterLinks>();
        services.AddSingleton<ProofOfWork>();
        services.AddSingleton<Envelopes>();
        services.AddScoped<BounceIntake>();
        services.AddSingleton(provider =>
        {
            var own = provider.GetRequiredService<OwnAddress>();
            return new ReaderLinks(() => own.Value, provider.GetRequiredService<NewsletterLinks>(), provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(provider => new MailDomains(Server(Options(provider).NameServer)));
        services.AddSingleton(provider => Disposable(Options(provider).DisposableDomainsFile));
        services.AddSingleton(provider => new Lazy<NewsletterTemplates>(() => Templates(Options(provider).TemplatesFolder)));
        services.AddHostedService<TemplateCheck>();
        services.AddSingleton<NewsletterPages>();
        services.AddSingleton<ReaderMails>();
        services.AddSingleton<AskedMailer>();
        services.AddHostedService(provider => provider.GetRequiredService<AskedMailer>());
        services.TryAddSingleton(DigestTimes.Default);
        services.AddSingleton<DigestDesk>();
        services.AddSingleton<DigestLedger>();
        services.AddSingleton<ClickCounter>();
        services.AddHostedService(provider => provider.GetRequiredService<ClickCounter>());
        services.AddSingleton<EditionMaker>();
        services.AddSingleton(provider => ScheduledJob.Digest(provider.GetRequiredService<EditionMaker>(), provider.GetRequiredService<DigestTimes>()));
        services.AddSingleton<DigestSender>();
        services.AddHostedService(provider => provider.GetRequiredService<DigestSender>());
        services.AddSingleton<ImportStore>();
        services.AddSingleton<ImportWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ImportWorker>());
    }

    // As browsers write it in Origin, to the letter: a slash at its end would match none. "null" is what any sandboxed page says.
    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.GetLeftPart(UriPartial.Authority) == text;

    private static NewsletterOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<NewsletterOptions>>().Value;

    private static NewsletterTemplates Templates(string? folder)
    {
        try
        {
            return new(string.IsNullOrEmpty(folder) ? null : Path.GetFullPath(folder));
        }
        catch (TemplateException e)
        {
            throw new CommandException($"Cms__Newsletter__TemplatesFolder: {e.Message}");
        }
    }

    private static DisposableDomains Disposable(string? file)
    {
        try
        {
            return string.IsNullOrEmpty(file) ? DisposableDomains.BuiltIn : DisposableDomains.BuiltIn.With(File.ReadLines(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cms__Newsletter__DisposableDomainsFile is \"{file}\", which cannot be read: {e.Message}");
        }
    }

    private static IPEndPoint? Server(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (!IPEndPoint.TryParse(text, out var server)) throw new CommandException($"Cms__Newsletter__NameServer is \"{text}\", which is no address such as 10.0.0.2 or 10.0.0.2:5353.");
        return server.Port == 0 ? new(server.Address, 53) : server;
    }

    private static NewsletterKeys Keys(string? text, SuppressionKey suppression)
    {
        var roots = CmsOptions.Split(text ?? "").Select(Root).ToList();
        if (roots.Select(r => r.Id).Distinct().Count() != roots.Count) throw new CommandException("Cms__Newsletter__LinkKeys has a number twice.");
        return new([.. roots, (NewsletterKeys.OfSuppression, suppression.Value)]);
    }

    private static (byte Id, byte[] Root) Root(string text)
    {
        var (number, root) = (text.Split(':')[0], new byte[1_024]);
        if (byte.TryParse(number, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) && id > 0
            && Convert.TryFromBase64String(text[Math.Min(number.Length + 1, text.Length)..], root, out var length) && length >= MinRootBytes) return (id, root[..length]);
        throw new CommandException("Cms__Newsletter__LinkKeys is like \"2:…,1:…\": a number from 1 to 255, a colon, and base64 of 32 random bytes or more, such as `openssl rand -base64 32` makes.");
    }
}

/// <summary>A newsroom's own files are tried before anybody is served. Ours are by tests, and are read when the first reader comes: a start does not wait for them.</summary>
internal sealed class TemplateCheck(IServiceProvider services, Lazy<NewsletterTemplates> templates, IOptions<NewsletterOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(options.Value.TemplatesFolder)) _ = templates.Value;
        if (!string.IsNullOrEmpty(options.Value.DisposableDomainsFile)) _ = services.GetRequiredService<DisposableDomains>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
