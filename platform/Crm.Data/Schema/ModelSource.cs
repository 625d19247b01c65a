using Crm.Metadata;

namespace Crm.Data;

/// <summary>The Model in force. It is read often and replaced as a whole.</summary>
public sealed class ModelSource(Model model)
{
    private volatile Model _current = model;

    public Model Current => _current;
}
