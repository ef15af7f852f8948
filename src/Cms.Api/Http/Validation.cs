using System.Globalization;
using System.Text;
using System.Text.Json;
using Cms.Domain.Newsletter;
using Cms.Domain.Text;
using FluentValidation;
using FluentValidation.Validators;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Cms.Api.Http;

/// <summary>How FluentValidation speaks here, and the rules of text that every field shares.</summary>
internal static class Validation
{
    /// <summary>Codes of our own, one error a field, English whatever the thread's culture.</summary>
    public static void Configure()
    {
        ValidatorOptions.Global.DefaultRuleLevelCascadeMode = CascadeMode.Stop;
        ValidatorOptions.Global.LanguageManager.Enabled = false;
        ValidatorOptions.Global.ErrorCodeResolver = validator => validator.Name switch
        {
            "NotEmptyValidator" or "NotNullValidator" => "required",
            "InclusiveBetweenValidator" or "GreaterThanOrEqualValidator" or "LessThanOrEqualValidator" => "range",
            "EnumValidator" => "unknown",
            "PredicateValidator" or "AsyncPredicateValidator" => "invalid",
            var name => JsonNamingPolicy.CamelCase.ConvertName(name.Replace("Validator", "", StringComparison.Ordinal)),
        };
    }

    /// <summary>Answers 422 with every error at once, by JSON pointer, before the handler is entered.</summary>
    public static RouteHandlerBuilder Validate<T>(this RouteHandlerBuilder endpoint) where T : class => endpoint.AddEndpointFilter(async (context, next) =>
    {
        var validator = context.HttpContext.RequestServices.GetRequiredService<IValidator<T>>();
        var body = context.Arguments.OfType<Body<T>>().Single();
        return await validator.Refusal(body.Value, context.HttpContext.RequestAborted) ?? await next(context);
    });

    /// <summary>The refusal of an input that breaks rules of its fields, or null.</summary>
    public static async Task<ProblemHttpResult?> Refusal<T>(this IValidator<T> validator, T input, CancellationToken ct) =>
        await validator.Faults(input, ct) is { Count: > 0 } faults ? Problems.Invalid(faults) : null;

    /// <summary>Every broken rule, by pointer.</summary>
    public static async Task<List<FieldError>> Faults<T>(this IValidator<T> validator, T input, CancellationToken ct)
    {
        var result = await validator.ValidateAsync(input, ct);
        return [.. result.Errors.Select(e => new FieldError(JsonFault.Pointer(e.PropertyName), e.ErrorCode, e.ErrorMessage))];
    }

    /// <summary>At most so many Unicode scalars, of the characters that the kind of field takes.</summary>
    public static IRuleBuilderOptions<T, string?> Text<T>(this IRuleBuilder<T, string?> rule, int maxLength, TextKind kind = TextKind.SingleLine) =>
        rule.SetValidator(new MaxScalarsValidator<T>(maxLength)).SetValidator(new CleanTextValidator<T>(kind));

    /// <summary>Not only blank, at most so many Unicode scalars, of the characters that the kind of field takes.</summary>
    public static IRuleBuilderOptions<T, string?> RequiredText<T>(this IRuleBuilder<T, string?> rule, int maxLength, TextKind kind = TextKind.SingleLine) =>
        rule.NotEmpty().WithMessage("Give a value.").Text(maxLength, kind);

    /// <summary>Rules of each text of a list. All are looked at, while each stops at its first fault.</summary>
    /// <param name="rule">Of the list.</param>
    /// <param name="maxLength">That <paramref name="rules"/> hold to; OpenAPI does not look into them.</param>
    /// <param name="rules">Of each text.</param>
    public static void Each<T>(this IRuleBuilderInitialCollection<T, string> rule, int maxLength, Action<IRuleBuilder<string, string?>> rules) =>
        rule.Cascade(CascadeMode.Continue).NotNull().WithMessage("Give a value.").SetValidator(new ShownMaxLength<T>(maxLength))
            .ChildRules(child => rules(child.RuleFor(text => text)));

    /// <summary>Each item of a list by its own validator; all are looked at.</summary>
    public static void Each<T, TItem>(this IRuleBuilderInitialCollection<T, TItem> rule, IValidator<TItem> validator) =>
        rule.Cascade(CascadeMode.Continue).NotNull().WithMessage("Give a value.").SetValidator(validator);

    /// <summary>A well-formed slug.</summary>
    public static IRuleBuilderOptions<T, string?> SlugText<T>(this IRuleBuilder<T, string?> rule) =>
        rule.SetValidator(new MaxScalarsValidator<T>(Slug.MaxLength)).Must(s => s is null || (Slug.TryParse(s, out _) && TextRules.Fault(s, TextKind.SingleLine) is null))
            .WithErrorCode("slug").WithMessage("Use lower-case letters, digits and single hyphens; none at the ends.");

    /// <summary>An absolute http or https address without user-info.</summary>
    public static IRuleBuilderOptions<T, string?> WebAddress<T>(this IRuleBuilder<T, string?> rule, int maxLength = 2_048) =>
        rule.SetValidator(new MaxScalarsValidator<T>(maxLength)).Must(u => u is null || IsWebAddress(u))
            .WithErrorCode("url").WithMessage("Give an absolute http or https address.");

    /// <summary>An address that mail may go to.</summary>
    public static IRuleBuilderOptionsConditions<T, string?> Email<T>(this IRuleBuilder<T, string?> rule) =>
        rule.SetValidator(new ShownMaxLength<T>(EmailAddress.MaxLength)).Custom((text, context) =>
        {
            if (text is not null && !EmailAddress.TryParse(text, out _, out var reason))
                context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, reason) { ErrorCode = "email" });
        });

    /// <summary>A well-formed language tag in its canonical case.</summary>
    public static IRuleBuilderOptions<T, string?> Language<T>(this IRuleBuilder<T, string?> rule) =>
        rule.SetValidator(new MaxScalarsValidator<T>(LanguageTag.MaxLength)).Must(l => l is null || (LanguageTag.TryParse(l, out var tag) && tag.Value == l))
            .WithErrorCode("language").WithMessage("Give a BCP 47 language tag, such as fr or pt-BR.");

    /// <summary>At most so many.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyList<TItem>?> AtMost<T, TItem>(this IRuleBuilder<T, IReadOnlyList<TItem>?> rule, int max) =>
        rule.SetValidator(new MaxItemsValidator<T, TItem>(max));

    /// <summary>No id twice.</summary>
    public static IRuleBuilderOptions<T, IReadOnlyList<Guid>?> Distinct<T>(this IRuleBuilder<T, IReadOnlyList<Guid>?> rule) =>
        rule.Must(ids => ids is null || ids.Distinct().Count() == ids.Count).WithErrorCode("duplicate").WithMessage("An id stands here twice.");

    public static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Host.Length > 0
        && text.StartsWith(uri.Scheme + "://", StringComparison.OrdinalIgnoreCase)
        && !text.Any(c => c <= ' ' || c is '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' or '\u007f') && IsPlain(text);

    // Direction marks and joiners are invisible: in an address they only deceive.
    private static bool IsPlain(string text) =>
        TextRules.Fault(text, TextKind.SingleLine) is null && !text.EnumerateRunes().Any(r => Rune.GetUnicodeCategory(r) == UnicodeCategory.Format);
}

/// <summary>A bound that OpenAPI shows.</summary>
internal interface IMaxLength
{
    int Max { get; }
}

/// <summary>A bound that OpenAPI shows.</summary>
internal interface IMaxItems
{
    int Max { get; }
}

/// <summary>A bound that OpenAPI shows.</summary>
internal interface IMaxEntries
{
    int Max { get; }
}

/// <summary>A closed list that OpenAPI shows.</summary>
internal interface IOneOf
{
    IReadOnlyList<string> Words { get; }
}

/// <summary>A bound that another rule of the field holds to, and from which OpenAPI cannot read it.</summary>
internal sealed class ShownMaxLength<T>(int max) : PropertyValidator<T, string?>, IMaxLength
{
    public int Max => max;

    public override string Name => "TooLong";

    public override bool IsValid(ValidationContext<T> context, string? value) => true;
}

internal sealed class OneOfValidator<T>(IReadOnlyList<string> words) : PropertyValidator<T, string?>, IOneOf
{
    public IReadOnlyList<string> Words => words;

    public override string Name => "Unknown";

    public override bool IsValid(ValidationContext<T> context, string? value) => value is null || words.Contains(value);

    protected override string GetDefaultMessageTemplate(string errorCode) => $"Give one of: {string.Join(", ", words)}.";
}

internal sealed class MaxEntriesValidator<T, TValue>(int max) : PropertyValidator<T, IReadOnlyDictionary<string, TValue>?>, IMaxEntries
{
    public int Max => max;

    public override string Name => "TooMany";

    public override bool IsValid(ValidationContext<T> context, IReadOnlyDictionary<string, TValue>? value) => value is null || value.Count <= max;

    protected override string GetDefaultMessageTemplate(string errorCode) => $"Give at most {max}.";
}

internal sealed class MaxScalarsValidator<T>(int max) : PropertyValidator<T, string?>, IMaxLength
{
    public int Max => max;

    public override string Name => "TooLong";

    public override bool IsValid(ValidationContext<T> context, string? value) => value is null || TextRules.Length(value) <= max;

    protected override string GetDefaultMessageTemplate(string errorCode) => $"Give at most {max} characters.";
}

internal sealed class CleanTextValidator<T>(TextKind kind) : PropertyValidator<T, string?>
{
    public override string Name => "Text";

    public override bool IsValid(ValidationContext<T> context, string? value)
    {
        var fault = value is null ? null : TextRules.Fault(value, kind);
        context.MessageFormatter.AppendArgument("Fault", fault ?? "");
        return fault is null;
    }

    protected override string GetDefaultMessageTemplate(string errorCode) => "{Fault}";
}

internal sealed class MaxItemsValidator<T, TItem>(int max) : PropertyValidator<T, IReadOnlyList<TItem>?>, IMaxItems
{
    public int Max => max;

    public override string Name => "TooMany";

    public override bool IsValid(ValidationContext<T> context, IReadOnlyList<TItem>? value) => value is null || value.Count <= max;

    protected override string GetDefaultMessageTemplate(string errorCode) => $"Give at most {max}.";
}
