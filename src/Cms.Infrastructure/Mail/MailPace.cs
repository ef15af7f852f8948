namespace Cms.Infrastructure.Mail;

/// <summary>Keeps mails to so many a second, all of them and those to one domain: each waits for its turn.</summary>
internal sealed class MailPace(MailOptions options, TimeProvider time)
{
    private const int MostDomains = 10_000;

    private readonly Lock gate = new();

    // When the next may go, by domain; the empty one is all mails'.
    private readonly Dictionary<string, long> turns = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits until a mail to this domain may go.</summary>
    public async Task Wait(string domain, CancellationToken ct)
    {
        await Pause(Turn(domain, options.MailsPerSecondToDomain), ct);
        await Pause(Turn("", options.MailsPerSecond), ct);
    }

    private Task Pause(TimeSpan pause, CancellationToken ct) => pause > TimeSpan.Zero ? Task.Delay(pause, time, ct) : Task.CompletedTask;

    private TimeSpan Turn(string lane, int perSecond)
    {
        if (perSecond == 0) return TimeSpan.Zero;
        lock (gate)
        {
            var now = time.GetTimestamp();
            var turn = Math.Max(now, turns.GetValueOrDefault(lane));
            if (turns.Count >= MostDomains) Forget(now);
            // When more domains wait than are kept, the overall pace still holds.
            if (turns.Count < MostDomains || turns.ContainsKey(lane)) turns[lane] = turn + (time.TimestampFrequency / perSecond);
            return time.GetElapsedTime(now, turn);
        }
    }

    private void Forget(long now)
    {
        foreach (var (lane, turn) in turns)
            if (turn <= now) turns.Remove(lane);
    }
}
