# What afterpatch says to people, in English. The same keys and variables stand in ja.ftl; a test compares them.
# One message a line: reports and terminals break lines themselves.

## The six questions

question-exposed = Exposed?
    .asked = Which flaws were open, and from when until when?
question-broken-into = Broken into?
    .asked = Did somebody use one of them?
question-still-inside = Still inside?
    .asked = Is something there that a patch does not remove?
question-what-left = What left?
    .asked = What was taken?
question-whose-hand = Whose hand?
    .asked = Who did it?
question-what-now = What now?
    .asked = What is to be done, and in which order?

## The answers

verdict-yes = Yes
verdict-likely = Likely
verdict-attempted-only = Attempted only
verdict-no-trace = No trace
verdict-cannot-tell = Cannot tell
verdict-exposed-no-trace = Not exposed
verdict-what-now-yes = Act
verdict-what-now-no-trace = Nothing to do

grade-attempted = attempted
    .means = The request was seen.
grade-reached = reached
    .means = The back end answered.
grade-executed = executed
    .means = The server did what the intruder wanted.
grade-persists = persists
    .means = It was there when the evidence was collected.

level-informational = informational
level-low = low
level-medium = medium
level-high = high
level-critical = critical

engine-analytic = analytic
engine-sigma = Sigma
engine-yara = YARA
engine-pages = pages judged

action-preserve = Preserve
action-contain = Contain
action-mitigate = Mitigate
action-patch = Patch
action-evict = Evict
action-rotate = Rotate
action-report = Report
action-investigate = Investigate
action-watch = Watch
reason-turn-entered = Somebody has been on it.
reason-turn-outside = It answers addresses outside ({ $count } requests in the logs).
reason-turn-used = { $count ->
    [one] A flaw that was in use is open in it.
   *[other] { $count } flaws that were in use are open in it.
}
reason-turn-open = { $count ->
    [one] A flaw is open in it.
   *[other] { $count } flaws are open in it.
}
decider-administrator = Exchange administrator
decider-network-administrator = Network administrator
decider-domain-administrator = Active Directory administrator
decider-cloud-administrator = Microsoft 365 administrator
decider-management = Management
decider-privacy-officer = Data protection officer
shell-powershell = PowerShell
shell-exchange-shell = Exchange Management Shell
shell-cmd = Command prompt

## Why an answer is what it is

reason-exposed-open = { $cves } could be used against build { $build } from { $from } until { $until }.
reason-exposed-open-now = { $cves } can be used against build { $build } since { $from }; no build that fixes it was seen.
reason-not-exposed = None of the flaws that afterpatch knows was open in build { $build }.
reason-build-unknown = Nothing in the evidence names the Exchange build of this server.
reason-build-late = The build is known from { $from } on; an earlier one may have been open.
reason-exposed-before-sighting = The first build seen ({ $build }, on { $until }) is an update that fixes { $cves }, known to be used since { $from }; what ran before that update was open.
reason-exposed-others = { $count ->
    [one] One further flaw that was known then was open too ({ $updates }); it is not known to have been used at the time.
   *[other] { $count } further flaws that were known then were open too ({ $updates }); none of them is known to have been used at the time.
}
reason-exposed-needs = The build fixes { $cve }, but something that it needs beside that is missing: { $need } { $subjects }
reason-exposed-doubt = { $count ->
    [one] Of one flaw the evidence does not tell whether it is open ({ $updates }).
   *[other] Of { $count } flaws the evidence does not tell whether they are open ({ $updates }).
}
reason-exposed-later = { $count ->
    [one] One flaw came out after the last sighting of a build ({ $updates }): unless it was updated since, the server has it.
   *[other] { $count } flaws came out after the last sighting of a build ({ $updates }): unless it was updated since, the server has them.
}
reason-build-went-back = Build { $build } was seen from { $first } to { $last }, and { $older } after it: an update that failed, was taken back, or left a part of the server as it was. It counts as not installed until the older build is seen no more.
reason-builds-differ = The logs show { $ran }, a program on disk or the registry shows { $build }: an update that is half installed, or that came after the last log.
reason-not-looked-for = Open while it was known to be used, and no rule of this version looks for it: { $flaws }.
reason-nothing-used-then = No flaw that the rules look for is known to have been used while it was open here.
reason-executed = { $count ->
    [one] The server did what an intruder wanted, at { $first }.
   *[other] The server did what an intruder wanted: { $count } records show it, the first at { $first }.
}
reason-reached = The back end answered an intruder’s request, first at { $first }; nothing shows what came of it.
reason-attempted = { $count ->
    [one] One attempt, at { $first }; nothing shows that it succeeded.
   *[other] { $count } attempts, the first at { $first }; nothing shows that one succeeded.
}
reason-blocked-patched = A build that fixes the flaw ({ $fixed }) was in place by then.
reason-blocked-amsi = The malware scan of the server (AMSI) blocked the request.
reason-file-absent = Pages that intruders leave were asked for, and none of them was there.
reason-own-probe = The test came from an address of one’s own: an administrator who checks a mitigation, or a scanner of one’s own.
reason-no-servers = Nothing that was handed in names a server.
reason-scanner = The requests are those of a scanner that tests for the flaw and goes no further.
reason-logs-tampered = Logs were cleared, deleted or turned off, or hours of them are missing, first at { $first }: that nothing is found in them says little.
reason-faint-traces = The use of some flaws that were open leaves few traces, and cannot be ruled out from logs: { $flaws }.
reason-no-trace-covered = The logs cover { $from } to { $until } and show no trace.
reason-not-covered = No log that would show it covers { $from } to { $until }.
reason-coverage-partial = The logs that would show it cover only part of { $from } to { $until }.
reason-not-exposed-no-need = No flaw was open, so the answer does not hang on the missing logs.
reason-persists = There when the evidence was collected: { $paths }.
reason-written-not-collected = Written to the server, but the file itself was not collected: { $paths }.
reason-compiled-only = Compiled by ASP.NET, so it ran at least once; the page itself was not collected: { $paths }.
reason-footholds-not-ruled-out = No foothold shows in what was collected; but a break-in cannot be ruled out, and what was not collected may hold one.
reason-files-clean = { $files ->
    [one] One file of the served folders was examined; no rule met it.
   *[other] { $files } files of the served folders were examined; no rule met one of them.
}
reason-files-of-unknown-build = No list knows the files that these builds bring: { $builds }. Their pages are judged by where they lie, by what they do, and by the code of Exchange that they name, which is less sure.
reason-files-not-collected = The served folders were not collected: a web shell in them would not be seen.
reason-file-gone = Seen in the logs, and no longer there when the evidence was collected: { $paths }.
reason-left-seen = { $count ->
    [one] One record shows data being packed, exported or fetched, at { $first }.
   *[other] { $count } records show data being packed, exported or fetched, the first at { $first }.
}
reason-left-extent = How much left in all, this version does not measure.
reason-left-not-seen = No record shows data being packed, exported or fetched. What left by the network, this version does not measure: nothing is claimed either way.
reason-no-detector-hand = This version names no intruder. Nothing is claimed either way.
reason-actions = { $count ->
    [one] One step stands in the plan.
   *[other] { $count } steps stand in the plan, in order.
}
reason-nothing-to-do = Neither a finding nor missing evidence asks for a step.
reason-servers = { $yes ->
    [0] None of { $total } servers.
   *[other] { $yes } of { $total } servers: { $names }.
}

## Why a finding has its grade

reason-graded-by = The grade “{ $grade }” rests on the rule “{ $rule }”.
reason-held-by = The rule “{ $rule }” speaks against a higher grade.
reason-patched-by-then = The server ran { $build } by then; the flaw is fixed from { $fixed } on.
reason-two-kinds = Traces of different kinds agree: { $sources }.
reason-one-trace = It rests on one kind of trace only.
reason-capped = The grade is held down to “{ $grade }” by what speaks against it.

## What speaks for a page being a shell: docs/signals.md

reason-signal = { $signal } As step:line: { $way }
reason-circumstance = { $circumstance }
signal-answer-relayed = What the visitor asks of another server is passed on to the visitor.
signal-code-written = Code for a server, or a program, is written to a file.
signal-columns-shown = How the columns of a table are called is shown to the visitor: the page shows whatever the table holds.
signal-compiled-compiles = A compiled page that reads what the visitor sends also compiles texts.
signal-compiled-connects = A compiled page that reads what the visitor sends also opens sockets.
signal-compiled-evaluates = A compiled page that reads what the visitor sends also runs texts as programs.
signal-compiled-loads = A compiled page that reads what the visitor sends also loads bytes as a program.
signal-compiled-names-shell = A compiled page names what takes commands.
signal-compiled-native = A compiled page that reads what the visitor sends also calls functions of the system for memory or processes.
signal-compiled-reads-output = A compiled page reads what a process writes.
signal-compiled-starts = A compiled page that reads what the visitor sends also starts processes.
signal-compiles = A text is compiled.
signal-connects = A socket is opened.
signal-constant-evaluated = A fixed text is run as a program.
signal-data-included = A file that is no program by its name is run as one.
signal-decoded-created = An object is made whose name is decoded first.
signal-decoded-evaluated = What is decoded first is run as a program.
signal-decoded-invoked = What is called is decoded first.
signal-decoded-invoked-with-visitors = What is called is decoded first, and is given what the visitor sends.
signal-decoded-loaded = What is decoded first is loaded as a program.
signal-decoded-planted = What is decoded first is written to a file that the server runs.
signal-decoded-started = What is decoded first is started as a process.
signal-decoded-written = What is decoded first is written to a file.
signal-evaluates = A text is run as a program.
signal-file-shown = A file that the visitor names is shown.
signal-fixed-command = A fixed command is started.
signal-form-sent-elsewhere = A script of the page has a form with a password sent to another server.
signal-gate = The digest of what the visitor sends is held against a fixed one.
signal-hidden-evaluated = A hidden text is run as a program.
signal-hidden-name = The name of what is called is hidden.
signal-impersonates = The page takes on another account.
signal-keeps-upload = A file that was sent is kept.
signal-loads-code = A file or bytes are loaded as a program.
signal-native-call = Functions of the system for memory, processes or tokens are called.
signal-native-code = Decoded bytes are given to functions of the system.
signal-numbered-invoked = What is called stands in a list, at a number.
signal-only-makes = The page does nothing but make an object that another file declares.
signal-opens-database = A database is opened that the page names, with what the page gives.
signal-output-shown = What a process writes is shown to the visitor.
signal-page-planted = Code for a server is written to a file that the server runs.
signal-password-in-address = A script of the page puts the password that is typed in into an address.
signal-password-in-connection = A database is opened with a password that stands in the page.
signal-password-kept = What is sent as a password is written to a file.
signal-password-kept-by-script = A script of the page keeps the password that is typed in.
signal-password-posted-by-script = A script of the page sends the password that is typed in to the page's own server.
signal-password-remembered = What is sent as a password is written to a log or a cookie.
signal-password-sent = What is sent as a password is sent on to another server.
signal-password-sent-by-script = A script of the page sends the password that is typed in to another server.
signal-reads-secrets = What the server keeps to itself is read.
signal-remote-evaluated = What another server sends is run as a program.
signal-remote-loaded = What another server sends is loaded as a program.
signal-remote-planted = What another server sends is written to a file that the server runs.
signal-remote-started = What another server sends is started as a process.
signal-remote-written = What another server sends is written to a file.
signal-served-file-written = A fixed text is written to a file that the server runs.
signal-starts-process = A process is started.
signal-stays-in-memory = The server is made to ask the page for what other pages are asked.
signal-text-in-ebcdic = The page is written in a code page that no editor shows.
signal-text-in-utf-16 = The page is written in UTF-16.
signal-text-in-utf-7 = The page is written in UTF-7.
signal-text-inside-binary = The page stands within a file that is no text.
signal-text-of-encoded-script = Parts of the page went through the Script Encoder.
signal-unknown-invoked-with-visitors = What is called cannot be told from the page, and is given what the visitor sends.
signal-visitor-chose-file = The visitor says which file is written.
signal-visitor-chose-upload = The visitor says where a file that was sent is kept.
signal-visitor-compiled = What the visitor sends is compiled.
signal-visitor-connected = The visitor says where a socket is opened to.
signal-visitor-created = The visitor says which object is made.
signal-visitor-deleted = The visitor says which file is deleted.
signal-visitor-deserialised = Objects are made of what the visitor sends.
signal-visitor-evaluated = What the visitor sends is run as a program.
signal-visitor-fetched = The visitor says which other server is asked.
signal-visitor-impersonated = The visitor says which account the page takes on.
signal-visitor-in-command = What the visitor sends becomes part of a command.
signal-visitor-in-connect = What the visitor sends becomes part of where a socket is opened to.
signal-visitor-in-connection = What the visitor sends becomes part of which database is opened.
signal-visitor-in-delete = What the visitor sends becomes part of which file is deleted.
signal-visitor-in-fetch = What the visitor sends becomes part of which other server is asked.
signal-visitor-in-file = What the visitor sends is written to a file that the visitor has a part in naming.
signal-visitor-in-file-name = What the visitor sends becomes part of which file is written.
signal-visitor-in-include = What the visitor sends becomes part of which page is run.
signal-visitor-in-list = What the visitor sends becomes part of which folder is listed.
signal-visitor-in-loopback = What the visitor sends becomes part of what the server asks itself.
signal-visitor-in-move = What the visitor sends becomes part of which file is moved.
signal-visitor-in-page = What the visitor sends becomes part of a file that the server runs.
signal-visitor-in-program = What the visitor sends becomes part of a program that is run.
signal-visitor-in-query = What the visitor sends becomes part of a command of a database.
signal-visitor-in-read = What the visitor sends becomes part of which file is read.
signal-visitor-in-upload = What the visitor sends becomes part of where a file that was sent is kept.
signal-visitor-included = The visitor says which page is run.
signal-visitor-invoked = The visitor says what is called.
signal-visitor-listed = The visitor says which folder is listed.
signal-visitor-loaded = What the visitor sends is loaded as a program.
signal-visitor-mailed = The visitor says to whom mail is sent.
signal-visitor-moved = The visitor says which file is moved.
signal-visitor-native = What the visitor sends is given to functions of the system.
signal-visitor-opened-database = The visitor says which database is opened.
signal-visitor-queried = What the visitor sends is given to a database as a command.
signal-visitor-read = The visitor says which file is read.
signal-visitor-read-secrets = The visitor says which of the server's own secrets is read.
signal-visitor-started = What the visitor sends is started as a process.
signal-visitor-text-kept = What the visitor sends is written to a file.
signal-visitor-transformed = A style sheet that the visitor sends is run.
signal-visitor-wrote-any-kind = What the visitor sends is written to a file whose kind the visitor chooses.
signal-visitor-wrote-file = The visitor says what is written to which file.
signal-visitor-wrote-page = What the visitor sends is written to a file that the server runs.
circumstance-asked-for-by-an-intruder = An address from which a flaw was used asked for it, and it answered.
circumstance-foreign-in-exchange = It lies in a folder of Exchange, or under aspnet_client, and no known build brings it.
circumstance-made-after-a-break-in = It was made or changed in the thirty days after the first sign of a break-in.
circumstance-made-while-exposed = It was made or changed while the server was open to a known flaw.
circumstance-modified = It lies where Exchange has such a page, with a content that no build has.
circumstance-owned-by-a-person = It belongs to the account of a person, and not to a service.
circumstance-owned-by-the-web-server = It belongs to an account under which the web server works, which installs nothing.
circumstance-owned-by-windows = It belongs to the account by which Windows itself is installed.
circumstance-unlike-exchange = It lies among the pages of a build that no list knows, and names no code of Exchange's, as those do.
circumstance-used-by-many-users = Ten users or more opened it after they had logged on.
circumstance-written-by-exchange = The web server, or another process of Exchange, wrote it.

## What missing evidence would show

gap-http-proxy = the forged requests to the back end, and whether it answered them
gap-ecp-server = changes of virtual directories, by which a web shell is written
gap-iis-w3c = every request to the server, and its status
gap-oab-generator = the writing of address-book files, and errors when one was tampered with
gap-event-logs = programs that the web server started, and logons
gap-served-files = web shells in the folders that the web server serves
gap-builds = which Exchange build ran, and so which flaws were open
gap-setup-log = when each update was installed
gap-installed-build = which cumulative update is installed, and where
gap-security-update = which security update is installed
gap-admin-commands = which administrator commands ran, and by whom
gap-logons = logons, shares that were opened, and programs that were started
gap-file-table = files that were written, and those that were deleted since
gap-compiled-pages = pages that ran and were deleted since
gap-web-server-configuration = modules, handlers and folders that were added to the web server: footholds that need no page
gap-transport-agents = transport agents, which see every message
gap-run-keys = programs that start by themselves, and debuggers set on others
gap-services = services, and libraries that see passwords
gap-scheduled-tasks = tasks that start programs
gap-flows = how much left the server, and for where
gap-later-detector = what a later version of afterpatch can judge: keep the evidence

## Kinds of evidence

source-iis-w3c = IIS logs
source-http-proxy = HttpProxy logs
source-ecp-server = ECP server logs
source-oab-generator = OAB generator logs
source-request-filtering = Request filtering logs
source-evtx = Windows event logs
source-windows-events = Windows events, exported
source-served-files = Files of served folders
source-builds = Sightings of the build
source-exchange-setup = Exchange setup log
source-registry = Registry
source-pe-version = Versions of programs
source-mft = File table ($MFT)
source-configuration = Configuration
source-scheduled-task = Scheduled tasks
source-flows = Network flows

## Problems: what it is, and what one can do

problem-P0101 = file could not be read
    .remedy = check permissions and the medium, and add the file again
problem-P0102 = nothing in the collection
    .remedy = check that the collector finished and that the right path was given
problem-P0103 = cut off before its end
    .remedy = copy the file again from its source; what came before the cut was read
problem-P0104 = no parser for this file
    .remedy = nothing to do: the file is hashed and listed; its content was not judged
problem-P0105 = encrypted
    .remedy = decrypt it with the collector’s key or password and add it again
problem-P0106 = entry name leads outside the container
    .remedy = the entry was read under its plain name; ask who made the container
problem-P0107 = larger than the limit
    .remedy = raise the limit, or extract the file and add it alone
problem-P0108 = container or header is damaged
    .remedy = copy the file again from its source
problem-P0109 = nothing of an Exchange server in it
    .remedy = check that the right collection was given; see the docs for what to collect
problem-P0110 = the collector reports that it failed to copy this
    .remedy = collect the file again, with rights enough, before it is overwritten
problem-P0111 = two entries of one name
    .remedy = both were read; the second has a number behind its name
problem-P0112 = a link, not followed
    .remedy = add the link’s target as a collection of its own if it belongs to the evidence
problem-P0113 = packed within itself too often
    .remedy = unpack it by hand if it is genuine: containers that hold themselves are made to harm
problem-P0114 = more entries than the limit
    .remedy = raise the limit, or unpack it and add what matters
problem-P0115 = a container that is not opened here
    .remedy = unpack or mount it as the detail says, and add the result
problem-P0116 = not the bytes that the collector copied
    .remedy = copy it again from where the collector wrote it; if that differs too, ask who held it since
problem-P0117 = files of a mounted volume that were passed over
    .remedy = nothing to do: no parser reads what lies there; --all-files takes everything in
problem-P0118 = a volume that the server's own settings name is not there
    .remedy = mount it beside the others, in a folder that is called by its letter, and add the folder to a new case
problem-P0201 = record before any header names its fields
    .remedy = find the start of the log: an earlier part is missing
problem-P0202 = record does not have the fields that the header names
    .remedy = look at the line: it was cut, or a value holds the separator
problem-P0203 = time cannot be read
    .remedy = the row is kept without a time; look at the line
problem-P0204 = bytes that are no text in the file’s encoding
    .remedy = the row is kept with replacement characters
problem-P0205 = line is no JSON object
    .remedy = look at the line: the export was cut or mixed
problem-P0206 = event record is damaged
    .remedy = the neighbours were read; repair is possible only from another copy
problem-P0207 = event log chunk is damaged
    .remedy = the other chunks were read; look for another copy of the log
problem-P0208 = record is no valid CSV
    .remedy = look at the line: a quote is missing or a value is cut
problem-P0209 = line is longer than the limit
    .remedy = raise the limit if the line is genuine
problem-P0214 = XML is not well-formed, or is more than it should be
    .remedy = look at the line; what came before it was read
problem-P0215 = record of the file system is damaged
    .remedy = the neighbours were read; copy the file again from its volume if the medium allows it
problem-P0216 = files whose folder is gone
    .remedy = nothing to do: the folder was deleted and its record used again, or it was not copied
problem-P0217 = records of a kind that says nothing new
    .remedy = nothing to do: they repeat in another form what was read
problem-P0218 = registry hive is damaged, or was in use
    .remedy = read the detail; what could be read was read; collect the hive again if it is damaged
problem-P0301 = record has a time and no date: the date is taken from the header
    .remedy = trust the order more than the day where the log ran past midnight
problem-P0302 = no host name in the evidence
    .remedy = give the name with --server, or add a file that names it
problem-P0303 = times without a zone: they were taken for UTC
    .remedy = give the server’s zone with --tz SERVER=ZONE and add the evidence to a new case
problem-P0401 = rule could not be loaded
    .remedy = mend the rule, or take it out of the folder
problem-P0402 = rule could not be run
    .remedy = look at the detail; the other rules ran
problem-P0403 = evidence is no longer where it was read
    .remedy = put the collection back at its place and run detect again
problem-P0501 = address gave no answer to the sweep
    .remedy = read the detail; ask again from where the server can be reached, or collect from the server itself
problem-P0502 = answer to the sweep tells no build of Exchange
    .remedy = collect from the server itself: the registry, ExSetup.exe or any HttpProxy log tells the build
problem-P0503 = answer to the sweep names builds of different updates
    .remedy = ask each server behind the name by itself; what stands before them may mix their answers

## Headings and labels

ui-report = Investigation report
ui-subtitle = Microsoft Exchange, after a break-in wave
ui-organisation-unnamed = Organisation not named
ui-server = Server
ui-servers = Servers
ui-version = Version
ui-content = Content digest
ui-evidence = Evidence
ui-contents = Contents
ui-answers = The six answers
ui-by-server = By server
ui-plan = What to do, in order
ui-stories = What the intruder did
ui-no-stories = Nothing came of any attempt, so there is no story to tell.
ui-story-of = What happened on { $server }, { $when }
ui-story-from = from { $names }
ui-story-as = as { $names }
ui-story-and = {" "}and{" "}
ui-story-silent = { $phase }: not seen, though it would show in: { $silent }.
ui-story-absent = { $phase }: not seen; what would show it was not collected: { $absent }.
ui-story-silent-absent = { $phase }: not seen in: { $silent }. Not collected: { $absent }.
ui-phase = Step
ui-ties = Tied by
ui-not-seen = Not seen
phase-entry = Entry
phase-execution = Execution
phase-foothold = Foothold
phase-use = Use
phase-theft = Theft
phase-cover = Covering of tracks
tie-address = address
tie-account = account
tie-session = session
tie-artefact = file
tie-time = time alone
ui-timeline = Timeline
ui-coverage = What the evidence covers
ui-findings = Findings
ui-finding = Finding
ui-rules = Matches of community rules
ui-method = Method
ui-limits = Limits
ui-problems = Problems
ui-artifacts = Evidence and hashes
ui-question = Question
ui-for = For
ui-against = Against
ui-missing = Missing
ui-why = Why
ui-grade = Grade
ui-confidence = Confidence
ui-first = First
ui-last = Last
ui-time = Time
ui-from = From
ui-until = Until
ui-subject = Subject
ui-flaws = Flaws
ui-techniques = ATT&CK
ui-false-alarms = What would make it a false alarm
ui-detections = Detections
ui-detections-against = Detections against it
ui-proof = Proof
ui-place = Place
ui-record = record
ui-fields = Record
ui-rule = Rule
ui-author = Author
ui-licence = Licence
ui-engine = Engine
ui-level = Level
ui-facts = Facts
ui-what-happened = What happened
ui-source = Kind
ui-scope = Scope
ui-covered = Covered
ui-gaps = Gaps
ui-no-gap = none
ui-no-dates = has no dates
ui-records = Records
ui-artifact-count = Files
ui-builds = Builds seen
ui-build = Build
ui-exposure = Flaws that were open
ui-state = State
ui-role = Role
ui-flaws-fixed-by = { $count ->
    [one] One flaw ({ $update })
   *[other] { $count } flaws ({ $update })
}
ui-flaws-unfixed = { $count ->
    [one] One flaw that no update of Exchange fixes
   *[other] { $count } flaws that no update of Exchange fixes
}
ui-flaws-later = { $count ->
    [one] One flaw that came out after the last sighting
   *[other] { $count } flaws that came out after the last sighting
}
ui-known-used = Known to have been used
ui-to-cover = Used and open; the logs must cover
ui-by-then = by { $time }
ui-need-unmet = missing: { $what }
ui-need-unknown = not known: { $what }
ui-mitigated = { $what }, since { $first }: a mitigation, and no fix
ui-fixed-in = Fixed in
ui-still-open = still open
ui-no-fix = no fix published for this cumulative update
ui-install-root = Installed in
ui-named-by = Named by
ui-read-only = Read-only
ui-changes-things = Changes things
ui-verify = How to tell that it is done
ui-why-now = Why, and why now
ui-not-covered = What it does not do
ui-decides = Who decides
ui-commands = Commands
ui-page = Microsoft’s page
ui-targets = On what
ui-note = In particular
ui-after = After
ui-turns = In which order the servers are treated
ui-availability-group = Availability group
ui-organisation-wide = whole organisation
ui-flaws-behind = Flaws
ui-because = Because of
ui-because-gaps = missing evidence
ui-code = Code
ui-problem = Problem
ui-remedy = What to do
ui-count = Count
ui-example = First of them
ui-path = Path
ui-size = Size
ui-parser = Read as
ui-not-read = not read
ui-sha256 = SHA-256
ui-none = None.
ui-no-findings = No finding. That is no proof of absence: see what the evidence covers.
ui-no-timeline = No event bears on a finding.
ui-rule-coverage = What the rules could look at
rule-coverage-summary = Of { $rules } rules by log source, { $without } are for log sources of which there is no fact here, and { $gaps } ask for fields that occur in none of their facts. That these met nothing says nothing.
ui-log-source = Log source
ui-log-sources = Log sources that rules are written for
ui-channel = Channel
ui-channels-without-rules = Channels that no rule is meant for
ui-rules-without-fields = Rules that could not be met
rule-gap-no-such-field = no fact of its log source has these fields: { $fields }
rule-gap-did-not-compile = its engine refused it: { $reason }
ui-no-rules = No community rule matched beyond the findings above.
ui-no-plan = No step is needed.
ui-no-problems = No problem: every record was read.
ui-no-coverage = No evidence with a span of time was read.
ui-would-show = would show { $what }
ui-read-line = Read { $artifacts } files ({ $bytes }) from { $collections } collections: { $records } records = { $facts } facts + { $lost } lost; { $problems } problems.
ui-left-out = { $count } more are left out here; they stand in { $file }.
ui-more = and { $count } more
ui-timeline-desc = Events by server and by grade, from { $from } to { $until }. The list below says the same in words.
ui-timeline-outside = { $count } events lie outside the drawn span; they stand in the list.
ui-events = { $count ->
    [one] one event
   *[other] { $count } events
}
ui-hatched = Hatched: not covered. “No trace” means nothing there.
ui-utc = All times are UTC.
ui-page-note = This file needs no network and runs no script.
ui-attribution = ATT&CK is a trademark of The MITRE Corporation. Sigma rules are shown with their authors under the Detection Rule License 1.1, or under the licence named beside them.

## Method and limits

method-intro = Afterpatch reads what was collected, turns every record into a fact or a problem, runs its rules over the facts, and answers six questions. No answer is stronger than the evidence allows.
method-auditable = Auditable
    .text = Every file was hashed before it was read. Every fact carries the file and the record that it came from, and every finding shows its proof.
method-repeatable = Repeatable
    .text = The same evidence, content and version give the same report, byte for byte.
method-reproducible = Reproducible
    .text = The content digest and the version at the top name the rules and the program. Anybody who has both and the evidence can run the investigation again.
method-justifiable = Justifiable
    .text = Each finding says what raised its grade, what speaks against it, and what would make it a false alarm.
method-grades = The grades, from weak to strong
method-words = The four words are those of ISO/IEC 27037.
limit-collected = The report speaks of the evidence that was handed in, and of nothing else. What was not collected was not judged.
limit-coverage = “No trace” is answered only where the logs cover the time in question. Elsewhere the answer is “cannot tell”.
limit-tampering = An intruder with full rights can remove or alter logs and file times. Afterpatch does not prove that evidence is genuine.
limit-patch = A patch closes the flaw. It removes nothing that was left behind.
limit-law = The report is a technical one. It is no legal advice.
limit-lost = { $lost ->
    [0] No record was lost in reading.
    [one] One record could not be read: see the problems.
   *[other] { $lost } records could not be read: see the problems.
}

## What the program says while it works

talk-warning = warning
talk-hint = hint
talk-error = error
talk-read = Read: { $new } new files, { $known } known; { $records } records = { $facts } facts + { $lost } lost.
talk-no-common-server = The two cases have no server in common.
talk-report = Report: { $path }
talk-rules-met = { $detections } detections, { $findings } findings.
talk-nothing-of-exchange = Nothing of an Exchange server was found in what was handed in.
talk-nothing-of-exchange-hint = Hand in the server’s Logging, inetpub and FrontEnd folders and its event logs; docs/parsers.md lists the formats.
talk-rules-read = { $rules } rules, { $problems } problems
talk-rules-tested = { $tests } rules tested, { $failed } failed
talk-evaluated = { $judged } labelled files were judged, at { $speed } MB per CPU second; { $absent } labelled ones are not there, { $unlabelled } files have no label
talk-rules-on-samples = { $rules } rules, { $met } of them met
talk-sigma-alone = Sigma rules were run and no others; `investigate` runs all rules and answers the questions.
talk-rule-met-nothing = { $rule }: met nothing
talk-rule-no-source = { $rule }: met nothing; no fact of the samples is of its log source { $source }
talk-rule-no-field = { $rule }: met nothing; no fact of its log source has the fields { $fields }
talk-rule-not-compiled = { $rule }: met nothing; { $reason }
talk-more-problems = And { $count } more; the report lists them by code.
talk-sweep-refused = sweep sends requests over the network: give --i-am-authorised if you may ask every address in the list
talk-sweep-refused-hint = ask only servers that are your own, or whose owner has agreed in writing; docs/sweep.md says what is sent
talk-sweep-bad-line = { $file }, line { $line }: { $text }: { $reason }
talk-sweep-begins = Asking { $targets } addresses for /owa/: at most { $requests } requests each, { $rate } a second in all.
talk-sweep-goes-on = Going on with the sweep that was begun at { $begun }: { $asked } of the addresses were asked already.
talk-sweep-done = Asked: { $told } tell a build, { $untold } answer without one, { $silent } gave no answer.

## Playbooks

cacao-description = What afterpatch advises after the examination of the evidence, in order. What changes a server is left to people: no command here does so by itself.
cacao-decide = Is this to be done? { $step }
cacao-compare = Collect again and compare the two cases
    .means = Collect the same kinds of evidence from the same servers again and investigate them into a second case. The command says of each step whether it is done, not done, or whether the evidence cannot tell, and what was found since.

## Two cases compared

completion-done = done
completion-cannot-tell = cannot tell
completion-not-done = not done
fate-new = New
fate-remains = Remains
fate-cannot-tell = Cannot tell
fate-over = Over
gap-gone = whether it is gone

check-build-fixes = The build fixes { $cves }
check-finding-gone = The finding is gone: { $finding }
check-path-absent = Nothing lies at { $path }
check-setting-absent = { $name } is no longer { $value }
check-covered = { $source }: no gap
check-prerequisite-met = In place: { $need }
check-not-reached = No public address reaches the server
check-nothing-new = Nothing new happened
check-scoped = No gap since { $from } in what shows a break-in
check-scoped-undated = No gap since then in what shows a break-in
check-scanned = A scan came to its end and met nothing
check-by-hand = By your own records

ui-verified = Was the plan carried out?
ui-verified-done = Every step that evidence can show is done, nothing is left, and nothing new was found.
ui-verified-not-done = Not everything is done, something is left, or something new was found.
ui-verified-cannot-tell = Nothing is known to be left undone, but the later case cannot tell of every step.
ui-verify-before = Before
ui-verify-after = After
ui-verify-until = evidence until { $until }
ui-verify-no-dates = evidence without dates
ui-steps = Steps
ui-step = Step
ui-by-hand = by hand
ui-uncounted = not counted
ui-planned-since = The plan of the later case: { $plan }
ui-patched = Patched
ui-cleaned = Cleaned
ui-outcome = Outcome
ui-shown-by = Shown by
ui-covered-by = Covered by
ui-files-collected = { $count ->
    [one] one record
   *[other] { $count } records
 }
ui-nothing-to-compare = The earlier case has no plan, and neither case has findings.

reason-verify-server-not-in-after = The later case has nothing of this server.
reason-verify-server-not-in-before = The earlier case has nothing of this server.
reason-verify-after-not-later = The evidence of the later case does not go beyond that of the earlier one, so that nothing missing from it counts as gone.
reason-verify-left-file = Its file is there still: { $what }
reason-verify-left-compiled = What was compiled from it is there still, and may answer without its page: { $what }
reason-verify-left-setting = A setting of it is there still: { $what }
reason-verify-left-used = It went on after the earlier evidence ended, last on { $last }.
reason-verify-gone = The later case reaches as far as the traces did, and shows nothing of it any more.
reason-verify-gone-not-covered = The later case shows nothing of it, but does not reach as far as the traces did.
reason-verify-undone = The logs of the later case show who took it back.
reason-verify-made-not-undone = Its making was logged, and nothing shows that it was taken back: it stays until somebody does.
reason-verify-new-server = The earlier case has nothing of this server.
reason-verify-new-undated = Only the later case shows it; its traces have no dates.
reason-verify-new-older = Its traces are no younger than the earlier evidence (last on { $last }), which did not hold them.
reason-verify-new-since = First seen on { $first }, after the earlier evidence ended.
reason-verify-build-not-seen = The later case names no build of this server after the earlier evidence ended.
reason-verify-build-open = Build { $build } leaves open: { $cves }
reason-verify-build-maybe-open = Whether build { $build } closes { $cves } cannot be told.
reason-verify-build-fixes = Build { $build } was seen; it fixes { $cves }
reason-verify-build-before-all = Build { $build } was seen; these flaws came out only after the later evidence ended: { $cves }
reason-verify-flaws-since = { $count ->
    [one] One more flaw has come out since that this build leaves open.
   *[other] { $count } more flaws have come out since that this build leaves open.
 }
reason-verify-mitigated-only = A mitigation is in place. It is no fix.
reason-verify-finding-unknown = The earlier case has no such finding.
reason-verify-path-there = It is there: { $path }
reason-verify-path-gone = Nothing lies at { $path }, and its folder was collected.
reason-verify-path-not-covered = The later case does not hold the folder of { $path }.
reason-verify-setting-there = { $name } is still { $value }
reason-verify-setting-gone = { $name } was collected and is no longer { $value }
reason-verify-setting-not-covered = The later case shows no { $name }.
reason-verify-covered-whole = Covered without a gap: { $sources }
reason-verify-covered-gap = Not covered, or with a gap: { $sources }
reason-verify-need-met = In place: { $need }
reason-verify-need-unmet = Missing: { $need } { $subjects }
reason-verify-need-unknown = The later case does not tell: { $need }
reason-verify-need-over = On build { $build } no flaw is left that needs it: { $need }
reason-verify-need-later = The flaws that need it came out only after the later evidence ended: { $need }
reason-verify-scoped = Since { $from }, the logs of both cases leave no gap, and all served folders were collected.
reason-verify-scope-gap = Since { $from }, logs or served folders are missing.
reason-verify-scope-before = A flaw that is known to have been used was open before the first trace. Logs from { $from } to { $until } are missing, so that somebody may have come earlier.
reason-verify-scan-clean = A scan came to its end on { $time } and met nothing.
reason-verify-scan-met = { $count ->
    [one] The last scan met something: { $what }
   *[other] The last scan met { $count } things, the first of them: { $what }
 }
reason-verify-scan-unfinished = A scan began and did not come to its end.
reason-verify-scan-none = The later case tells of no scan since the earlier evidence ended.
reason-verify-reached-since = { $address } reached the server on { $last }. Whether it was cut off until then, see your own records.
reason-verify-not-reached = The logs since then hold no request from a public address.
reason-verify-logs-missing = Logs of the time since then are missing.
reason-verify-happened-since = Something was found that happened later, last on { $last }.
reason-verify-nothing-since = The logs since then show nothing.
reason-verify-by-hand = Evidence does not show it: see your own records.
reason-verify-patched-and-cleaned = Patched and cleaned.
reason-verify-patched-not-cleaned = Patched, not cleaned: what the intruder left is there still.
reason-verify-cleaned-not-patched = Cleaned, not patched: the way in is open still.
reason-verify-neither-patched-nor-cleaned = Neither patched nor cleaned.
reason-verify-not-patched = Not patched: the way in is open still.
reason-verify-not-cleaned = Not cleaned: what the intruder left is there still.
reason-verify-comparison-cannot-tell = The later case does not reach far enough to tell.
reason-verify-patched = Patched.
reason-verify-cleaned = Cleaned.
reason-verify-nothing-to-do = No flaw was open, and nothing was left behind.
reason-verify-half-removed = Only half removed: { $subject } is gone, but not all that belongs to it.
reason-verify-new-findings = { $count ->
    [one] One new finding.
   *[other] { $count } new findings.
 }
reason-verify-content-differs = The two cases were judged by different rules or knowledge: judge both again to compare like with like.
reason-verify-organisations-differ = The cases are of different organisations: { $before }, { $after }

## How a flaw stands on a server

flaw-state-open = open
flaw-state-needs-more = fixed in part
flaw-state-maybe-open = not known
flaw-state-fixed = fixed since
flaw-state-not-affected = no longer affected
open-by-need = something beside the build is missing
open-by-doubt = in doubt
open-by-before = before the first sighting
need-extended-protection = Extended Protection on every virtual directory
need-schema = the schema of Active Directory extended (/PrepareSchema)
need-prepare-domain = every domain prepared again (/PrepareDomain)
need-token-cache-module = the module TokenCacheModule removed, or Windows updated
need-windows-iis-update = the update of Windows for the token cache of IIS
need-serialized-data-signing = signing of serialised data
need-override-absent = no setting override that turns the fix off
need-hybrid-app = a dedicated application for the hybrid organisation
need-key-credentials = key credentials of the shared service principal cleaned up
need-download-domains = download domains
need-loopback-check = the loopback check in force
need-machine-keys = new machine keys
need-windows-update = an update of Windows
need-dotnet-update = an update of .NET
mitigation-eomt = Rewrite rules of EOMT
mitigation-exchange-mitigations = Services stopped by ExchangeMitigations
mitigation-eomt-v2 = Rewrite rule of EOMTv2
mitigation-eems-m1 = Mitigation M1 of the mitigation service
mitigation-eems-m2 = Mitigation M2 of the mitigation service
role-mailbox = mailbox server
role-edge = edge transport server: no client reaches a mailbox through it
role-management-only = management tools only
role-hybrid = part of a hybrid organisation
