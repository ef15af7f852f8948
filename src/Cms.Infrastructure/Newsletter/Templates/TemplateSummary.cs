using System.Text.Json.Serialization;

namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>What a template is of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TemplateKind>))]
internal enum TemplateKind
{
    /// <summary>A page for readers, inside the layout <c>page</c>.</summary>
    [JsonStringEnumMemberName("page")] Page,

    /// <summary>A mail about the subscription; its HTML is inside the layout <c>mail</c>.</summary>
    [JsonStringEnumMemberName("mail")] Mail,

    /// <summary>A part of the digest.</summary>
    [JsonStringEnumMemberName("digest")] Digest,

    /// <summary>What stands around pages or mails.</summary>
    [JsonStringEnumMemberName("layout")] Layout,
}

/// <summary>A template as it is told of.</summary>
/// <param name="Name">Its file's, without <c>.liquid</c>.</param>
/// <param name="Kind">What it is of.</param>
/// <param name="IsOverridden">The newsroom's folder has it.</param>
/// <param name="Samples">Models that it is tried with; a layout has none.</param>
internal sealed record TemplateSummary(string Name, TemplateKind Kind, bool IsOverridden, int Samples);
