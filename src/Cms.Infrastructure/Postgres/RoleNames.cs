namespace Cms.Infrastructure.Postgres;

/// <summary>Roles are of the whole cluster, so they are named after the database: two newsrooms on one server do not share them.</summary>
/// <param name="Runtime">May read and write rows, not the schema.</param>
/// <param name="Delivery">May SELECT in schema <c>delivery</c>.</param>
internal sealed record RoleNames(string Runtime, string Delivery)
{
    public static RoleNames Of(string database)
    {
        // The name stands in a start-up option and in DDL, where nothing can be a parameter: only plain characters pass.
        var plain = string.Concat(database.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        var stem = plain.Length > 40 ? plain[..40] : plain;
        return new($"{stem}_runtime", $"{stem}_delivery");
    }

    /// <summary>The SQL that makes them and gives them their rights. It may run again at any time.</summary>
    /// <param name="logins">Who may act as them: the logins of the connection strings.</param>
    public string Sql(params ReadOnlySpan<string> logins)
    {
        var grants = new List<string>();
        foreach (var login in logins)
        {
            if (login == Runtime || login == Delivery) continue;
            var (quoted, text) = ('"' + login.Replace("\"", "\"\"", StringComparison.Ordinal) + '"', login.Replace("'", "''", StringComparison.Ordinal));
            // Who is of a role and not its administrator may not grant it anew.
            var grant = $"""
                  IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = '{text}' AND NOT r.rolsuper AND pg_has_role(r.oid, '{Runtime}', may) AND pg_has_role(r.oid, '{Delivery}', may))
                  THEN GRANT {Runtime}, {Delivery} TO {quoted}; END IF;
                """;
            if (!grants.Contains(grant)) grants.Add(grant);
        }

        return $"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Runtime}') THEN CREATE ROLE {Runtime} NOLOGIN; END IF;
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{Delivery}') THEN CREATE ROLE {Delivery} NOLOGIN; END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another node made them at this instant
            END $$;
            DO $grant$ DECLARE may text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END; -- to act as the role
            BEGIN
            {string.Join('\n', grants)}
            END $grant$;
            GRANT USAGE ON SCHEMA cms, delivery TO {Runtime};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA cms, delivery TO {Runtime};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA cms, delivery TO {Runtime};
            REVOKE UPDATE, DELETE, TRUNCATE ON cms.audit FROM {Runtime};
            REVOKE UPDATE, DELETE, TRUNCATE ON cms.consents FROM {Runtime};
            GRANT UPDATE (client_address) ON cms.consents TO {Runtime};
            GRANT EXECUTE ON FUNCTION cms.forget_consents TO {Runtime};
            REVOKE INSERT, UPDATE, DELETE ON cms."__EFMigrationsHistory" FROM {Runtime};
            GRANT USAGE ON SCHEMA delivery TO {Delivery};
            GRANT SELECT ON ALL TABLES IN SCHEMA delivery TO {Delivery};

            """;
    }
}
