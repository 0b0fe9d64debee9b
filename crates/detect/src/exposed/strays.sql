-- build_strays: builds that were seen and that `build_runs` does not hold a server to have run at the time: one that was
-- seen before an older one, and what a program on disk or the registry shows beside the logs (`is_state`).
SELECT server, build, rank > best AS is_state, MIN(time) AS first_seen, MAX(time) AS last_seen,
       MIN(artifact) AS artifact, FIRST_VALUE(record ORDER BY artifact, record) AS record
FROM held_sightings
WHERE (rank = best AND build_order <> held) OR (rank > best AND rank < 3)
GROUP BY server, build, rank > best
