using Crm.Tests.Metadata;

namespace Crm.Tests.Api;

/// <summary>A server with an entity that says everything an entity's file can say, as the description of the metadata shows it.</summary>
public sealed class ContractServer : ApiServer
{
    private readonly MetadataFolder _metadata = new();

    public ContractServer()
    {
        _metadata
            .With("entities/bargain.json", Bargain)
            .WithEntity("bargain_line", """{"name": "bargain", "type": "lookup", "target": "bargain", "onDelete": "cascade"}, {"name": "quantity", "type": "integer"}""", "\"template\": \"line\"")
            .WithEntity("cost_line", """{"name": "bargain", "type": "lookup", "target": "bargain"}, {"name": "amount", "type": "money"}, {"name": "billable", "type": "boolean"}""");
        MetadataPath = _metadata.Path;
    }

    public const string Bargain = """
        { "name": "bargain", "label": {"en": "Bargain", "zh-CN": "销售机会"}, "pluralLabel": {"en": "Bargains"}, "icon": "trending_up",
          "template": "standard",            // standard | person | company | interaction | line | ledger
          "titleField": "name", "searchFields": ["name", "customer.name"], "audit": true,
          "fields": [
            {"name": "name", "type": "text", "label": {"en": "Name"}, "required": true, "maxLength": 200, "help": {"en": "What it is about."}},
            {"name": "amount", "type": "money", "min": 0},
            {"name": "stage", "type": "choice", "options": [{"value": "qualify", "label": {"en": "Qualify"}, "color": "#2756c5"}, {"value": "won"}], "default": "qualify"},
            {"name": "customer", "type": "lookup", "target": "customer", "onDelete": "restrict"},
            {"name": "buyer", "type": "lookup", "target": "contact", "dependsOn": "customer"},
            {"name": "regarding", "type": "anyLookup", "targets": ["customer", "opportunity"]},
            {"name": "contacts", "type": "links", "target": "contact", "columns": [
                {"name": "role", "type": "choice", "options": [{"value": "decider"}]}, {"name": "attitude", "type": "choice", "options": [{"value": "for"}, {"value": "against"}]}]},
            {"name": "lines", "type": "rows", "target": "bargain_line"},
            {"name": "cost", "type": "rollup", "function": "sum", "source": "cost_line.bargain", "field": "amount", "filter": {"field": "billable", "op": "eq", "value": true}},
            {"name": "code", "type": "autonumber", "pattern": "OPP-{yyyy}-{0000}"},
            {"name": "phone", "type": "phone"},
            {"name": "emails", "type": "email", "multiple": true},
            {"name": "probability", "type": "percent", "min": 0, "max": 100},
            {"name": "margin", "type": "decimal", "scale": 9},
            {"name": "close_date", "type": "date"},
            {"name": "discount", "type": "integer", "sensitive": true, "requiredWhen": {"field": "stage", "op": "eq", "value": "won"}, "readOnlyWhen": {"field": "stage", "op": "eq", "value": "won"}},
            {"name": "reason", "type": "text", "visibleWhen": {"field": "stage", "op": "eq", "value": "won"}} ],
          "unique": [["code"]], "indexes": [["stage", "owner"]],
          "duplicates": [{"name": "same-phone", "match": [{"field": "phone", "how": "phone"}], "action": "warn"}],
          "form": {"sections": [{"name": "main", "fields": ["name", "amount"]}]}, "views": [{"name": "won", "columns": ["name", "customer.name"], "filter": {"field": "stage", "op": "eq", "value": "won"}, "sort": "-amount"}],
          "roles": {"everyone": {"read": "all", "create": "all", "update": "all", "delete": "all"}} }
        """;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }
}
