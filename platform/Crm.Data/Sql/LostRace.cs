namespace Crm.Data;

/// <summary>A record was changed by somebody else between reading and writing it: the transaction begins again and sees what they wrote.</summary>
internal sealed class LostRace(string statement) : Exception("Not one row was changed where one was to be: " + statement);
