#pragma warning disable
namespace Cms.Infrastructure.Postgres;
internal sealed class EmbeddedPostgres : IAsyncDisposable {
 public static Task<EmbeddedPostgres> StartAsync(string dataFolder, Action<string> say, CancellationToken ct) => throw new Exception();
 public string ConnectionString => ""; public string Version => "";
 public ValueTask DisposeAsync() => default;
}
internal sealed class EmbeddedPostgresException : Exception;
