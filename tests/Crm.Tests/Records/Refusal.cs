using Crm.Rules;
using Shouldly;

namespace Crm.Tests.Records;

/// <summary>What a refused request said, as one text: <c>field: code; field: code</c>.</summary>
internal static class Refusal
{
    public static async Task<string> OfAsync(Func<Task> request) => (await Should.ThrowAsync<ProblemException>(request)).Message;

    public static async Task<ProblemException> ExceptionOfAsync(Func<Task> request) => await Should.ThrowAsync<ProblemException>(request);
}
