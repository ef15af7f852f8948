using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Cms.Api.Http;

namespace Cms.Api.Tests.Contract;

/// <summary>What can be set is documented, with its default and bounds.</summary>
public sealed class ConfigurationTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "configuration.md"));

    public static TheoryData<string, string> Settings => new(
        typeof(CmsOptions).GetProperties().Where(p => p.CanWrite).Select(p => ("Cms__" + p.Name, ""))
            .Concat(typeof(RateLimitOptions).GetProperties().Where(p => p.CanWrite).Select(p => ("Cms__Limits__" + p.Name, p.Name))));

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_stands_on_its_page(string setting, string limit)
    {
        var line = Assert.Single(Lines, l => l.StartsWith($"| `{setting}` |", StringComparison.Ordinal));
        if (limit.Length == 0) return;

        var property = typeof(RateLimitOptions).GetProperty(limit)!;
        var range = property.GetCustomAttribute<RangeAttribute>()!;
        Assert.Contains($"| {property.GetValue(new RateLimitOptions())} |", line, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| {range.Minimum} to {range.Maximum:N0} |"), line, StringComparison.Ordinal);
    }
}
