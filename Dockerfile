# Builds App and runs it as an unprivileged user; everything it keeps lies in the one volume /data.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
RUN dotnet publish App -c Release -o /out

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
