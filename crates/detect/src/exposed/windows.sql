-- exposure_windows: when a server was open to the flaws of a fix set. A run opens what its build has and the build before
-- had not, and closes what the build before had and its own has not.
--
-- `code` is such a change: below a million something opens, from a million on it closes, from two on the first build seen
-- mends what must have been open before. What remains of the million is twice the fix set, and one more where it is in doubt.
WITH changes AS (
  SELECT r.server, r.run, r.runs, r.first_seen, r.seen_before, r.server_last,
         array_concat(
           CASE WHEN p.build IS NULL THEN c.opens ELSE array_except(c.opens, p.opens) END,
           CASE WHEN p.build IS NULL THEN c.nothing ELSE array_except(p.closes, c.closes) END,
           CASE WHEN p.build IS NULL THEN c.mends ELSE c.nothing END) AS codes
  FROM build_runs r
  JOIN build_changes c ON c.build = r.build
  LEFT JOIN build_changes p ON p.build = r.build_before
),
changed AS (
  SELECT server, run, runs, first_seen, seen_before, server_last, unnest(codes) AS code FROM changes
),
paired AS (
  SELECT server, run, runs, first_seen, server_last, code,
         LEAD(run) OVER onward AS until_run,
         LEAD(first_seen) OVER onward AS until_time,
         LEAD(seen_before) OVER onward AS last_open
  FROM changed
  WINDOW onward AS (
    PARTITION BY server, CASE WHEN code < 2000000 THEN code % 1000000 ELSE code END ORDER BY run)
)
SELECT server, code % 1000000 / 2 AS fix_set,
       CASE WHEN code >= 2000000 THEN 'before' WHEN code % 2 = 1 THEN 'doubt' ELSE 'build' END AS open_by,
       run AS from_run,
       CASE WHEN code >= 2000000 THEN run WHEN until_run IS NULL THEN runs ELSE until_run - 1 END AS last_run,
       CASE WHEN code >= 2000000 THEN run ELSE until_run END AS until_run,
       CASE WHEN code < 2000000 THEN first_seen END AS from_time,
       CASE WHEN code >= 2000000 THEN NULL WHEN until_run IS NULL THEN server_last ELSE last_open END AS last_open,
       CASE WHEN code >= 2000000 THEN first_seen ELSE until_time END AS until_time
FROM paired WHERE code < 1000000 OR code >= 2000000
