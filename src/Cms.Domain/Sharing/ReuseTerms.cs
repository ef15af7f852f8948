namespace Cms.Domain.Sharing;

/// <summary>
/// What others may do with a text: TDMRep (W3C Community Group, text and data mining) and a licence. Each member may be absent: then the
/// section's holds, then the site's.
/// </summary>
/// <param name="TdmReservation">Whether text and data mining is reserved; who mines needs leave then.</param>
/// <param name="TdmPolicyUrl">How to get leave: absolute, http or https.</param>
/// <param name="LicenseUrl">The licence: absolute, http or https.</param>
public sealed record ReuseTerms(bool? TdmReservation, string? TdmPolicyUrl, string? LicenseUrl)
{
    /// <summary>Says nothing of its own.</summary>
    public static ReuseTerms Empty { get; } = new(null, null, null);

    /// <summary>Of something within others, each member by the nearest that says something. A policy says how to get leave, so there is none where nothing is reserved.</summary>
    /// <param name="nearestFirst">The article's, the section's, the site's.</param>
    public static ReuseTerms Of(params ReadOnlySpan<ReuseTerms?> nearestFirst)
    {
        var terms = Empty;
        foreach (var owner in nearestFirst)
            terms = new(terms.TdmReservation ?? owner?.TdmReservation, terms.TdmPolicyUrl ?? owner?.TdmPolicyUrl, terms.LicenseUrl ?? owner?.LicenseUrl);
        return terms.TdmReservation == true ? terms : terms with { TdmPolicyUrl = null };
    }
}
