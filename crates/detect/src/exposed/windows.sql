-- exposure_windows: when a server was open to the flaws of a fix set. `open_spans` (see open_spans.rs) says from which run
-- to which, by the builds of a server in order of time; here runs become times. Where a flaw is first seen mended, it was
-- open `before`.
--
-- A history is one value, and `server` no column beside it: what a query groups by is held to decide every other column,
-- also after `unnest`, and a later ORDER BY server, from_run would leave `from_run` out.
WITH histories AS (
  SELECT named_struct(
           'server', server,
           'builds', array_agg(build_id ORDER BY run),
           'firsts', array_agg(first_seen ORDER BY run),
           'lasts', array_agg(last_seen ORDER BY run)) AS history
  FROM build_runs GROUP BY server
),
spans AS (
  SELECT history, unnest(open_spans(history['builds'])) AS span FROM histories
),
named AS (
  SELECT history['server'] AS server, history['firsts'] AS firsts, history['lasts'] AS lasts,
         span['fix_set'] AS fix_set, span['open_by'] AS open_by,
         span['from_run'] AS from_run, span['last_run'] AS last_run, span['until_run'] AS until_run
  FROM spans
)
SELECT server, fix_set, open_by, from_run, last_run, until_run,
       CASE WHEN open_by <> 'before' THEN firsts[from_run] END AS from_time,
       CASE WHEN open_by <> 'before' THEN lasts[last_run] END AS last_open,
       firsts[until_run] AS until_time
FROM named
