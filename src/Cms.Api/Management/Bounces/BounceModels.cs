using Cms.Api.Http;
using Cms.Infrastructure.Newsletter.Bounces;

namespace Cms.Api.Management.Bounces;

/// <summary>A mail's bytes.</summary>
internal sealed record RawMail(byte[] Bytes)
{
    public static ValueTask<RawMail> BindAsync(HttpContext context) => context.Features.Get<RawBody>() is { Bytes: { Length: > 0 } bytes }
        ? ValueTask.FromResult(new RawMail(bytes))
        : throw new MalformedException("", "required", "The body is empty; send the mail as it came.");
}

/// <summary>What a mail that came back was. Never whose.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Matched">Whether what we signed says that it is of a reader whom we know.</param>
internal sealed record BounceView(BounceKind Kind, bool Matched);
