namespace ScoreTracking.Tests.Load;

/// <summary>nginx's empty_gif and redirect with the access log that pixel counting by log file would need: no state, no uniqueness, no fsync. What people compare with.</summary>
internal static class Nginx
{
    private static readonly string[] s_places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

    /// <returns>Null where nginx is not installed.</returns>
    public static ChildProcess? Start(string directory, int port)
    {
        if (s_places.FirstOrDefault(File.Exists) is not { } program)
        {
            return null;
        }

        Directory.CreateDirectory(directory);
        var configuration = Path.Combine(directory, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes auto;
            pid {{directory}}/nginx.pid;
            events { worker_connections 4096; }
            http {
                access_log {{directory}}/access.log combined;
                client_body_temp_path {{directory}}/body;
                proxy_temp_path {{directory}}/proxy;
                fastcgi_temp_path {{directory}}/fastcgi;
                uwsgi_temp_path {{directory}}/uwsgi;
                scgi_temp_path {{directory}}/scgi;
                keepalive_requests 1000000000;
                server {
                    listen 127.0.0.1:{{port}};
                    location /api/track/open/ { empty_gif; }
                    location /api/track/click/ { return 302 {{Seed.Url(1)}}; }
                }
            }
            """);
        return new ChildProcess(program, ["-c", configuration, "-p", directory, "-e", Path.Combine(directory, "error.log")]);
    }
}
