-- Who logged on to what, from where, how, how often, and whether it was let in.
SELECT server, "user", src_ip, src_host, action, logon_type, auth_package,
  COUNT(*) AS n, MIN(time) AS first, MAX(time) AS last
FROM logons
WHERE {picked}
GROUP BY server, "user", src_ip, src_host, action, logon_type, auth_package
ORDER BY server, n DESC, "user", src_ip, src_host, action, logon_type, auth_package
