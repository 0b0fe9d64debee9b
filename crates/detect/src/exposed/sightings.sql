-- held_sightings: every sighting of a build with the build that the server is held to have run then.
--
-- Of a server's sightings those of the surest kind decide (`rank` = `best`, see sightings.tsv). A build that is seen before
-- an older one is no step forward: an update that failed, was taken back, or left half of the server as it was. The server
-- is held to have run the older one (`held`) until that is seen no more, so that what it is held to run only ever goes up.
WITH ranked AS (
  SELECT b.server, b.time, k.build, k.build_order, b.artifact, b.record,
         CASE WHEN k.rank = 0 AND b.time IS NULL THEN 1 ELSE k.rank END AS rank
  FROM builds b
  JOIN seen_builds k ON k.seen_as = b.build AND k.seen_in = coalesce(b.seen_in, '')
  WHERE b.server IS NOT NULL
),
decided AS (
  SELECT *, MIN(rank) OVER (PARTITION BY server) AS best FROM ranked
)
SELECT server, time, build, build_order, artifact, record, rank, best,
       MIN(CASE WHEN rank = best THEN build_order END) OVER (
         PARTITION BY server
         ORDER BY time DESC NULLS LAST, build_order DESC, artifact DESC, record DESC
         ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS held
FROM decided
