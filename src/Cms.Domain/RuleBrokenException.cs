namespace Cms.Domain;

/// <summary>An act that the newsroom's rules forbid in the present state. It knows no HTTP status; the edge answers 409.</summary>
/// <param name="rule">The rule's name, kebab-case, such as <c>not-ready</c>; it names the problem's page.</param>
/// <param name="message">What the client can do about it. Never holds personal data.</param>
public sealed class RuleBrokenException(string rule, string message) : Exception(message)
{
    /// <summary>The rule's name, such as <c>section-too-deep</c>.</summary>
    public string Rule { get; } = rule;
}
