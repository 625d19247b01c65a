namespace Crm.Metadata;

/// <summary>Checks what only a higher layer understands, such as conditions, once a Model is compiled.</summary>
public interface IModelCheck
{
    /// <returns>What is wrong: in which entity's file, at which path, and why.</returns>
    IEnumerable<(Entity Entity, string Path, string Message)> Check(Model model);
}
