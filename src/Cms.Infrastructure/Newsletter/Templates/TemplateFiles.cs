using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>A template's or a language's file.</summary>
/// <param name="Origin">What to call it when there is something wrong with it: its path, or its name when it is ours.</param>
/// <param name="Content">With LF alone, as browsers read it: the hash of a style must not depend on an editor's habits.</param>
/// <param name="IsTheirs">It is the newsroom's.</param>
internal sealed record TemplateFile(string Origin, string Content, bool IsTheirs = false);

/// <summary>Our files, and the newsroom's that take their places.</summary>
internal sealed partial class TemplateFiles
{
    private const string Resources = "newsletter/", TemplateEnd = ".liquid", TextsStart = "texts.", TextsEnd = ".json", English = "en";

    private readonly Dictionary<string, TemplateFile> templates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> texts = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="folder">The newsroom's, if it has one.</param>
    public TemplateFiles(string? folder)
    {
        foreach (var (name, file) in Ours())
            if (name.EndsWith(TemplateEnd, StringComparison.Ordinal)) templates[name[..^TemplateEnd.Length]] = file;
            else texts[LanguageOf(name)] = Read(file);
        if (folder is not null) Override(folder);
    }

    /// <summary>By their names without <c>.liquid</c>.</summary>
    public IReadOnlyDictionary<string, TemplateFile> Templates => templates;

    /// <summary>Each language's own texts by key, ours first and the newsroom's over them.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>> Texts => texts;

    /// <summary>Languages of which the newsroom has texts.</summary>
    public HashSet<string> Theirs { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys of the texts that a template uses.</summary>
    public HashSet<string> UsedTexts() => templates.Values.SelectMany(t => TextKey().Matches(t.Content)).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

    private void Override(string folder)
    {
        if (!Directory.Exists(folder)) throw new TemplateException($"The folder of newsletter templates {folder} does not exist.");
        var theirs = new List<(string Language, string Path, Dictionary<string, string> Texts)>();
        foreach (var path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.')) continue; // what file managers and mounts leave
            var file = new TemplateFile(path, Lines(File.ReadAllText(path)), IsTheirs: true);
            if (name.StartsWith(TextsStart, StringComparison.Ordinal) && name.EndsWith(TextsEnd, StringComparison.Ordinal) && name.Length > TextsStart.Length + TextsEnd.Length)
                theirs.Add((Known(LanguageOf(name), path), path, Read(file)));
            else if (name.EndsWith(TemplateEnd, StringComparison.Ordinal) && templates.ContainsKey(name[..^TemplateEnd.Length]))
                templates[name[..^TemplateEnd.Length]] = file;
            else
                throw new TemplateException($"{path}: no template has this name; there are "
                    + $"{string.Join(", ", templates.Keys.Order(StringComparer.Ordinal).Select(t => t + TemplateEnd))}, and texts.{{language}}.json.");
        }

        Add(theirs);
        Theirs.UnionWith(theirs.Select(t => t.Language));
    }

    // A key that is written wrong would change nothing and say nothing: a new one must be in use, and in English, which the others fall back to.
    private void Add(List<(string Language, string Path, Dictionary<string, string> Texts)> theirs)
    {
        var (used, english) = (UsedTexts(), texts[English]);
        foreach (var (_, path, added) in theirs.Where(t => t.Language == English))
            foreach (var (key, text) in added)
                english[key] = english.ContainsKey(key) || used.Contains(key) ? text : throw new TemplateException($"{path}: no template uses '{key}'.");
        foreach (var (language, path, added) in theirs)
        {
            if (added.Keys.FirstOrDefault(key => !english.ContainsKey(key)) is { } unknown)
                throw new TemplateException($"{path}: the English texts have no '{unknown}'; a new text needs its English one.");
            if (!texts.TryGetValue(language, out var own)) texts[language] = own = new(StringComparer.Ordinal);
            foreach (var (key, text) in added) own[key] = text;
        }
    }

    private static IEnumerable<(string Name, TemplateFile File)> Ours()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(r => r.StartsWith(Resources, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException(resource));
            yield return (resource[Resources.Length..], new(resource[Resources.Length..], Lines(reader.ReadToEnd())));
        }
    }

    private static Dictionary<string, string> Read(TemplateFile file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(file.Content)?.ToDictionary(
                t => t.Key, t => t.Value ?? throw new TemplateException($"{file.Origin}: '{t.Key}' has no text."), StringComparer.Ordinal) ?? [];
        }
        catch (JsonException fault)
        {
            throw new TemplateException($"{file.Origin}, line {fault.LineNumber + 1}: this is not one JSON object of texts.", fault);
        }
    }

    private static string LanguageOf(string name) => name[TextsStart.Length..^TextsEnd.Length];

    private static string Known(string language, string path)
    {
        try
        {
            return CultureInfo.GetCultureInfo(language, predefinedOnly: true).Name;
        }
        catch (CultureNotFoundException fault)
        {
            throw new TemplateException($"{path}: '{language}' is no language that is known here.", fault);
        }
    }

    private static string Lines(string text) => text.ReplaceLineEndings("\n");

    [GeneratedRegex(@"\bt\.(\w+)")]
    private static partial Regex TextKey();
}
