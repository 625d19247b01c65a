namespace Crm.Workflow;

/// <content>Where the instance waits.</content>
public sealed partial class WorkflowRun
{
    internal Bookmark AddBookmark(ActivityContext context, Stimulus stimulus, bool perActivity, bool autoBurn)
    {
        var bookmark = new Bookmark
        {
            Id = ActivityInstanceId(++LastNumber),
            Name = stimulus.Name,
            Hash = stimulus.Hash(perActivity ? context.Id : null),
            Payload = stimulus.Payload,
            ActivityId = context.Node.Id,
            NodeId = context.Node.NodeId,
            ActivityInstanceId = context.Id,
            ActivityNumber = context.Number,
            CreatedAt = Now(),
            DueAt = stimulus.DueAt,
            AutoBurn = autoBurn,
        };
        Bookmarks.Add(bookmark);
        context.BookmarkCount++;
        return bookmark;
    }

    /// <summary>Tasks that were asked for and are not wanted any more, since the last commit.</summary>
    internal List<string> WithdrawnTasks { get; } = [];

    internal void RemoveBookmarks(ActivityContext context)
    {
        if (context.BookmarkCount > 0)
        {
            WithdrawTasks(b => b.ActivityNumber == context.Number);
            Bookmarks.RemoveAll(b => b.ActivityNumber == context.Number);
            context.BookmarkCount = 0;
        }
    }

    internal void RemoveBookmark(Bookmark bookmark)
    {
        if (Bookmarks.RemoveAll(b => b.Id == bookmark.Id) > 0 && Find(bookmark.ActivityNumber) is { } context)
        {
            context.BookmarkCount--;
        }
    }

    /// <summary>Nobody needs to do any more what nobody waits for.</summary>
    private void WithdrawTasks(Predicate<Bookmark> isGone) =>
        WithdrawnTasks.AddRange(Bookmarks.Where(b => b.Name == RunTask.TypeName && isGone(b)).Select(b => b.Payload.GetValueOrDefault("TaskId")).OfType<string>());
}
