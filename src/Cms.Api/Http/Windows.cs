using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Cms.Api.Http;

/// <summary>Counts by key within fixed windows of time. Memory is capped: past the cap all counts begin anew, so a flood of keys costs nobody a refusal.</summary>
internal sealed class Windows<TKey>(TimeProvider time, TimeSpan length) where TKey : notnull
{
    private const int MaxKeys = 100_000;
    private readonly ConcurrentDictionary<TKey, Window> windows = new();
    private long begun = time.GetTimestamp();

    private sealed class Window
    {
        public int Count;
    }

    /// <summary>Counts one more.</summary>
    /// <returns>How many there are in this window, and the seconds until the next.</returns>
    public (int Count, int ResetsIn) Count(TKey key)
    {
        var elapsed = time.GetElapsedTime(Volatile.Read(ref begun));
        if (elapsed >= length || windows.Count > MaxKeys)
        {
            Volatile.Write(ref begun, time.GetTimestamp());
            windows.Clear();
            elapsed = TimeSpan.Zero;
        }

        var count = Interlocked.Increment(ref windows.GetOrAdd(key, _ => new Window()).Count);
        return (count, Math.Max(1, (int)Math.Ceiling((length - elapsed).TotalSeconds)));
    }
}

/// <summary>The part of a client's address that counts as one client.</summary>
internal static class ClientAddress
{
    /// <summary>A whole IPv4 address, or the /64 that one household or server has of IPv6.</summary>
    public static string Partition(IPAddress? address)
    {
        if (address is null) return "none";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    /// <summary>As it is kept: IPv4 as such, IPv6 without the name of a network card.</summary>
    public static string? Text(IPAddress? address) => address switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => new IPAddress(address.GetAddressBytes()).ToString(),
    };

    /// <summary>For logs: /24 or /48, so that no person is told by it.</summary>
    public static string Cut(IPAddress? address)
    {
        if (address is null) return "none";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, bytes.Length == 4 ? 3 : 6, bytes.Length == 4 ? 1 : 10);
        return new IPAddress(bytes).ToString();
    }
}
