using Crm.Data;

namespace Crm.Workflow;

[Activity("Crm.CreateRecord", "CRM", "Creates a record.", DisplayName = "Create record")]
public sealed class CreateRecord : RecordActivity
{
    [Input("The values by field name.", UiHint = "json-editor", DefaultSyntax = "Object")]
    public Input<IDictionary<string, object?>> FieldValues { get; set; } = null!;

    [Output("The record as it was written.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    [Output("Its id.", typeof(string))]
    public Output RecordId { get; set; } = null!;

    private protected override async ValueTask ExecuteAsync(ActivityContext context, RecordWork work)
    {
        var record = await work.WriteAsync(RecordChange.Create(work.Entity, RecordMaps.Fields(work.Entity, FieldValues.Get(context) ?? new Dictionary<string, object?>())));
        context.Set(RecordId, record.Id.ToString("D"));
        context.Set(Result, RecordMaps.ToMap(record));
        context.Complete();
    }
}

[Activity("Crm.UpdateRecord", "CRM", "Changes fields of a record.", DisplayName = "Update record")]
public sealed class UpdateRecord : RecordActivity
{
    [Input("Which record.")]
    public Input<string> RecordId { get; set; } = null!;

    [Input("The values by field name.", UiHint = "json-editor", DefaultSyntax = "Object")]
    public Input<IDictionary<string, object?>> FieldValues { get; set; } = null!;

    [Output("The record as it was written.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    private protected override async ValueTask ExecuteAsync(ActivityContext context, RecordWork work)
    {
        var values = RecordMaps.Fields(work.Entity, FieldValues.Get(context) ?? new Dictionary<string, object?>());
        var record = await work.WriteAsync(RecordChange.Update(work.Entity, RecordMaps.Id(RecordId.Required(context)), values, expectedVersion: null));
        context.Set(Result, RecordMaps.ToMap(record));
        context.Complete();
    }
}

[Activity("Crm.GetRecord", "CRM", "Reads a record.", DisplayName = "Get record", Outcomes = "Found,Not found")]
public sealed class GetRecord : RecordActivity
{
    private static readonly Outcomes Found = Outcomes.Of("Found", "Done"), NotFound = Outcomes.Of("Not found");

    [Input("Which record.")]
    public Input<string> RecordId { get; set; } = null!;

    [Output("The record, or nothing.", typeof(IDictionary<string, object?>))]
    public Output Result { get; set; } = null!;

    private protected override async ValueTask ExecuteAsync(ActivityContext context, RecordWork work)
    {
        var record = await work.FindAsync(RecordMaps.Id(RecordId.Required(context)));
        context.Set(Result, record is null ? null : RecordMaps.ToMap(record));
        context.Complete(record is null ? NotFound : Found);
    }
}

[Activity("Crm.QueryRecords", "CRM", "Finds records by a condition.", DisplayName = "Find records")]
public sealed class QueryRecords : RecordActivity
{
    [Input("Which records: a condition.", UiHint = "json-editor", DefaultSyntax = "Object")]
    public Input<object> Filter { get; set; } = null!;

    [Input("Their order, as in -amount,name.")]
    public Input<string> Sort { get; set; } = null!;

    [Input("How many at most.", Default = 50)]
    public Input<int> Limit { get; set; } = null!;

    [Output("The records.", typeof(List<object?>))]
    public Output Result { get; set; } = null!;

    private protected override async ValueTask ExecuteAsync(ActivityContext context, RecordWork work)
    {
        context.Set(Result, await work.QueryAsync(WorkflowConditions.Read(Filter, work.Entity, context), Sort.Get(context), Math.Clamp(Limit.Get(context), 1, RecordQuery.MaxLimit)));
        context.Complete();
    }
}

[Activity("Crm.DeleteRecord", "CRM", "Puts a record into the recycle bin.", DisplayName = "Delete record")]
public sealed class DeleteRecord : RecordActivity
{
    [Input("Which record.")]
    public Input<string> RecordId { get; set; } = null!;

    private protected override async ValueTask ExecuteAsync(ActivityContext context, RecordWork work)
    {
        await work.WriteAsync(RecordChange.Delete(work.Entity, RecordMaps.Id(RecordId.Required(context))));
        context.Complete();
    }
}
