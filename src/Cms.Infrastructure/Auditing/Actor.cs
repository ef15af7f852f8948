namespace Cms.Infrastructure.Auditing;

/// <summary>On whose behalf the present request or command writes. One per scope; the edge fills it before anything is saved.</summary>
public sealed class Actor
{
    /// <summary>The token's id, or <c>command</c>.</summary>
    public string Id { get; set; } = "command";

    /// <summary>The operation's name.</summary>
    public string Operation { get; set; } = "command";
}
