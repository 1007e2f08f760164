using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>Names the clients of a log written by a release that kept user agents only. Before counters are built; once, and nothing to do in a new database.</summary>
public static class ClientBackfill
{
    public static void Run(SqliteFile main)
    {
        using var connection = new WriteConnection(main, "wal_autocheckpoint=0", "temp_store=MEMORY");
        if (connection.Prepare("SELECT 1 FROM built_dimensions WHERE name = ?1").Bind(1, Dimension.Client.Name).Scalar() is not null)
        {
            return;
        }

        connection.Begin();
        connection.Execute("CREATE TEMP TABLE client_of (user_agent_id INTEGER NOT NULL, type INTEGER NOT NULL, client_id INTEGER NOT NULL, PRIMARY KEY (user_agent_id, type))");
        var catalog = new Catalog(connection);
        var agents = connection.Prepare("SELECT id, value FROM user_agents");
        var insert = connection.Prepare("INSERT INTO client_of (user_agent_id, type, client_id) VALUES (?1, ?2, ?3)");
        while (agents.Step())
        {
            foreach (var type in (EventType[])[EventType.Opened, EventType.Clicked])
            {
                // The page an image was on was not kept.
                var client = catalog.Store(ClientParser.Parse(type, agents.Text(1), webmail: null));
                insert.Bind(1, agents.Number(0)).Bind(2, (long)type).Bind(3, client.Id).Run();
            }
        }

        agents.Reset();
        connection.Execute($"""
            UPDATE events SET client_id = (SELECT client_id FROM client_of c WHERE c.user_agent_id = events.user_agent_id AND c.type = events.type)
            WHERE type IN ({(int)EventType.Opened}, {(int)EventType.Clicked}) AND user_agent_id IN (SELECT user_agent_id FROM client_of)
            """);
        connection.Commit();
    }
}
