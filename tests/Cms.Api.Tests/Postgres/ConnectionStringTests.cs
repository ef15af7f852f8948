using Cms.Infrastructure.Postgres;
using Npgsql;

namespace Cms.Api.Tests.Postgres;

public sealed class ConnectionStringTests
{
    [Fact]
    public void What_the_replicas_string_leaves_out_is_as_in_deliverys()
    {
        var strings = new ConnectionStrings(
            "Host=first;Port=5433;Database=news;Username=service;Password=a;SSL Mode=VerifyFull", null, "Host=first;Port=5433;Database=news;Username=reader;Password=b;SSL Mode=VerifyFull",
            "Host=second,third:5434;Password=c;Target Session Attributes=prefer-standby");

        var replicas = strings.Replicas().ToList();

        Assert.Equal(["second", "third:5434"], replicas.Select(r => r.Host));
        Assert.Equal(
            ["second news reader c VerifyFull 5433", "third:5434 news reader c VerifyFull 5433"],
            replicas.Select(r => new NpgsqlConnectionStringBuilder(r.ConnectionString)).Select(s => $"{s.Host} {s.Database} {s.Username} {s.Password} {s.SslMode} {s.Port}"));
        using var third = NpgsqlDataSource.Create(replicas[1].ConnectionString);
        Assert.Contains("Port=5434", third.ConnectionString, StringComparison.Ordinal); // Npgsql takes it out of the host
    }

    [Fact]
    public void A_replicas_string_without_a_host_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ConnectionStrings("Host=first", null, null, "Password=c").Replicas().ToList());
}
