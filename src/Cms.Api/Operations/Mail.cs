using Cms.Infrastructure.Mail;
using Microsoft.Extensions.Options;

namespace Cms.Api.Operations;

/// <summary>Who takes mails away: the configured server, in Development without one a folder, elsewhere nobody.</summary>
internal static class Mail
{
    /// <param name="builder">The service.</param>
    /// <param name="dataFolder">Where Development keeps what it makes.</param>
    public static void AddMail(this WebApplicationBuilder builder, string dataFolder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Cms:Mail").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IMailSender>(services =>
        {
            var (options, time) = (services.GetRequiredService<IOptions<MailOptions>>().Value, services.GetRequiredService<TimeProvider>());
            if (!string.IsNullOrEmpty(options.Host)) return new SmtpSender(options, time, services.GetRequiredService<ILogger<SmtpSender>>());
            return isDevelopment ? new EmlFolder(Path.Combine(dataFolder, "mail"), time, services.GetRequiredService<ILogger<EmlFolder>>()) : new NoMail();
        });
        builder.Services.AddHostedService<MailNotice>();
    }
}

/// <summary>Tells at start what an operator may not have meant.</summary>
internal sealed class MailNotice(IMailSender sender, IOptions<MailOptions> options, ILogger<MailNotice> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (sender is NoMail) log.LogWarning("No mail is sent: set Cms__Mail__Host.");
        if (sender is SmtpSender && !options.Value.IsSigning) log.LogInformation("Mails are not signed here (Cms__Mail__DkimDomain), so {Server} must sign them (DKIM).", sender.Destination);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
