using Cms.Api.Http;
using Cms.Domain.Newsletter;
using FluentValidation;

namespace Cms.Api.Management.Suppressions;

/// <summary>An address.</summary>
/// <param name="Email">In any case.</param>
internal sealed record SuppressionInput(string? Email)
{
    /// <summary>The address of an input that passed the validator.</summary>
    public EmailAddress Address() =>
        EmailAddress.TryParse(Email, out var address, out var reason) ? address : throw new InvalidOperationException($"The validator let an address pass: {reason}");

    internal sealed class Validator : AbstractValidator<SuppressionInput>
    {
        public Validator() => RuleFor(s => s.Email).NotEmpty().WithMessage("Give an e-mail address.").Email();
    }
}

/// <summary>Why no mail may go to an address.</summary>
internal enum SuppressionReason
{
    /// <summary>An editor barred it.</summary>
    Barred,

    /// <summary>Mail came back for good.</summary>
    Bounced,

    /// <summary>Its reader called our mail spam.</summary>
    Complained,

    /// <summary>Its reader was erased, and alone may bring it back.</summary>
    Erased,
}

/// <summary>Whether mail may go to an address.</summary>
/// <param name="Suppressed">It may not.</param>
/// <param name="Reason">Why; null when it may.</param>
internal sealed record SuppressionView(bool Suppressed, SuppressionReason? Reason)
{
    public static SuppressionView Of(string? reason) => new(reason is not null, reason is null ? null : Enum.Parse<SuppressionReason>(reason, ignoreCase: true));
}
