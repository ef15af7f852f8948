namespace Cms.Infrastructure.Newsletter;

/// <summary>Which sections readers of the newsletter want to hear of.</summary>
internal static class SectionsOfInterest
{
    /// <summary>Takes a deleted section out of every reader's, in one statement however many they are: nothing can be sent of it any more.</summary>
    public static FormattableString Forgetting(Guid sectionId, DateTimeOffset now) => $"""
        UPDATE cms.subscribers SET section_ids = array_remove(section_ids, {sectionId}), updated_at = {now} WHERE section_ids @> ARRAY[{sectionId}]
        """;
}
