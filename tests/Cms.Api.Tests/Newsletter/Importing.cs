using System.Net;
using System.Text;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What an editor does with files of readers, over HTTP.</summary>
internal static class Importing
{
    public const string Subscribers = "/management/v1/subscribers", Imports = "/management/v1/imports", Export = Subscribers + "/export";

    /// <summary>What every import says.</summary>
    public const string Consented = "consentSource=Salon&textVersion=2026-1&consentAt=2026-03-01T09:00:00Z";

    public static Task<Answer> Send(this HttpClient editor, object file, string query = Consented, string mediaType = "text/csv") => editor.Ask(HttpMethod.Post, $"{Imports}?{query}", file, mediaType);

    /// <summary>Sends a file and waits until it is worked.</summary>
    public static async Task<Answer> Import(this HttpClient editor, object file, string query = Consented) => await editor.Ended((await editor.Send(file, query)).Is(HttpStatusCode.Accepted));

    /// <summary>Waits until an import is worked.</summary>
    public static Task<Answer> Ended(this HttpClient editor, Answer import) => editor.Until(import, i => i.Member("status") is "done" or "failed");

    public static async Task<Answer> Until(this HttpClient editor, Answer import, Func<Answer, bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if ((await editor.Get($"{Imports}/{import.Id}")).Is(HttpStatusCode.OK) is var now && isSo(now)) return now;
        }
    }

    /// <summary>Added, updated, unchanged, refused.</summary>
    public static (int Added, int Updated, int Unchanged, int Refused) Counts(this Answer import)
    {
        int Of(string name) => import.Body[name]!.GetValue<int>();
        Assert.Equal(Of("lines"), Of("added") + Of("updated") + Of("unchanged") + Of("refused"));
        return (Of("added"), Of("updated"), Of("unchanged"), Of("refused"));
    }

    /// <summary>Of each line: its number, outcome and code.</summary>
    public static async Task<string[]> Report(this HttpClient editor, Answer import)
    {
        var report = (await editor.Get($"{Imports}/{import.Id}/report")).Is(HttpStatusCode.OK);
        Assert.Equal("text/csv", report.Message.Content.Headers.ContentType?.MediaType);
        var lines = report.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("line,outcome,code,message", lines[0]);
        return [.. lines[1..].Select(l => string.Join(' ', l.Split(',')[..3]).Trim())];
    }

    /// <summary>The one reader of an address; null when there is none.</summary>
    public static async Task<System.Text.Json.Nodes.JsonNode?> ReaderOf(this HttpClient editor, string email) =>
        (await editor.Get($"{Subscribers}?email={Uri.EscapeDataString(email)}")).Is(HttpStatusCode.OK).Body["items"]!.AsArray().SingleOrDefault();

    /// <summary>A file of so many readers of a stem.</summary>
    public static byte[] FileOf(string stem, int readers)
    {
        var file = new StringBuilder("email,name\r\n");
        for (var i = 0; i < readers; i++) file.Append(System.Globalization.CultureInfo.InvariantCulture, $"{stem}.{i}@example.org,Reader {i}\r\n");
        return Encoding.UTF8.GetBytes(file.ToString());
    }
}
