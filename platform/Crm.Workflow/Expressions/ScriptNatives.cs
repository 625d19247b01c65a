using System.Globalization;
using System.Text;
using Jint;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Object;
using Jint.Native.RegExp;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;

namespace Crm.Workflow;

/// <summary>
/// The functions that the interpreter brings take one statement whatever they do. Those that go over something, make something long or call themselves are
/// held against the budget here, before and after they are called.
/// </summary>
internal sealed class ScriptNatives(Engine engine, ScriptBudget budget)
{
    private static readonly TimeSpan MaxMatch = TimeSpan.FromMilliseconds(200);

    private int _joining;

    public void Guard()
    {
        var array = engine.Array.PrototypeObject;
        foreach (var name in (string[])["reverse", "slice", "splice", "sort", "unshift", "shift", "indexOf", "lastIndexOf", "every", "some", "forEach", "map", "filter", "reduce", "reduceRight"])
        {
            Wrap(array, name, (self, _) => ScriptBudget.KeepItems(Length(self)));
        }
        Wrap(array, "concat", (self, arguments) => ScriptBudget.KeepItems(Length(self) + arguments.Where(a => a.IsArray()).Sum(a => Length(a))));
        Replace(array, "join", (self, arguments) => Join(self, arguments.Length > 0 && !arguments[0].IsUndefined() ? TypeConverter.ToString(arguments[0]) : ","));
        Replace(array, "toLocaleString", (self, _) => Join(self, ","));

        var text = engine.String.PrototypeObject;
        Replace(text, "concat", (self, arguments) => Join(arguments.Prepend(self)));
        Wrap(text, "split", (self, arguments) => ScriptBudget.KeepItems(Pieces(Text(self), arguments)));
        foreach (var name in (string[])["slice", "substring", "substr", "toUpperCase", "toLowerCase", "toLocaleUpperCase", "toLocaleLowerCase", "trim", "indexOf", "lastIndexOf", "localeCompare"])
        {
            Wrap(text, name, (_, _) => { });
        }

        foreach (var name in (string[])["exec", "test"])
        {
            Wrap(engine.RegExp.PrototypeObject, name, (self, _) => Limit(self));
        }
        Wrap(engine.Function.PrototypeObject, "apply", (_, arguments) => ScriptBudget.Keep(arguments.Length > 1 ? Length(arguments[1]) : 0, ScriptBudget.MaxArguments, "A call has too many arguments."));
        Wrap(engine.Function.PrototypeObject, "bind", (_, _) => budget.Bind());
        Wrap(engine.Object, "create", (_, arguments) => KeepPrototypes(arguments.Length > 0 ? arguments[0] : JsValue.Undefined));
        Wrap(engine.Json, "parse", (_, arguments) => KeepJson(ToText(arguments)));
        Wrap(engine.Json, "stringify", (_, arguments) => KeepTree(arguments.Length > 0 ? arguments[0] : JsValue.Undefined, isIndented: arguments.Length > 2));
        foreach (var name in (string[])["encodeURI", "encodeURIComponent", "decodeURI", "decodeURIComponent", "escape", "unescape"])
        {
            Wrap(engine.Global, name, (_, arguments) => ScriptBudget.KeepText(10L * ToText(arguments).Length));
        }

        Define(ScriptGuard.Tick, _ =>
        {
            budget.Spend();
            return JsValue.Undefined;
        });
        Define(ScriptGuard.Check, value =>
        {
            if (value.IsString() && value.AsString() is { Length: > 1_000 } made)
            {
                ScriptBudget.KeepText(made.Length);
                budget.Spend();
            }
            return value;
        });
        Define(ScriptGuard.Made, value =>
        {
            KeepPrototypes(value);
            return value;
        });
        NoStrings();
    }

    /// <summary>Scripts that make scripts of texts would make unguarded ones.</summary>
    private void NoStrings()
    {
        var refuses = new ClrFunctionInstance(engine, (_, _) => throw new JavaScriptException(engine.TypeError, "A text cannot be run as a script."));
        refuses.FastAddProperty("prototype", new JsValue(engine.Function.PrototypeObject), false, false, false);
        Set(engine.Function.PrototypeObject, "constructor", refuses);
        Set(engine.Global, "Function", refuses);
        Set(engine.Global, "eval", refuses);
    }

    private void Wrap(ObjectInstance owner, string name, Action<JsValue, JsValue[]> before)
    {
        if (owner.Get(name).TryCast<ICallable>() is { } native)
        {
            Replace(owner, name, (self, arguments) =>
            {
                before(self, arguments);
                var result = native.Call(self, arguments);
                budget.Spend();
                return result;
            });
        }
    }

    private void Replace(ObjectInstance owner, string name, Func<JsValue, JsValue[], JsValue> function) => Set(owner, name, new ClrFunctionInstance(engine, function));

    private static void Set(ObjectInstance owner, string name, ClrFunctionInstance function) => owner.FastSetProperty(name, new PropertyDescriptor(new JsValue(function), true, false, true));

    private void Define(string name, Func<JsValue, JsValue> function) =>
        engine.Global.FastAddProperty(name, new JsValue(new ClrFunctionInstance(engine, (_, arguments) => function(arguments.Length > 0 ? arguments[0] : JsValue.Undefined))), false, false, false);

    /// <summary>The length over which a function will go. What answers otherwise each time it is asked has none.</summary>
    private long Length(JsValue value)
    {
        if (!value.IsObject())
        {
            return value.IsString() ? value.AsString().Length : 0;
        }
        if (value.AsObject() is ArrayInstance list)
        {
            return TypeConverter.ToUint32(list.Get("length"));
        }
        var property = value.AsObject().GetProperty("length");
        if (property == PropertyDescriptor.Undefined)
        {
            return 0;
        }
        return property.IsAccessorDescriptor() || property.Value is null || property.Value.IsObject()
            ? throw new JavaScriptException(engine.TypeError, "This is no list.")
            : TypeConverter.ToUint32(property.Value);
    }

    private string Join(JsValue self, string between)
    {
        var length = Length(self);
        ScriptBudget.KeepItems(length);
        ScriptBudget.KeepDepth(++_joining);
        try
        {
            budget.Spend();
            var list = TypeConverter.ToObject(engine, self);
            var result = new StringBuilder();
            for (var i = 0; i < length; i++)
            {
                var item = list.Get(i.ToString(CultureInfo.InvariantCulture));
                result.Append(i > 0 ? between : "").Append(item.IsNull() || item.IsUndefined() ? "" : TypeConverter.ToString(item));
                ScriptBudget.KeepText(result.Length);
                if (i % 1_000 == 999)
                {
                    budget.Spend();
                }
            }
            return result.ToString();
        }
        finally
        {
            _joining--;
        }
    }

    private string Join(IEnumerable<JsValue> parts)
    {
        var result = new StringBuilder();
        foreach (var part in parts)
        {
            result.Append(TypeConverter.ToString(part));
            ScriptBudget.KeepText(result.Length);
        }
        budget.Spend();
        return result.ToString();
    }

    private static long Pieces(string text, JsValue[] arguments)
    {
        var between = arguments.Length > 0 && !arguments[0].IsUndefined() ? Text(arguments[0]) : null;
        if (between is null or "")
        {
            return between is null ? 1 : text.Length;
        }
        var count = 1L;
        for (var at = text.IndexOf(between, StringComparison.Ordinal); at >= 0; at = text.IndexOf(between, at + between.Length, StringComparison.Ordinal))
        {
            count++;
        }
        return count;
    }

    private static void Limit(JsValue self)
    {
        if (self.IsObject() && self.AsObject() is RegExpInstance { Value: { } regex } expression && (regex.MatchTimeout > MaxMatch || regex.MatchTimeout == System.Text.RegularExpressions.Regex.InfiniteMatchTimeout))
        {
            expression.Value = new(regex.ToString(), regex.Options, MaxMatch);
        }
    }

    private static void KeepPrototypes(JsValue value)
    {
        var depth = 0;
        for (var at = value.IsObject() ? value.AsObject() : null; at is not null; at = at.Prototype)
        {
            ScriptBudget.KeepDepth(++depth);
        }
    }

    private static void KeepJson(string text)
    {
        ScriptBudget.KeepText(text.Length);
        var (depth, items, isText) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when isText: i++; break;
                case '"': isText = !isText; break;
                case '[' or '{' when !isText:
                    ScriptBudget.KeepDepth(++depth);
                    items++;
                    break;
                case ']' or '}' when !isText: depth--; break;
                case ',' when !isText: items++; break;
            }
        }
        ScriptBudget.KeepItems(items);
    }

    /// <summary>What is in a value as a tree: what occurs in several places counts in each, because it is written there.</summary>
    private void KeepTree(JsValue value, bool isIndented)
    {
        var open = new Stack<(JsValue Value, int Depth)>([(value, 1)]);
        var (items, length, deepest) = (0L, 0L, 1L);
        while (open.TryPop(out var top))
        {
            ScriptBudget.KeepItems(++items);
            ScriptBudget.KeepDepth(top.Depth);
            deepest = Math.Max(deepest, top.Depth);
            if (top.Value.IsString())
            {
                ScriptBudget.KeepText(length += top.Value.AsString().Length);
            }
            if (!top.Value.IsObject())
            {
                continue;
            }
            if (top.Value.AsObject() is ArrayInstance)
            {
                ScriptBudget.KeepItems(items + Length(top.Value));
            }
            foreach (var (name, property) in top.Value.AsObject().GetOwnProperties())
            {
                if (property is { Enumerable: true, Value: { } item })
                {
                    length += name.Length;
                    open.Push((item, top.Depth + 1));
                }
            }
        }
        ScriptBudget.KeepText(isIndented ? length + (items * deepest * 10) : length);
        budget.Spend();
    }

    /// <summary>The first argument, which is a text from now on: asked again it could be another.</summary>
    private static string ToText(JsValue[] arguments)
    {
        if (arguments.Length == 0)
        {
            return "";
        }
        arguments[0] = new JsValue(TypeConverter.ToString(arguments[0]));
        return arguments[0].AsString();
    }

    private static string Text(JsValue value) => value.IsObject() ? value.AsObject() is IPrimitiveInstance { PrimitiveValue: { } inner } && inner.IsString() ? inner.AsString() : "" : TypeConverter.ToString(value);
}
