-- Which commands ran, by whom, how often: cmdlets of Exchange, and programs with the program that started them.
SELECT server, kind, "user", command, parent, result, COUNT(*) AS n, MIN(time) AS first, MAX(time) AS last
FROM (
  SELECT time, server, 'cmdlet' AS kind, "user", command, process AS parent, result FROM admin_commands
  UNION ALL
  SELECT time, server, 'program', "user", coalesce(command_line, image), parent_image, NULL FROM processes
)
WHERE {picked}
GROUP BY server, kind, "user", command, parent, result
ORDER BY server, n, kind, "user", command, parent, result
