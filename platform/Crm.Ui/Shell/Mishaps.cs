using Crm.Data;
using Microsoft.Extensions.Logging;

namespace Crm.Ui.Shell;

/// <summary>Notes what went wrong on our side under a word that the person can quote and the log can be searched for.</summary>
public sealed class Mishaps(IdSource ids, ILogger<Mishaps> log)
{
    /// <returns>The correlation id.</returns>
    public string Note(Exception exception)
    {
        var id = ids.Next().ToString("N")[^12..];
        log.LogError(exception, "A screen failed. Correlation id {CorrelationId}", id);
        return id;
    }
}
