# Build: restored from the lock files alone, so that the image holds what was reviewed.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props BannedSymbols*.txt global.json .editorconfig ./
COPY src/Cms.Domain/Cms.Domain.csproj src/Cms.Domain/packages.lock.json src/Cms.Domain/
COPY src/Cms.Infrastructure/Cms.Infrastructure.csproj src/Cms.Infrastructure/packages.lock.json src/Cms.Infrastructure/
COPY src/Cms.Api/Cms.Api.csproj src/Cms.Api/packages.lock.json src/Cms.Api/
# As for publishing: with the compiler that compiles ahead.
RUN dotnet restore --locked-mode -p:_IsPublishing=true src/Cms.Api
COPY src src
COPY samples samples
COPY docs/problems docs/problems
RUN dotnet publish --no-restore -c Release -o /app src/Cms.Api

# Run: no SDK, not root, nothing to write to.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
ENV ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://*:8080 \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080
USER 1654
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=12 CMD ["dotnet", "Cms.Api.dll", "health"]
ENTRYPOINT ["dotnet", "Cms.Api.dll"]
