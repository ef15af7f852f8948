using Cms.Api.Tests;

[assembly: AssemblyFixture(typeof(ApiFixture))]
