using System.Globalization;
using System.Text;

namespace Crm.Workflow;

/// <summary>Declares for a script's editor what the script of a workflow can call.</summary>
public static class ScriptTypes
{
    private const string Always =
        """
        declare var variables: any;
        declare var args: any;
        declare function getInput(name: string): any;
        declare function getVariable(name: string): any;
        declare function setVariable(name: string, value: any): void;
        declare function getOutputFrom(activityIdOrName: string, outputName?: string): any;
        declare function getLastResult(): any;
        declare function getWorkflowDefinitionId(): string;
        declare function getWorkflowDefinitionVersionId(): string;
        declare function getWorkflowDefinitionVersion(): number;
        declare function getWorkflowInstanceId(): string;
        declare function getCorrelationId(): string;
        declare function setCorrelationId(value: string): void;
        declare function getWorkflowInstanceName(): string;
        declare function setWorkflowInstanceName(value: string): void;
        declare function isNullOrWhiteSpace(value: string): boolean;
        declare function isNullOrEmpty(value: string): boolean;
        declare function toJson(value: any): string;
        declare function parseGuid(value: string): string;
        declare function newGuid(): string;
        declare function newGuidString(): string;
        declare function newShortGuid(): string;
        declare function bytesToString(value: any): string;
        declare function bytesFromString(value: string): any;
        declare function bytesToBase64(value: any): string;
        declare function bytesFromBase64(value: string): any;
        declare function stringToBase64(value: string): string;
        declare function stringFromBase64(value: string): string;
        declare function streamToBytes(value: any): any;
        declare function streamToBase64(value: any): string;
        declare function createEventTriggerUrl(eventName: string, lifetimeOrExpiry?: string | number | Date): string;
        declare function getSecret(name: string): Promise<string>;
        declare function setOutcome(name: string): void;
        declare function setOutcomes(names: string[]): void;

        """;

    public static string Of(WorkflowDefinition? definition)
    {
        var text = new StringBuilder(Always);
        foreach (var variable in definition?.Variables ?? [])
        {
            if (IsName(variable.Name))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"declare function get{Pascal(variable.Name)}(): {TypeOf(variable.Type)};").AppendLine(CultureInfo.InvariantCulture, $"declare function set{Pascal(variable.Name)}(value: {TypeOf(variable.Type)}): void;");
            }
        }
        foreach (var input in definition?.Inputs.Where(i => IsName(i.Name)) ?? [])
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"declare function get{Pascal(input.Name)}(): {TypeOf(input.Type)};");
        }
        return text.ToString();
    }

    private static string TypeOf(Type? type) => type == typeof(string) || type == typeof(Guid) || type == typeof(TimeSpan) ? "string"
        : type == typeof(bool) ? "boolean"
        : type == typeof(DateTimeOffset) ? "Date"
        : type == typeof(List<object?>) ? "any[]"
        : type is { IsPrimitive: true } || type == typeof(decimal) ? "number"
        : "any";

    private static bool IsName(string name) => name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(c => char.IsLetterOrDigit(c) || c == '_');

    private static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
