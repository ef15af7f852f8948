using System.Text;
using Cms.Api.Http;
using Cms.Domain.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Cms.Api.Newsletter;

/// <summary>The fields of an HTML form, whose body <see cref="RequestGuard"/> has read and bounded. Fields that nobody asked for are a page's own business.</summary>
internal sealed class FormFields
{
    private const int MaxFields = 100;

    private readonly Dictionary<string, StringValues> fields;

    private FormFields(Dictionary<string, StringValues> fields) => this.fields = fields;

    /// <summary>Whether the request's body is a form.</summary>
    public static bool IsForm(HttpContext context) => context.Request.ContentType?.StartsWith(BodyMetadata.Form, StringComparison.OrdinalIgnoreCase) == true;

    public static ValueTask<FormFields> BindAsync(HttpContext context) => ValueTask.FromResult(Read(context));

    /// <exception cref="MalformedException">It is not UTF-8, or holds what cannot be stored.</exception>
    public static FormFields Read(HttpContext context)
    {
        var bytes = context.Features.Get<RawBody>()?.Bytes ?? [];
        var text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new MalformedException("", "utf8", "The form is not UTF-8.");
        if (text.Contains("%00", StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal) || !Protection.IsUtf8(text)) throw new MalformedException("", "utf8", "The form is not UTF-8, or holds a character that cannot be stored.");
        var read = QueryHelpers.ParseQuery(text);
        if (read.Count > MaxFields) throw new MalformedException("", "tooMany", $"Send at most {MaxFields} fields.");
        return new(read.ToDictionary(f => f.Key, f => new StringValues([.. f.Value.Select(v => TextRules.Normalize(v ?? ""))]), StringComparer.Ordinal));
    }

    /// <summary>A field's value without blanks around it; null when it is empty or was not sent.</summary>
    /// <exception cref="MalformedException">It stands there twice.</exception>
    public string? One(string name)
    {
        if (!fields.TryGetValue(name, out var values)) return null;
        if (values.Count > 1) throw new MalformedException($"/{name}", "repeated", "Send this field once.");
        return values.ToString().Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>Whether a field was sent, be it empty.</summary>
    public bool Has(string name) => fields.ContainsKey(name);

    /// <summary>Whether a checkbox or a button says yes.</summary>
    public bool IsTicked(string name) => One(name) is "true" or "on" or "1";

    /// <summary>All values of a field that may stand there several times, such as checkboxes.</summary>
    public IReadOnlyList<string> Several(string name) => fields.TryGetValue(name, out var values) ? [.. values.OfType<string>().Where(v => v.Length > 0)] : [];
}
