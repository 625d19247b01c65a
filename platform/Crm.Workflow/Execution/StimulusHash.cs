using System.Security.Cryptography;
using System.Text;

namespace Crm.Workflow;

/// <summary>The hash under which waiting and waking find each other.</summary>
public static class StimulusHash
{
    public static string Of(string name, IReadOnlyDictionary<string, object?>? payload, string? activityInstanceId)
    {
        var text = name;
        if (payload is { Count: > 0 })
        {
            text += "|" + Values.ToJson(payload.OrderBy(p => p.Key, StringComparer.Ordinal).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
        }
        if (activityInstanceId is not null)
        {
            text += "|" + activityInstanceId;
        }
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
