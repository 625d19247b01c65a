using System.Data.Common;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The commands of one connection by their SQL, so that each is made and prepared once.</summary>
internal sealed class StatementCache(ValueCodec codec)
{
    /// <summary>More would be of no use to anybody who asks again and again.</summary>
    internal const int KeptStatements = 400;

    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>A command with its parameters set.</summary>
    public DbCommand Take(DbConnection connection, string sql, IReadOnlyList<SqlParameter> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            if (_commands.Count >= KeptStatements)
            {
                Clear();
            }
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters.Count; i++)
            {
                command.Parameters.Add(codec.CreateParameter(i, parameters[i].Kind));
            }
            _commands[sql] = command;
        }
        for (var i = 0; i < parameters.Count; i++)
        {
            codec.Set(command.Parameters[i], parameters[i]);
        }
        return command;
    }

    public void Clear()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
        _commands.Clear();
    }
}
