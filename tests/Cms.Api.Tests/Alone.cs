using Cms.Api.Tests.Contract;
using Xunit.Sdk;
using Xunit.v3;

namespace Cms.Api.Tests;

/// <summary>Tests that need the machine for themselves: no others run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Of the collections that run beside no other, <see cref="AfterAll"/> comes last: it asks whether all others ran.</summary>
public sealed class AfterAllIsLast : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections) where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => c.TestCollectionDisplayName == nameof(AfterAll))];
}
