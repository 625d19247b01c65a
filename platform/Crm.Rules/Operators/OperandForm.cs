namespace Crm.Rules;

/// <summary>What stands on the other side of an operator.</summary>
public enum OperandForm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One value, a variable or another field.</summary>
    One,

    /// <summary>A lower and an upper bound.</summary>
    Pair,

    /// <summary>Any number of values.</summary>
    List,

    /// <summary>Any number of values, or one without a list around it.</summary>
    OneOrList,

    /// <summary>A span of time such as <c>last7days</c>.</summary>
    Span,
}
