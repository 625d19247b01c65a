using Crm.Metadata;

namespace Crm.Data;

/// <summary>Holds the records that an installation begins with against the Model: what they name must be there, and their values must fit.</summary>
internal sealed class SeedCheck : IModelCheck
{
    public IEnumerable<MetadataProblem> Check(Model model) => SeedRecord.ProblemsOf(model);
}
