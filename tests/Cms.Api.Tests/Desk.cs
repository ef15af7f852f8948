using System.Net;
using System.Text.Json.Nodes;

namespace Cms.Api.Tests;

/// <summary>What an editor does again and again, over HTTP.</summary>
public static class Desk
{
    public const string Articles = "/management/v1/articles", Sections = "/management/v1/sections", Published = "/delivery/v1/articles";

    public static async Task<Answer> OpenSection(this HttpClient editor, string? name = null, Guid? parentId = null) =>
        (await editor.Post(Sections, new { name = name ?? Wire.Unique("Section"), language = "fr", parentId })).Is(HttpStatusCode.Created);

    /// <summary>As an editor's client does where the lock's queue, or the pool's, is too long: it tries again.</summary>
    public static async Task<Answer> Patiently(Func<Task<Answer>> act)
    {
        while (true)
            if (await act() is { Status: not HttpStatusCode.ServiceUnavailable } answer) return answer;
    }

    /// <summary>A draft that is ready to be published; <paramref name="more"/> adds to it.</summary>
    public static async Task<Answer> Draft(this HttpClient editor, string headline, Guid? sectionId = null, object? more = null)
    {
        var section = sectionId ?? (await editor.OpenSection()).Id;
        var body = new JsonObject { ["headline"] = headline, ["language"] = "fr", ["sectionId"] = section };
        foreach (var (name, value) in System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })?.AsObject() ?? []) body[name] = value?.DeepClone();
        return (await editor.Post(Articles, body)).Is(HttpStatusCode.Created);
    }

    public static async Task<Answer> Publish(this HttpClient editor, Answer article) =>
        (await editor.Act($"{Articles}/{article.Id}/publish", article.ETag)).Is(HttpStatusCode.OK);

    public static async Task<Answer> Withdraw(this HttpClient editor, Answer article) =>
        (await editor.Act($"{Articles}/{article.Id}/withdraw", article.ETag)).Is(HttpStatusCode.OK);

    /// <summary>A published article.</summary>
    public static async Task<Answer> Story(this HttpClient editor, string headline, Guid? sectionId = null, object? more = null) =>
        await editor.Publish(await editor.Draft(headline, sectionId, more));

    public static async Task<Answer> Change(this HttpClient editor, Answer article, object change) =>
        (await editor.Patch($"{Articles}/{article.Id}", change, article.ETag)).Is(HttpStatusCode.OK);

    public static string Slug(this Answer article) => article.Body["slug"]?.GetValue<string>() ?? throw new InvalidOperationException("The answer has no slug.");

    public static string Member(this Answer answer, string name) => answer.Body[name]?.ToString() ?? "";
}
