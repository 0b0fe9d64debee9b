//! Pieces of Java, none of which a server would run: what is followed, beside what only looks like it.

use super::super::follow;
use crate::kind::{Kind, Language};
use crate::parser::program_of_text;

/// The signals of what a text spells.
fn codes(text: &str) -> Vec<&'static str> {
    let program = program_of_text(Language::Java, text);
    let mut codes: Vec<_> = follow(Kind::Jsp, &[program], &program_of_text, &|_, _| None)
        .signals
        .iter()
        .map(|signal| signal.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn a_method_is_called_by_its_name() {
    let call = |object: &str| {
        format!(
            "new Expression({object}, \"ex\" + \"ec\", new Object[] {{ request.getParameter(\"q\") }}).getValue();"
        )
    };
    assert_eq!(codes(&call("Runtime.getRuntime()")), ["visitor-started"]);
    assert!(codes(&call("example")).is_empty());
}

#[test]
fn names_are_read_out_of_bytes() {
    let named = |bytes: &str| format!("Class c = Class.forName(new String(new byte[] {{ {bytes} }}));");
    assert_eq!(
        codes(&named("106, 97, 118, 97, 46, 108, 97, 110, 103, 46, 82, 117, 110, 116, 105, 109, 101")),
        ["hidden-name"]
    );
    assert!(codes(&named("120, 46, 89")).is_empty());
}

#[test]
fn a_stream_round_a_file_is_that_file() {
    let written = |round: &str| {
        format!(
            "String f = request.getParameter(\"f\"); PrintWriter w = new PrintWriter({round}); w.print(request.getParameter(\"t\"));"
        )
    };
    assert_eq!(codes(&written("new File(f)")), ["visitor-chose-file", "visitor-wrote-file"]);
    assert_eq!(
        codes(&written("new OutputStreamWriter(new FileOutputStream(f))")),
        ["visitor-chose-file", "visitor-wrote-file"]
    );
    assert!(codes(&written("response.getOutputStream()")).is_empty());
}

#[test]
fn who_says_how_a_name_ends_says_what_kind_of_file_it_is() {
    let named =
        |name: &str| format!("new FileOutputStream({name}).write(request.getParameter(\"t\").getBytes());");
    let sent = "\"/example/\" + request.getParameter(\"f\")";
    assert_eq!(codes(&named(sent)), ["visitor-in-file-name", "visitor-wrote-any-kind"]);
    assert_eq!(codes(&named(&format!("{sent} + \".txt\""))), ["visitor-in-file", "visitor-in-file-name"]);
}

#[test]
fn a_buffer_holds_what_is_read_into_it() {
    let read = |from: &str| {
        format!(
            "byte[] b = new byte[8]; InputStream in = {from}; while (in.read(b, 0, 8) > 0) new FileOutputStream(request.getParameter(\"f\")).write(b);"
        )
    };
    assert_eq!(codes(&read("request.getInputStream()")), ["visitor-chose-file", "visitor-wrote-file"]);
    assert_eq!(codes(&read("example.open()")), ["visitor-chose-file"]);
}

#[test]
fn what_a_server_calls_with_messages_gets_them_from_visitors() {
    let handler = |name: &str| {
        format!(
            "class E extends Endpoint {{ public void {name}(String s) {{ Runtime.getRuntime().exec(s); }} }}"
        )
    };
    assert_eq!(codes(&handler("onMessage")), ["visitor-started"]);
    assert_eq!(codes(&handler("onExample")), ["starts-process"]);
}

#[test]
fn what_is_looked_up_may_be_a_program() {
    let looked_up = |name: &str| format!("new InitialContext().lookup({name});");
    assert_eq!(codes(&looked_up("request.getParameter(\"q\")")), ["visitor-loaded"]);
    assert!(codes(&looked_up("\"java:comp/env/jdbc/example\"")).is_empty());
}

#[test]
fn a_database_that_the_page_names_is_opened_by_the_page() {
    let opened = |url: &str| format!("DriverManager.getConnection({url});");
    assert_eq!(codes(&opened("\"jdbc:example://db.example.org/x\"")), ["opens-database"]);
    assert_eq!(codes(&opened("request.getParameter(\"q\")")), ["visitor-opened-database"]);
    assert!(codes("void open(String url) { DriverManager.getConnection(url); }").is_empty());
}

#[test]
fn what_evaluates_expressions_is_known_and_what_compares_them_is_not() {
    let sent = "request.getParameter(\"q\")";
    for engine in [
        "Ognl.getValue(Q, null);",
        "MVEL.eval(Q);",
        "new JexlBuilder().create().createExpression(Q);",
        "new Interpreter().eval(Q);",
        "new Template(\"x\", new StringReader(Q), example);",
        "pageContext.getExpressionFactory().createValueExpression(example, Q, Object.class);",
    ] {
        assert_eq!(codes(&engine.replace('Q', sent)), ["visitor-evaluated"], "{engine}");
        assert!(!codes(&engine.replace('Q', "\"x\"")).contains(&"visitor-evaluated"), "{engine}");
    }
    assert!(codes("Example.getValue(request.getParameter(\"q\"), null);").is_empty());
}

#[test]
fn a_style_sheet_of_the_visitors_is_told_from_one_of_the_page() {
    let run =
        |sheet: &str| format!("TransformerFactory.newInstance().newTransformer(new StreamSource({sheet}));");
    assert_eq!(codes(&run("new StringReader(request.getParameter(\"q\"))")), ["visitor-transformed"]);
    assert!(codes(&run("\"example.xsl\"")).is_empty());
}

#[test]
fn a_filter_that_a_page_adds_stays_in_memory() {
    assert_eq!(codes("context.addFilterMapBefore(map);"), ["stays-in-memory"]);
    assert!(codes("context.getFilterRegistrations();").is_empty());
}

#[test]
fn what_is_picked_out_of_all_fields_is_the_visitors() {
    let started = |from: &str| format!("Runtime.getRuntime().exec({from});");
    assert_eq!(codes(&started("((String[]) request.getParameterMap().get(\"q\"))[0]")), ["visitor-started"]);
    assert_eq!(codes(&started("request.getReader().readLine()")), ["visitor-started"]);
    assert_eq!(codes(&started("example.get(\"q\")")), ["starts-process"]);
}
