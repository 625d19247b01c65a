using Crm.Data;
using Crm.Host.Api;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>A fault while an answer is written: either nothing of it has gone out, or the caller sees that it broke off.</summary>
[NoDatabase]
public sealed class HalfAnswersTests
{
    [Fact]
    public async Task Of_an_answer_that_cannot_be_written_to_its_end_nothing_goes_out()
    {
        var context = new DefaultHttpContext();

        await Should.ThrowAsync<NotSupportedException>(() => ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            throw new NotSupportedException();
        }));

        context.Response.BodyWriter.UnflushedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_cut_and_gets_no_problem_behind_it()
    {
        await using var services = new ServiceCollection().AddSingleton(new ModelSource(Shipped.Model)).BuildServiceProvider();
        using var body = new MemoryStream();
        var (context, connection) = (new DefaultHttpContext { RequestServices = services }, new Connection());
        context.Response.Body = body;
        context.Features.Set<IHttpResponseFeature>(new Begun());
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);

        await new ApiErrors(_ => throw new NotSupportedException(), NullLogger<ApiErrors>.Instance).InvokeAsync(context);

        (connection.IsCut, body.Length).ShouldBe((true, 0L));
    }

    private sealed class Begun : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsCut { get; private set; }

        public void Abort() => IsCut = true;
    }
}
