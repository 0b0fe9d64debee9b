-- Every fact that has a time, as one line each: a super-timeline.
SELECT time, server, 'web_requests' AS "table", source, "user", src_ip, artifact, record,
  concat_ws(' ', method, url_host, uri(url_path, url_query), CAST(status AS VARCHAR), user_agent) AS what
FROM web_requests WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'mailbox_access', source, "user", src_ip, artifact, record,
  concat_ws(' ', protocol, operation, mailbox, acting_as, CAST(status AS VARCHAR), error)
FROM mailbox_access WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'mail_events', source, sender, src_ip, artifact, record,
  concat_ws(' ', action, component, sender, '→', recipients, subject)
FROM mail_events WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'admin_commands', source, "user", src_ip, artifact, record,
  concat_ws(' ', command, parameters, result, error)
FROM admin_commands WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'windows_events', source, user_sid, NULL, artifact, record,
  concat_ws(' ', channel, CAST(event_id AS VARCHAR), provider, fields, message)
FROM windows_events WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'processes', source, "user", NULL, artifact, record,
  concat_ws(' ', coalesce(command_line, image), '←', coalesce(parent_command_line, parent_image))
FROM processes WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'logons', source, "user", src_ip, artifact, record,
  concat_ws(' ', action, CAST(logon_type AS VARCHAR), src_host, auth_package, process)
FROM logons WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'file_events', source, "user", src_ip, artifact, record,
  concat_ws(' ', action, path, share, image)
FROM file_events WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'files', source, owner, NULL, artifact, record,
  concat_ws(' ', path, CAST(size_bytes AS VARCHAR), sha256)
FROM files WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'log_messages', source, NULL, NULL, artifact, record,
  concat_ws(' ', component, message, path)
FROM log_messages WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'builds', source, NULL, NULL, artifact, record,
  concat_ws(' ', build, seen_in)
FROM builds WHERE time IS NOT NULL
UNION ALL
SELECT time, server, 'settings', source, NULL, NULL, artifact, record,
  concat_ws(' ', name, '=', value, scope)
FROM settings WHERE time IS NOT NULL
