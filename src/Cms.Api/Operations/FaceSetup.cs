using Cms.Api.Http;

namespace Cms.Api.Operations;

/// <summary>What the faces differ in, beside their operations.</summary>
internal static class FaceSetup
{
    private static readonly string[] Exposed = ["ETag", "Link", "Location", "Last-Modified", "Retry-After", "RateLimit", "RateLimit-Policy"];
    private static readonly string ExposedList = string.Join(',', Exposed);
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    public static void AddFaces(this WebApplicationBuilder builder)
    {
        Validation.Configure();
        builder.Services.ConfigureHttpJsonOptions(o => StrictJson.Apply(o.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true); // true in Development alone, else an empty 400
        builder.Services.AddSingleton(services => new RateLimits(
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<Microsoft.Extensions.Options.IOptions<RateLimitOptions>>().Value));
        var origins = CmsOptions.Split(builder.Configuration["Cms:ManagementOrigins"] ?? "");
        var frontends = CmsOptions.Split(builder.Configuration["Cms:Newsletter:Origins"] ?? "");
        builder.Services.AddCors(cors =>
        {
            foreach (var face in new[] { Face.Delivery, Face.Syndication }) cors.AddPolicy(face.Name, p => p.AllowAnyOrigin().WithMethods("GET", "HEAD").WithHeaders("If-None-Match", "If-Modified-Since")
                .WithExposedHeaders(Exposed).SetPreflightMaxAge(PreflightAge));
            cors.AddPolicy(Face.Management.Name, p => p.WithOrigins(origins).WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
                .WithHeaders("Authorization", "Content-Type", "If-Match", "Idempotency-Key").WithExposedHeaders(Exposed).SetPreflightMaxAge(PreflightAge));
            cors.AddPolicy(Face.Newsletter.Name, p => p.WithOrigins(frontends).WithMethods("GET", "POST").WithHeaders("Content-Type").WithExposedHeaders(Exposed).SetPreflightMaxAge(PreflightAge));
        });
    }

    /// <summary>
    /// Nothing of management or newsletter may stay in a cache. What delivery answers is the same with and without <c>Origin</c>, so that a shared cache
    /// filled by a server serves browsers too.
    /// </summary>
    public static void UseFaceHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var face = context.GetEndpoint()?.Metadata.GetMetadata<Face>();
        if (face is { IsPrivate: true }) context.Response.Headers.CacheControl = "no-store";
        if (face is { IsShared: true }) OpenToAll(context);
        return next(context);
    });

    /// <summary>Any page may read it, and the refusal that comes of it.</summary>
    public static void OpenToAll(HttpContext context) => context.Response.OnStarting(static state =>
    {
        OpenToAll(((HttpContext)state).Response.Headers);
        return Task.CompletedTask;
    }, context);

    /// <summary>Any page may read it.</summary>
    public static void OpenToAll(IHeaderDictionary headers)
    {
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = ExposedList;
    }
}
