using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Delivery;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Cms.Api.Tests.Contract;

/// <summary>The EF model that the service starts with is compiled, in src/Cms.Infrastructure/Compiled; it has to say what the mappings say.</summary>
public sealed class CompiledModelTests
{
    private const string Command = "bash src/Cms.Infrastructure/compile-model.sh";

    private static readonly string[] Elsewhere =
        ["Annotations:", "Relational:Schema:", "Relational:TableName:", "Relational:View", "Relational:FunctionName:", "Relational:SqlQuery:", "Npgsql:IndexMethod:"];

    [Fact]
    public void The_service_starts_with_the_compiled_model()
    {
        using var source = NpgsqlDataSource.Create("Host=localhost");
        using var db = Open(source);

        Assert.Same(Infrastructure.Compiled.CmsDbContextModel.Instance, db.Model);
    }

    [Fact]
    public void The_compiled_model_says_what_the_mappings_say()
    {
        using var source = NpgsqlDataSource.Create("Host=localhost");
        using var db = Open(source);
        var conventions = db.GetService<IModelRuntimeInitializer>().Initialize(db.GetService<IDesignTimeModel>().Model, designTime: false);

        var (mappings, compiled) = (Lines(conventions), Lines(db.Model));

        Assert.True(mappings.SequenceEqual(compiled), $"Run `{Command}`: {string.Join("; ", mappings.Except(compiled).Concat(compiled.Except(mappings)).Take(5))}");
    }

    // Of tables and indexes the two remember different annotations.
    private static List<string> Lines(IModel model) =>
    [
        .. model.GetEntityTypes().OrderBy(type => type.Name, StringComparer.Ordinal)
            .SelectMany(type => type.ToDebugString(MetadataDebugStringOptions.LongDefault).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(line => !Elsewhere.Any(start => line.StartsWith(start, StringComparison.Ordinal))),
    ];

    private static CmsDbContext Open(NpgsqlDataSource source)
    {
        var options = new DbContextOptionsBuilder<CmsDbContext>();
        CmsModel.Configure(options, source, new DeliveryClock(cache: null));
        return new(options.Options, new Actor(), TimeProvider.System);
    }
}
