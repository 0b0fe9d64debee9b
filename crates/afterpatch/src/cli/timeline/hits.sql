-- Every hit of every rule, with the fact that it met in one line. A fact that stands in several tables is told by the last by
-- name: an event as the event that it is, and not as the logon or the process that it tells of.
SELECT h.time, h.server, h.level, h.title, h.grade, h.subject, f.what, h.rule, h.engine, h.author, h.license, h.artifact, h.record
FROM hits h LEFT JOIN (
  SELECT artifact, record, first_value(what ORDER BY "table" DESC, what) AS what
  FROM (
    SELECT f.artifact, f.record, f."table", f.what FROM ({facts}) f
    LEFT SEMI JOIN hits m ON m.artifact = f.artifact AND m.record = f.record
  ) GROUP BY artifact, record
) f ON f.artifact = h.artifact AND f.record = h.record
