using Crm.Rules;

namespace Crm.Data;

/// <summary>One row on its way: its texts, the values they became, and what was wrong.</summary>
internal sealed class ImportRow(int line, int number, string[] texts)
{
    private Dictionary<Problem, ImportColumn>? _columns;

    /// <summary>Where it stands in the file.</summary>
    public int Line { get; } = line;

    /// <summary>Its number among the rows, from 1.</summary>
    public int Number { get; } = number;

    public string[] Texts { get; } = texts;

    /// <summary>In the order of the plan's fields; a field that awaits a row further down has none.</summary>
    public List<FieldValue> Values { get; set; } = [];

    public List<Problem> Problems { get; } = [];

    public List<(ImportColumn Column, NamedRecord Named)> Later { get; } = [];

    public bool IsDuplicate { get; set; }

    /// <summary>The options leave it out.</summary>
    public bool IsSkipped { get; set; }

    /// <summary>Notes what is wrong with the text of one column.</summary>
    public void Refuse(ImportColumn column, Problem problem)
    {
        Problems.Add(problem);
        (_columns ??= new(ReferenceEqualityComparer.Instance))[problem] = column;
    }

    public ImportColumn? ColumnOf(Problem problem) => _columns?.GetValueOrDefault(problem);
}
