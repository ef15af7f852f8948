using Npgsql;

namespace Cms.Infrastructure.Postgres;

/// <summary>What the database said, wherever EF Core put it: it wraps what it calls transient once or twice.</summary>
internal static class DatabaseFault
{
    public static NpgsqlException? In(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is NpgsqlException fault) return fault;
        return null;
    }

    /// <summary>What a log may say of a fault: its type, and PostgreSQL's code where it has one; never its message, which may hold values of rows.</summary>
    public static string Name(Exception exception) => In(exception) is { SqlState: { } code } ? $"{exception.GetType().Name} ({code})" : exception.GetType().Name;

    /// <summary>The connection is lost, as after a restart or failover: whatever else is in the pool may be lost too.</summary>
    public static bool IsLostConnection(Exception exception) => In(exception) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.ReadOnlySqlTransaction } => true,
        PostgresException => false,
        { IsTransient: true, InnerException: not TimeoutException } => true,
        _ => false,
    };

    /// <summary>Reads, and where the connection was lost reads once more on new ones. For reads alone: a write may have happened.</summary>
    public static Task<T> ReadTwice<T>(NpgsqlDataSource database, Func<Task<T>> read) => ReadTwice(database, read, static (_, again) => again());

    /// <inheritdoc cref="ReadTwice{T}(NpgsqlDataSource, Func{Task{T}})" />
    public static async Task<T> ReadTwice<T, TState>(NpgsqlDataSource database, TState state, Func<NpgsqlDataSource, TState, Task<T>> read)
    {
        try
        {
            return await read(database, state);
        }
        catch (Exception e) when (IsLostConnection(e))
        {
            database.Clear();
            return await read(database, state);
        }
    }
}
