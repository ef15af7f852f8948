using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Infrastructure.Mail;
using Cms.Infrastructure.Newsletter;

namespace Cms.Api.Tests.Contract;

/// <summary>The table of settings is made of the options' own summaries, defaults and bounds. <c>UPDATE=1</c> rewrites it.</summary>
public sealed partial class ConfigurationTests
{
    private const string Begin = "<!-- settings: made by ConfigurationTests, UPDATE=1 -->\n", End = "<!-- /settings -->\n";

    private static readonly Dictionary<string, XElement> Comments = new[] { "Cms.Api.xml", "Cms.Infrastructure.xml" }
        .SelectMany(file => XDocument.Load(Path.Combine(AppContext.BaseDirectory, file)).Descendants("member"))
        .DistinctBy(m => m.Attribute("name")!.Value).ToDictionary(m => m.Attribute("name")!.Value, m => m);

    [Fact]
    public async Task The_table_of_settings_says_what_the_options_say()
    {
        var file = Path.Combine(Repository.Root, "docs", "configuration.md");
        var page = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        var made = page[..from] + Table() + page[to..];
        if (Environment.GetEnvironmentVariable("UPDATE") == "1") await File.WriteAllTextAsync(file, made, TestContext.Current.CancellationToken);

        Assert.True(page == made || Environment.GetEnvironmentVariable("UPDATE") == "1", $"{file} is not what the options say. If the change is meant, run the tests with UPDATE=1.\n{Table()}");
    }

    private static string Table() => "| setting | what it is | default | bounds |\n|---|---|---|---|\n"
        + string.Concat(Rows("Cms__", new CmsOptions()).Concat(Rows("Cms__Limits__", new RateLimitOptions())).Concat(Rows("Cms__Delivery__", new DeliveryOptions()))
            .Concat(Rows("Cms__Purge__", new PurgeOptions())).Concat(Rows("Cms__Newsletter__", new NewsletterOptions())).Concat(Rows("Cms__Mail__", new MailOptions())));

    private static IEnumerable<string> Rows(string prefix, object defaults) => defaults.GetType().GetProperties().Where(p => p.CanWrite).Select(p =>
        string.Create(CultureInfo.InvariantCulture, $"| `{prefix}{p.Name}` | {Summary(p)} | {Default(p.GetValue(defaults))} | {Bounds(p)} |\n"));

    private static string Default(object? value) => value switch
    {
        null or "" => "none",
        Enum one => $"`{one}`",
        _ => FormattableString.Invariant($"{value:N0}"),
    };

    private static string Summary(PropertyInfo property)
    {
        var summary = Comments[$"P:{property.DeclaringType!.FullName}.{property.Name}"].Element("summary")!;
        var text = string.Concat(summary.Nodes().Select(n => n is XElement { Name.LocalName: "c" } code ? $"`{code.Value}`" : n.ToString()));
        return Space().Replace(text, " ").Trim().TrimEnd('.');
    }

    private static string Bounds(PropertyInfo property) => property.GetCustomAttribute<RangeAttribute>() is { } range
        ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum:N0} to {range.Maximum:N0}")
        : property.PropertyType.IsEnum ? string.Join(", ", Enum.GetNames(property.PropertyType).Select(n => $"`{n}`")) : "";

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Space();
}
