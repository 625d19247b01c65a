namespace Crm.Ui.Records;

/// <summary>Has the browser keep what is typed into the form that is shown, and offers what was typed there before. One for each place where forms are shown.</summary>
public sealed class FormKeeper(FormMemory memory, TimeProvider time)
{
    private string _place = "";
    private KeptInput? _told;
    private bool _hasAsked, _isOver;

    /// <summary>What was typed here before and never saved; null if that is nothing.</summary>
    public KeptInput? Offered { get; private set; }

    /// <summary>Another form is shown from now on.</summary>
    public void Begin(string place) => (_place, _told, Offered, _hasAsked, _isOver) = (place, null, null, false, false);

    /// <summary>Looks at the form once it is drawn: the first time the browser is asked for what was typed here before, from then on it is told what is typed.</summary>
    /// <returns>Whether there is something to offer now.</returns>
    public async Task<bool> LookAsync(RecordDraft draft)
    {
        if (_isOver)
        {
            return false;
        }
        var place = _place;
        if (!_hasAsked)
        {
            _hasAsked = true;
            var kept = await memory.RecallAsync(place);
            if (place == _place)
            {
                Offered = kept;
            }
            return Offered is not null;
        }
        var now = KeptInput.Of(draft, time.GetUtcNow());
        if (now is null ? _told is not null : !now.IsSameAs(_told))
        {
            _told = now;
            await (now is null ? memory.ForgetAsync(place) : memory.KeepAsync(place, now));
        }
        return false;
    }

    /// <summary>The form with what is offered.</summary>
    public RecordDraft Resume(RecordDraft draft)
    {
        var resumed = draft.Resume(Offered!);
        Offered = null;
        return resumed;
    }

    /// <summary>What was typed so far is saved, or not wanted any more.</summary>
    public Task LetGoAsync()
    {
        (Offered, _told) = (null, null);
        return memory.ForgetAsync(_place);
    }

    /// <summary>The same, and nothing more is kept until another form is shown.</summary>
    public Task EndAsync()
    {
        _isOver = true;
        return LetGoAsync();
    }
}
