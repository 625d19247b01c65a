namespace Crm.Metadata;

/// <summary>Checks what only a higher layer understands, such as conditions, once a Model is compiled.</summary>
public interface IModelCheck
{
    /// <returns>What is wrong: in which file (<see cref="Model.FileOf"/>), at which path, and why.</returns>
    IEnumerable<MetadataProblem> Check(Model model);
}
