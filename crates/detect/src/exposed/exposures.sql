-- exposures: the windows by flaw, each with the part of it in which the flaw is known to have been used: the time in which
-- an investigation has to look. What was open at the first sighting was open before it, as far as is known.
WITH by_flaw AS (
  SELECT w.*, f.cve, f.family, f.release, f.known_from, f.exploited_from, f.exploited_until,
         CASE WHEN w.from_run = 1 THEN f.exploited_from ELSE greatest(w.from_time, f.exploited_from) END AS starts,
         coalesce(w.until_time, w.last_open) AS ends
  FROM known_flaws f JOIN exposure_windows w ON w.fix_set = f.fix_set
  WHERE w.open_by <> 'before' OR f.exploited_from < w.until_time
),
bounded AS (
  SELECT *, CASE WHEN exploited_until < ends THEN exploited_until ELSE ends END AS stops FROM by_flaw
)
SELECT server, cve, family, release, known_from, open_by, from_run, last_run, until_run, from_time, last_open, until_time,
       CASE WHEN exploited_from IS NOT NULL AND starts < stops THEN starts END AS cover_from,
       CASE WHEN exploited_from IS NOT NULL AND starts < stops THEN stops END AS cover_until
FROM bounded
