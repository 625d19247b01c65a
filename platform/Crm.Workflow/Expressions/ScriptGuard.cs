using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Jint.Parser;
using Jint.Parser.Ast;
using ScriptExpression = Jint.Parser.Ast.Expression;

namespace Crm.Workflow;

/// <summary>
/// The interpreter has no place to ask, between two statements, how much a script has used. So the question is written into the script once it is
/// parsed: each function and each turn of a loop begins with it, and what can make texts long is looked at. The names of what is called cannot be written in a script.
/// </summary>
internal static class ScriptGuard
{
    /// <summary>Called with nothing, at each turn.</summary>
    public const string Tick = " tick";

    /// <summary>Called with what was added, and gives it back.</summary>
    public const string Check = " check";

    /// <summary>Called with what was made by <c>new</c>, and gives it back.</summary>
    public const string Made = " made";

    /// <summary>So many additions in one expression go unseen at most.</summary>
    private const int Unseen = 4;

    private const int MaxDepth = 200;

    private static readonly ConcurrentDictionary<Type, MemberInfo[]> Members = new();

    /// <summary>Parses a script that is one function.</summary>
    /// <param name="source">The function, in brackets.</param>
    /// <param name="completes">Whether it gives the value of its last statement, as <c>eval</c> would.</param>
    /// <exception cref="ParserException">It is no script, or one that cannot be guarded.</exception>
    public static Program Read(string source, bool completes)
    {
        var program = new JavaScriptParser().Parse(source);
        if (completes && program.Body.First() is ExpressionStatement { Expression: FunctionExpression { Body: BlockStatement body } })
        {
            body.Body = Completed(body.Body);
        }
        Visit(program, 0);
        return program;
    }

    private static List<Statement> Completed(IEnumerable<Statement> statements)
    {
        var list = statements.ToList();
        if (list.FindLastIndex(s => s is not (EmptyStatement or FunctionDeclaration)) is var last and >= 0)
        {
            list[last] = Completed(list[last]);
        }
        return list;
    }

    private static Statement Completed(Statement statement)
    {
        switch (statement)
        {
            case ExpressionStatement plain:
                return new ReturnStatement { Type = SyntaxNodes.ReturnStatement, Argument = plain.Expression, Location = plain.Location };
            case BlockStatement block:
                block.Body = Completed(block.Body);
                break;
            case IfStatement choice:
                choice.Consequent = Completed(choice.Consequent);
                choice.Alternate = choice.Alternate is null ? null : Completed(choice.Alternate);
                break;
            case TryStatement attempt:
                attempt.Block = Completed(attempt.Block);
                foreach (var handler in attempt.Handlers)
                {
                    handler.Body = (BlockStatement)Completed(handler.Body);
                }
                break;
        }
        return statement;
    }

    private static SyntaxNode Visit(SyntaxNode node, int depth)
    {
        KeepDepth(depth);
        foreach (var member in Members.GetOrAdd(node.GetType(), MembersOf))
        {
            switch (Read(member, node))
            {
                case BinaryExpression inner when IsUnseen(inner, node):
                    VisitUnseen(inner, depth + 1);
                    break;
                case SyntaxNode child:
                    Write(member, node, Visit(child, depth + 1));
                    break;
                case IEnumerable children and not string:
                    Write(member, node, Visit(children, member, depth));
                    break;
            }
        }
        return Guarded(node);
    }

    /// <summary>The beginning of a row of additions is looked at with what follows, up to a few.</summary>
    private static bool IsUnseen(BinaryExpression inner, SyntaxNode outer) =>
        inner.Operator == BinaryOperator.Plus && outer is BinaryExpression { Operator: BinaryOperator.Plus } sum && ReferenceEquals(sum.Left, inner) && Additions(inner) % Unseen != 0;

    private static void VisitUnseen(BinaryExpression node, int depth)
    {
        KeepDepth(depth);
        if (node.Left is BinaryExpression inner && IsUnseen(inner, node))
        {
            VisitUnseen(inner, depth + 1);
        }
        else
        {
            node.Left = (ScriptExpression)Visit(node.Left, depth + 1);
        }
        node.Right = (ScriptExpression)Visit(node.Right, depth + 1);
    }

    private static void KeepDepth(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ParserException("The script is nested too deeply.");
        }
    }

    /// <summary>How many additions stand in a row to the left.</summary>
    private static int Additions(BinaryExpression node)
    {
        var count = 1;
        for (var left = node.Left; left is BinaryExpression { Operator: BinaryOperator.Plus } more; left = more.Left)
        {
            count++;
        }
        return count;
    }

    private static IList Visit(IEnumerable children, MemberInfo member, int depth)
    {
        var type = (member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType).GetGenericArguments()[0];
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type))!;
        foreach (var child in children)
        {
            list.Add(child is SyntaxNode node ? Visit(node, depth + 1) : child);
        }
        return list;
    }

    private static SyntaxNode Guarded(SyntaxNode node)
    {
        switch (node)
        {
            case WithStatement:
                throw new ParserException("'with' cannot be used.");
            case BinaryExpression { Operator: BinaryOperator.Plus } or AssignmentExpression { Operator: AssignmentOperator.PlusAssign }:
                return Call(Check, (ScriptExpression)node);
            case NewExpression:
                return Call(Made, (ScriptExpression)node);
            case ForStatement loop:
                loop.Body = Ticking(loop.Body);
                break;
            case ForInStatement loop:
                loop.Body = Ticking(loop.Body);
                break;
            case WhileStatement loop:
                loop.Body = Ticking(loop.Body);
                break;
            case DoWhileStatement loop:
                loop.Body = Ticking(loop.Body);
                break;
            case FunctionExpression { Body: BlockStatement body }:
                body.Body = [TickStatement(), .. body.Body];
                break;
            case FunctionDeclaration { Body: BlockStatement body }:
                body.Body = [TickStatement(), .. body.Body];
                break;
        }
        return node;
    }

    private static BlockStatement Ticking(Statement body) => new() { Type = SyntaxNodes.BlockStatement, Body = new List<Statement> { TickStatement(), body }, Location = body.Location };

    private static ExpressionStatement TickStatement() => new() { Type = SyntaxNodes.ExpressionStatement, Expression = Call(Tick) };

    private static CallExpression Call(string name, params ScriptExpression[] arguments) => new()
    {
        Type = SyntaxNodes.CallExpression,
        Callee = new Identifier { Type = SyntaxNodes.Identifier, Name = name },
        Arguments = [.. arguments],
    };

    /// <summary>What of a node are nodes. Declarations are listed beside the body that holds them: once is enough.</summary>
    private static MemberInfo[] MembersOf(Type type) =>
    [
        .. type.GetFields(BindingFlags.Public | BindingFlags.Instance).Where(f => IsNode(f.FieldType) && f.Name is not ("Tokens" or "Comments" or "Errors" or "GuardedHandlers" or "Defaults")),
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite && p.Name == "Body"),
    ];

    private static bool IsNode(Type type) =>
        typeof(SyntaxNode).IsAssignableFrom(type) || (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && typeof(SyntaxNode).IsAssignableFrom(type.GetGenericArguments()[0]));

    private static object? Read(MemberInfo member, SyntaxNode node) => member is FieldInfo field ? field.GetValue(node) : ((PropertyInfo)member).GetValue(node);

    private static void Write(MemberInfo member, SyntaxNode node, object value)
    {
        if (member is FieldInfo field)
        {
            field.SetValue(node, value);
        }
        else
        {
            ((PropertyInfo)member).SetValue(node, value);
        }
    }
}
