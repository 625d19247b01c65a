using System.Globalization;
using Jint;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Date;
using Jint.Runtime;

namespace Crm.Workflow;

/// <summary>Values of workflows as those of an interpreter, and back.</summary>
internal sealed class ScriptValues(Engine engine)
{
    private const int MaxLength = 1_000_000;

    /// <summary>Where a promise of <see cref="ScriptPrelude"/> keeps how it stands.</summary>
    private const string PromiseState = " state", PromiseValue = " value";

    private int _converted;

    /// <summary>Another script begins; what the last one gave does not count.</summary>
    public void Begin() => _converted = 0;

    public JsValue To(object? value)
    {
        switch (value)
        {
            case null: return JsValue.Null;
            case string text: return new JsValue(text);
            case bool truth: return new JsValue(truth);
            case DateTimeOffset moment: return new JsValue(engine.Date.Construct(moment.UtcDateTime));
            case IDictionary<string, object?> map:
                var instance = engine.Object.Construct([]);
                foreach (var (name, item) in map)
                {
                    instance.FastAddProperty(name, To(item), true, true, true);
                }
                return new JsValue(instance);
            case byte[] or Guid or TimeSpan: return new JsValue(Values.ToText(value)!);
            case System.Collections.IEnumerable list:
                // A list of one number must not be taken for the length of an empty one.
                JsValue[] items = [.. list.Cast<object?>().Select(To)];
                var array = engine.Array.Construct([]);
                if (items.Length > 0)
                {
                    engine.Array.PrototypeObject.Push(array, items);
                }
                return new JsValue(array);
            default: return Values.IsNumber(value) ? new JsValue(Convert.ToDouble(value, CultureInfo.InvariantCulture)) : new JsValue(Values.ToText(value) ?? "");
        }
    }

    public object? From(JsValue value, int depth)
    {
        if (depth > 60)
        {
            throw new WorkflowException("script.value", "The value contains itself or is nested too deeply.");
        }
        if (++_converted > MaxLength)
        {
            throw new WorkflowException("script.value", "The value is too large.");
        }
        if (value.IsNull() || value.IsUndefined())
        {
            return null;
        }
        if (value.IsBoolean())
        {
            return value.AsBoolean();
        }
        if (value.IsString())
        {
            return value.AsString();
        }
        if (value.IsNumber())
        {
            var number = value.AsNumber();
            return number is >= int.MinValue and <= int.MaxValue && Math.Floor(number).Equals(number) ? (object)(int)number
                : Math.Abs(number) <= 9_007_199_254_740_991 && Math.Floor(number).Equals(number) ? (object)(long)number
                : number;
        }
        switch (value.AsObject())
        {
            case DateInstance moment: return double.IsNaN(moment.PrimitiveValue) ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)moment.PrimitiveValue);
            case ArrayInstance list:
                var length = (int)Math.Min(list.Get("length").AsNumber(), int.MaxValue);
                if (length > MaxLength)
                {
                    throw new WorkflowException("script.value", "The list is too long.");
                }
                var items = new List<object?>(length);
                for (var i = 0; i < length; i++)
                {
                    items.Add(From(list.Get(i.ToString(CultureInfo.InvariantCulture)), depth + 1));
                }
                return items;
            case IPrimitiveInstance primitive: return From(primitive.PrimitiveValue, depth + 1);
            case ICallable: return null;
            case var promise when promise.HasOwnProperty(PromiseState):
                return promise.Get(PromiseState).AsString() switch
                {
                    "done" => From(promise.Get(PromiseValue), depth + 1),
                    "failed" => throw new JavaScriptException(promise.Get(PromiseValue)),
                    _ => null,
                };
            case var instance:
                var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (name, property) in instance.GetOwnProperties())
                {
                    if (property.Enumerable == true)
                    {
                        map[name] = From(instance.Get(name), depth + 1);
                    }
                }
                return map;
        }
    }
}
