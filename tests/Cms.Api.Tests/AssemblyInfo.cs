using Cms.Api.Tests;
using Cms.Api.Tests.Contract;

[assembly: AssemblyFixture(typeof(ApiFixture))]
[assembly: Recorded]
[assembly: TestCollectionOrderer(typeof(AfterAllIsLast))]
