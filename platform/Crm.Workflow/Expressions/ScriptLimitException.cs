namespace Crm.Workflow;

/// <summary>A script used more than it may. No <c>catch</c> of a script catches it.</summary>
internal sealed class ScriptLimitException(string message) : Exception(message);
