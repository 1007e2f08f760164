# Builds App and runs it as an unprivileged user; everything it keeps lies in the one volume /data.
FROM node:22-slim AS packages
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
# The build fetches them itself where they are older than the lock file; here they are not, and there is no npm.
COPY --from=packages /src/node_modules node_modules
RUN touch node_modules/.package-lock.json && dotnet publish App -c Release -o /out

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN mkdir /data && chown 1654:1654 /data
COPY --from=build /out /app
USER 1654
VOLUME /data
ENV DataDirectory=/data ASPNETCORE_URLS=http://+:8080
EXPOSE 8080
WORKDIR /app
HEALTHCHECK --interval=15s --timeout=6s CMD ["dotnet", "ScoreTracking.dll", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "ScoreTracking.dll"]
