-- held_sightings: every sighting of a build with the build that the server is held to have run then.
--
-- Of a server's sightings those of the surest kind decide (`rank` = `best`, see sightings.tsv). A build that is seen before
-- an older one is no step forward: an update that failed, was taken back, or left half of the server as it was. The server
-- is held to have run the older one (`held`) until that is seen no more, so that what it is held to run only ever goes up.
WITH ranked AS (
  SELECT b.server, b.time, k.build, k.build_order, k.build_id, b.artifact, b.record,
         CASE WHEN k.rank = 0 AND b.time IS NULL THEN 1 ELSE k.rank END AS rank
  FROM seen_builds k
  JOIN builds b ON b.build = k.seen_as AND coalesce(b.seen_in, '') = k.seen_in
  WHERE b.server IS NOT NULL
),
surest AS (
  SELECT server, MIN(rank) AS best FROM ranked GROUP BY server
)
SELECT r.server, r.time, r.build, r.build_order, r.build_id, r.artifact, r.record, r.rank, s.best,
       MIN(CASE WHEN r.rank = s.best THEN r.build_order END) OVER (
         PARTITION BY r.server
         ORDER BY r.time DESC NULLS LAST, r.build_order DESC, r.artifact DESC, r.record DESC
         ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS held
FROM surest s JOIN ranked r ON r.server = s.server
