-- build_runs: which build a server was held to run, one row for each, numbered in order of time.
WITH neighbours AS (
  SELECT server, time, build, build_order, build_id, artifact, record,
         LAG(build_order) OVER backward AS later, LEAD(build_order) OVER backward AS earlier
  FROM held_sightings WHERE rank = best AND build_order = held
  WINDOW backward AS (
    PARTITION BY server ORDER BY time DESC NULLS LAST, build_order DESC, artifact DESC, record DESC)
),
spans AS (
  SELECT server, build, build_order, build_id, MIN(time) AS first_seen, MAX(time) AS last_seen,
         MAX(CASE WHEN earlier IS DISTINCT FROM build_order THEN artifact END) AS first_artifact,
         MAX(CASE WHEN earlier IS DISTINCT FROM build_order THEN record END) AS first_record,
         MAX(CASE WHEN later IS DISTINCT FROM build_order THEN artifact END) AS last_artifact,
         MAX(CASE WHEN later IS DISTINCT FROM build_order THEN record END) AS last_record
  FROM neighbours
  WHERE (earlier IS DISTINCT FROM build_order) OR (later IS DISTINCT FROM build_order)
  GROUP BY server, build, build_order, build_id
)
SELECT server, CAST(ROW_NUMBER() OVER (PARTITION BY server ORDER BY build_order) AS BIGINT) AS run,
       build, build_id, first_seen, last_seen, first_artifact, first_record, last_artifact, last_record
FROM spans
