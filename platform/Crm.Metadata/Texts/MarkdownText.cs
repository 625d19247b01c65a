using Markdig;

namespace Crm.Metadata;

/// <summary>Markdown as markup; what is markup already is shown as text, and what comes out passes the same whitelist as formatted text.</summary>
public static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoLinks().UseEmphasisExtras().UseTaskLists().Build();

    public static string ToHtml(string markdown) => RichText.Clean(Markdown.ToHtml(markdown, Pipeline));
}
