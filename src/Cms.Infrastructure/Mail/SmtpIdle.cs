using MailKit;

namespace Cms.Infrastructure.Mail;

/// <summary>Connections without work: the last one used goes first, so that those that are too many grow old and are closed.</summary>
internal sealed class SmtpIdle : IAsyncDisposable
{
    private readonly TimeSpan most, farewell;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly List<SmtpConnection> connections = [];
    private bool isClosed;

    public SmtpIdle(TimeSpan most, TimeSpan farewell, TimeProvider time)
    {
        (this.most, this.farewell, this.time) = (most, farewell, time);
        timer = time.CreateTimer(_ => _ = Close(Old()), null, most, most / 2);
    }

    /// <returns>Null: there is none.</returns>
    public SmtpConnection? Take()
    {
        lock (gate)
        {
            if (connections is not [.., var last]) return null;
            connections.RemoveAt(connections.Count - 1);
            return last;
        }
    }

    /// <summary>Keeps a connection that works.</summary>
    public void Put(SmtpConnection connection)
    {
        (connection.IsReused, connection.IdleSince) = (true, time.GetTimestamp());
        lock (gate)
        {
            if (!isClosed)
            {
                connections.Add(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>Says good-bye on all of them, and keeps none from now on.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        SmtpConnection[] all;
        lock (gate)
        {
            (isClosed, all) = (true, [.. connections]);
            connections.Clear();
        }

        await Close(all);
    }

    private SmtpConnection[] Old()
    {
        lock (gate)
        {
            var old = connections.TakeWhile(c => time.GetElapsedTime(c.IdleSince) >= most).ToArray();
            connections.RemoveRange(0, old.Length);
            return old;
        }
    }

    private Task Close(IEnumerable<SmtpConnection> old) => Task.WhenAll(old.Select(Close));

    private async Task Close(SmtpConnection connection)
    {
        using (connection)
        using (var patience = new CancellationTokenSource(farewell, time))
        {
            try
            {
                await connection.DisconnectAsync(quit: true, patience.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ProtocolException or CommandException or InvalidOperationException)
            {
                // It was gone already.
            }
        }
    }
}
