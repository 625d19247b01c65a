using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The columns that a profile makes of those of a file, compiled once and filled in row by row.</summary>
internal sealed class ComputedColumns
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly List<Func<string[], int, string>> _makers = [];

    private ComputedColumns(IReadOnlyList<string> columns) => Columns = columns;

    /// <summary>The columns of the file and then the computed ones.</summary>
    public IReadOnlyList<string> Columns { get; private set; }

    /// <summary>Compiles them; one may use those before it.</summary>
    /// <param name="columns">The columns of the file; null while none is at hand, when any may be named.</param>
    /// <param name="computed">What is made of them.</param>
    /// <param name="nullValues">Texts that mean: no value.</param>
    /// <param name="problems">What is wrong, at the path inside the options.</param>
    public static ComputedColumns Compile(IReadOnlyList<string>? columns, IReadOnlyList<ImportComputedColumn> computed, IReadOnlySet<string> nullValues, List<Problem> problems)
    {
        var all = (columns ?? []).ToList();
        var made = new ComputedColumns(all);
        for (var i = 0; i < computed.Count; i++)
        {
            var (column, at) = (computed[i], $"computed[{i}].");
            if (column.Name.Trim().Length == 0 || all.Contains(column.Name))
            {
                problems.Add(Problem.At(at + "name", ProblemKind.Invalid, "import.duplicateColumn", column.Name));
            }
            made._makers.Add(Maker(column, at, name => PlaceOf(name), nullValues, problems));
            all.Add(column.Name);

            int PlaceOf(string name)
            {
                var place = all.IndexOf(name);
                if (place < 0 && columns is not null)
                {
                    problems.Add(Problem.At(at + (column.Of is null ? "text" : "of"), ProblemKind.Invalid, "import.column", name));
                }
                return Math.Max(place, 0);
            }
        }
        made.Columns = all;
        return made;
    }

    /// <summary>The cells of a row with the computed ones behind them.</summary>
    public string[] Extend(string[] cells, int row)
    {
        if (_makers.Count == 0)
        {
            return cells;
        }
        var extended = new string[Columns.Count];
        cells.CopyTo(extended, 0);
        for (var i = 0; i < _makers.Count; i++)
        {
            extended[cells.Length + i] = _makers[i](extended, row);
        }
        return extended;
    }

    private static Func<string[], int, string> Maker(ImportComputedColumn column, string at, Func<string, int> placeOf, IReadOnlySet<string> nullValues, List<Problem> problems)
    {
        if (column.Text is null == column.Of is null)
        {
            problems.Add(Problem.At(at + "text", ProblemKind.Invalid, "import.computed"));
        }
        else if (column.Text is { } text)
        {
            return Template(text, at, placeOf, nullValues, problems);
        }
        else if (column is { Pattern: null, Separator: null } and not { Times: null, By: null, Plus: null })
        {
            return Sum(column, placeOf(column.Of!), [.. (column.By ?? []).Select(placeOf)]);
        }
        else
        {
            var (place, piece) = (placeOf(column.Of!), Piece(column, at, problems));
            return (cells, _) => cells[place].Trim() is { Length: > 0 } cell && !nullValues.Contains(cell) ? piece(cell) : "";
        }
        return (_, _) => "";
    }

    private static Func<string[], int, string> Template(string template, string at, Func<string, int> placeOf, IReadOnlySet<string> nullValues, List<Problem> problems)
    {
        var pieces = new List<(string Text, int? Place, bool IsRow)>();
        for (var i = 0; i < template.Length;)
        {
            var open = template.IndexOf('{', i);
            var close = open < 0 ? -1 : template.IndexOf('}', open);
            if (open >= 0 && close < 0)
            {
                problems.Add(Problem.At(at + "text", ProblemKind.Invalid, "import.template", template));
                break;
            }
            pieces.Add((open < 0 ? template[i..] : template[i..open], null, false));
            if (open < 0)
            {
                break;
            }
            var name = template[(open + 1)..close];
            pieces.Add(name == "row" ? ("", null, true) : ("", placeOf(name), false));
            i = close + 1;
        }
        var isFixed = pieces.TrueForAll(p => p.Place is null);
        return (cells, row) =>
        {
            var (made, isEmpty) = (new StringBuilder(), !isFixed);
            foreach (var (text, place, isRow) in pieces)
            {
                if (place is { } at)
                {
                    if (cells[at].Trim() is { Length: > 0 } cell && !nullValues.Contains(cell))
                    {
                        made.Append(cell);
                        isEmpty = false;
                    }
                }
                else
                {
                    made.Append(isRow ? row.ToString(CultureInfo.InvariantCulture) : text);
                }
            }
            return isEmpty ? "" : made.ToString().Trim();
        };
    }

    /// <summary>
    /// Empty where a figure is missing; what is no number stays as it is, and what grows larger than any number can be stays a sum to do, so that the row
    /// says what is wrong with it.
    /// </summary>
    private static Func<string[], int, string> Sum(ImportComputedColumn column, int place, int[] factors) => (cells, _) =>
    {
        if (ExactDecimal.Read(cells[place], CultureInfo.InvariantCulture) is not { } number)
        {
            return cells[place];
        }
        try
        {
            foreach (var factor in factors)
            {
                if (ExactDecimal.Read(cells[factor], CultureInfo.InvariantCulture) is not { } by)
                {
                    return cells[factor];
                }
                number *= by;
            }
            return ExactDecimal.Trim((number * (column.Times ?? 1)) + (column.Plus ?? 0)).ToString(CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{string.Join(" × ", factors.Select(f => cells[f]).Prepend(cells[place]))} × {column.Times ?? 1} + {column.Plus ?? 0}");
        }
    };

    private static Func<string, string> Piece(ImportComputedColumn column, string at, List<Problem> problems)
    {
        switch (column)
        {
            case { Pattern: { } pattern, Separator: null, Times: null, By: null, Plus: null }:
                try
                {
                    var regex = new Regex(pattern, RegexOptions.CultureInvariant, Patience);
                    return cell => Match(regex, cell);
                }
                catch (ArgumentException e)
                {
                    problems.Add(Problem.At(at + "pattern", ProblemKind.Invalid, "import.pattern", e.Message));
                    break;
                }
            case { Separator: { Length: > 0 } separator, Part: { } part and not 0, Pattern: null, Times: null, By: null, Plus: null }:
                return cell =>
                {
                    var pieces = cell.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    var place = part > 0 ? part - 1 : pieces.Length + part;
                    return place < 0 || place >= pieces.Length ? "" : column.Rest ? string.Join(separator, pieces.Skip(place)) : pieces[place];
                };
            case { Pattern: null, Separator: null, Times: null, By: null, Plus: null }:
                return cell => cell;
            default:
                problems.Add(Problem.At(at + "of", ProblemKind.Invalid, "import.computedOf"));
                break;
        }
        return cell => cell;
    }

    /// <summary>Empty where the pattern does not fit; a cell over which it thinks too long stays as it is.</summary>
    private static string Match(Regex regex, string cell)
    {
        try
        {
            return regex.Match(cell) is { Success: true } found ? (found.Groups.Count > 1 ? found.Groups[1].Value : found.Value).Trim() : "";
        }
        catch (RegexMatchTimeoutException)
        {
            return cell;
        }
    }
}
