using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Records;
using Crm.Ui.Shell;

namespace Crm.Ui.Lists;

/// <summary>One mass change that is under way.</summary>
public sealed record MassRun(Job Job, Entity Entity, string What);

/// <summary>
/// The mass changes that a person has started in this tab. They go on when the person turns to something else; when one is over a toast says what came
/// out and offers the way back.
/// </summary>
public sealed class MassRuns(MassChanges mass, JobStore jobs, UndoToast undoing, Toaster toaster, CurrentActor current, ModelSource models, UiText texts, Mishaps mishaps, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _gone = new();
    private readonly List<MassRun> _runs = [];

    /// <summary>Something began, went on or ended.</summary>
    public event EventHandler? Changed;

    public IReadOnlyList<MassRun> Running => _runs;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Starts it and comes back once it is over.</summary>
    /// <param name="change">What is to happen.</param>
    /// <param name="what">In words, while it runs.</param>
    /// <param name="done">In words, once it is done; {0} is the number of records.</param>
    public async Task RunAsync(MassChange change, string what, string done)
    {
        try
        {
            var run = new MassRun(await mass.StartAsync(change, current.Actor, _gone.Token), change.Entity, what);
            _runs.Add(run);
            Changed?.Invoke(this, EventArgs.Empty);
            while (!run.Job.IsOver)
            {
                await Task.Delay(Pause, time, _gone.Token);
                var next = run with { Job = await jobs.FindAsync(run.Job.Id, current.Actor, _gone.Token) ?? run.Job };
                _runs[_runs.IndexOf(run)] = next;
                run = next;
                Changed?.Invoke(this, EventArgs.Empty);
            }
            _runs.Remove(run);
            Changed?.Invoke(this, EventArgs.Empty);
            Tell(run.Job, done);
        }
        catch (ProblemException e)
        {
            toaster.ShowProblem(e.Problems[0].Message(models.Current.Texts));
        }
        catch (OperationCanceledException)
        {
            // The tab was closed; the work goes on.
        }
#pragma warning disable CA1031 // It may run for a page that is long gone: nobody else would hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            toaster.ShowProblem(texts["form.failed", mishaps.Note(e)]);
        }
    }

    public Task CancelAsync(MassRun run) => jobs.CancelAsync(run.Job.Id, CancellationToken.None);

    private void Tell(Job job, string done)
    {
        if (job.ProblemOf() is { } problem)
        {
            toaster.ShowProblem(problem.Message(models.Current.Texts));
            return;
        }
        var (written, errors) = (Number(job, "updated") + Number(job, "deleted") + Number(job, "restored"), Number(job, "errors"));
        if (written > 0 && job.Result?["changeSet"]?.GetValue<string>() is { } set)
        {
            undoing.Show(string.Format(System.Globalization.CultureInfo.CurrentCulture, done, written), Guid.Parse(set), () => toaster.Show(texts["bulk.undone"]));
        }
        else if (errors == 0)
        {
            toaster.Show(texts[job.State == JobState.Cancelled ? "bulk.cancelled" : "bulk.nothing"]);
        }
        if (errors > 0)
        {
            var first = job.Result?["problems"]?[0]?["message"]?.GetValue<string>();
            toaster.ShowProblem(texts["bulk.refused", errors, first ?? ""]);
        }
    }

    private static long Number(Job job, string name) => job.Result?[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;
}
