using Crm.Host.Api;

namespace Crm.Host.Elsa;

/// <summary><c>/elsa/api</c>: the part of Elsa's API that Elsa Studio and Elsa's clients use; for administrators.</summary>
internal static class ElsaEndpoints
{
    public static void MapElsa(this IEndpointRouteBuilder app)
    {
        var elsa = app.MapGroup(ElsaRequest.BasePath).RequireAuthorization().DisableAntiforgery();
        elsa.AddEndpointFilter(async (invocation, next) =>
        {
            await ElsaRequest.AdministratorAsync(invocation.HttpContext);
            return await next(invocation);
        });
        elsa.AnswerHead();
        elsa.MapDefinitions();
        elsa.MapDefinitionFiles();
        elsa.MapRuns();
        elsa.MapInstances();
        elsa.MapJournal();
        elsa.MapAlterations();
        elsa.MapDescriptors();
        EventLinks.Map(app);
    }
}
