//! Pieces of C# and JScript .NET, none of which a server would run: what is followed, beside what only looks like it.

use super::super::follow;
use crate::kind::{Kind, Language};
use crate::parser::program_of_text;

fn codes_in(language: Language, text: &str) -> Vec<&'static str> {
    let program = program_of_text(language, text);
    let mut codes: Vec<_> = follow(Kind::Ashx, &[program], &program_of_text, &|_, _| None)
        .signals
        .iter()
        .map(|signal| signal.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The signals of what a text of C# spells.
fn codes(text: &str) -> Vec<&'static str> {
    codes_in(Language::CSharp, text)
}

#[test]
fn what_is_read_into_a_buffer_is_what_it_was_read_from() {
    let filled = |from: &str| {
        format!("byte[] b = new byte[9]; {from}.Read(b, 0, 9); File.WriteAllBytes(Request[\"p\"], b);")
    };
    assert_eq!(codes(&filled("Request.InputStream")), ["visitor-chose-file", "visitor-wrote-file"]);
    assert_eq!(codes(&filled("example")), ["visitor-chose-file"]);
}

#[test]
fn a_stream_is_no_name_of_a_file() {
    assert_eq!(codes("new StreamReader(Request.InputStream).ReadToEnd();"), [""; 0]);
    assert_eq!(codes("new StreamReader(Request[\"p\"]).ReadToEnd();"), ["visitor-read"]);
}

#[test]
fn what_is_written_to_a_page_is_told_from_what_is_written_elsewhere() {
    let written = |name: &str, text: &str| {
        format!("var w = File.CreateText(Server.MapPath(\"{name}\")); w.Write(\"{text}\");")
    };
    assert_eq!(codes(&written("x.asp", "<%= 1 %>")), ["page-planted"]);
    assert_eq!(codes(&written("x.asp", "plain")), ["served-file-written"]);
    assert_eq!(codes(&written("x.txt", "plain")), [""; 0]);
}

#[test]
fn a_namespace_is_no_control() {
    let started = |text: &str| format!("Process.Start({text});");
    assert_eq!(codes(&started("System.Text.Example.Name")), ["starts-process"]);
    assert_eq!(codes(&started("example.Text")), ["visitor-started"]);
}

#[test]
fn members_are_called_by_their_names() {
    let called = |component: &str| {
        format!(
            "var o = Activator.CreateInstance(Type.GetTypeFromProgID(\"{component}\"));
             o.GetType().InvokeMember(\"Run\", x, null, o, new object[] {{ Request[\"c\"] }});"
        )
    };
    assert_eq!(codes(&called("WScript.Shell")), ["visitor-started"]);
    assert_eq!(codes(&called("Example.Shell")), [""; 0]);
}

#[test]
fn attributes_of_jscript_stand_before_functions() {
    let method = |attribute: &str| {
        format!("public class X {{ {attribute} function Y(z : String) : void {{ eval(z); }} }}")
    };
    assert_eq!(codes_in(Language::JScript, &method("WebMethodAttribute")), ["visitor-evaluated"]);
    assert_eq!(codes_in(Language::JScript, &method("ExampleAttribute")), ["evaluates"]);
}

#[test]
fn parameters_of_web_methods_are_the_visitors_whatever_their_type() {
    let method = |attribute: &str| {
        format!(
            "class X {{ {attribute} public void Y(string z) {{ Process.Start(\"cmd.exe\", \"/c \" + z); }} }}"
        )
    };
    assert_eq!(codes(&method("[WebMethod(Description = \"d\")]")), ["visitor-started"]);
    assert_eq!(codes(&method("[OperationContract]")), ["visitor-started"]);
    assert_eq!(codes(&method("[Obsolete]")), ["starts-process"]);
}

#[test]
fn objects_of_the_server_keep_their_types_when_something_is_set_on_them() {
    let text =
        "context.Response.ContentType = \"text/plain\"; context.Response.WriteFile(context.Request[\"f\"]);";
    assert_eq!(codes(text), ["visitor-read"]);
}

#[test]
fn a_page_that_only_makes_what_another_file_declares_is_told() {
    assert_eq!(codes("Example.Part x = new Example.Part(\"1\");"), ["only-makes"]);
    assert_eq!(codes("Example.Part x = new Example.Part(\"1\"); x.Show();"), [""; 0]);
    assert_eq!(codes("StringBuilder x = new StringBuilder(\"1\");"), [""; 0]);
}

#[test]
fn a_provider_of_paths_stays_in_memory() {
    assert_eq!(codes("HostingEnvironment.RegisterVirtualPathProvider(new Example());"), ["stays-in-memory"]);
    assert_eq!(codes("HostingEnvironment.MapPath(\"~/x\");"), [""; 0]);
}

#[test]
fn a_function_of_the_language_is_one_under_another_name() {
    let text = |name: &str| format!("var run = this[{name}]; run(Request(\"q\"), \"x\");");
    assert_eq!(codes_in(Language::JScript, &text("\"ev\" + \"al\"")), ["visitor-evaluated"]);
    assert!(!codes_in(Language::JScript, &text("\"ev\" + \"ent\"")).contains(&"visitor-evaluated"));
}

#[test]
fn a_member_is_called_by_its_name_on_the_type_or_on_an_object() {
    let called = |object: &str| {
        format!(
            "Type.GetType(\"System.Diagnostics.Process\").InvokeMember(\"Start\", flags, null, {object}, new object[] {{ Request[\"q\"] }});"
        )
    };
    assert!(codes(&called("null")).contains(&"visitor-started"));
    assert!(!codes(&called("new StringBuilder()")).contains(&"visitor-started"));
    let by_name = |object: &str| format!("CallByName({object}, \"Run\", 1, Request[\"q\"]);");
    assert_eq!(codes(&by_name("CreateObject(\"WScript.Shell\")")), ["visitor-started"]);
    assert!(!codes(&by_name("CreateObject(\"ADODB.Stream\")")).contains(&"visitor-started"));
}

#[test]
fn a_method_that_lies_in_a_variable_of_its_own_name_is_called_and_the_walk_ends() {
    let called = |of: &str| {
        format!(
            "var start = {of}.GetMethod(\"Start\"); start.Invoke(null, new object[] {{ Request[\"q\"] }});"
        )
    };
    assert!(codes(&called("typeof(System.Diagnostics.Process)")).contains(&"visitor-started"));
    assert!(!codes(&called("controller.GetType()")).contains(&"visitor-started"));
}

#[test]
fn what_another_server_sends_is_planted_where_a_server_runs_it() {
    let kept = |name: &str| format!("new WebClient().DownloadFile(\"https://example.org/x\", {name});");
    assert_eq!(codes(&kept("Server.MapPath(\"x.aspx\")")), ["remote-planted"]);
    assert_eq!(codes(&kept("\"x.zip\"")), ["remote-written"]);
}

#[test]
fn readers_that_make_objects_are_told_from_those_of_text() {
    for reader in ["new ResXResourceReader(Q)", "ActivityXamlServices.Load(Q)", "XamlServices.Parse(Q)"] {
        assert_eq!(
            codes(&format!("{};", reader.replace('Q', "Request[\"q\"]"))),
            ["visitor-deserialised"],
            "{reader}"
        );
    }
    assert!(!codes("new StringReader(Request[\"q\"]);").contains(&"visitor-deserialised"));
}

#[test]
fn a_page_may_show_a_table_whatever_its_columns_are_called() {
    let page = |opened: &str, shown: &str| {
        format!(
            "var a = new SqlDataAdapter(\"SELECT * FROM t\", new SqlConnection({opened})); var d = new DataSet(); a.Fill(d); \
             foreach (DataColumn c in d.Tables[0].Columns) Response.Write({shown});"
        )
    };
    let own = "\"Server=192.0.2.1;Uid=u;Pwd=example\"";
    let codes_of = |opened: &str, shown: &str| codes(&page(opened, shown));
    assert_eq!(
        codes_of(own, "c.ColumnName + '\\t'"),
        ["columns-shown", "opens-database", "password-in-connection"]
    );
    assert_eq!(codes_of("\"Server=.;Pwd=\"", "c.ColumnName"), ["columns-shown", "opens-database"]);
    assert_eq!(
        codes_of("\"Server=.;Pwd=\" + ConfigurationManager.AppSettings[\"p\"]", "c.ColumnName"),
        ["columns-shown", "opens-database"]
    );
    assert_eq!(codes_of(own, "c.Ordinal"), ["opens-database", "password-in-connection"]);
}

#[test]
fn a_style_sheet_brings_script_that_runs() {
    let applied = |language: &str, body: &str, load: &str| {
        let sheet = format!(
            "<x:stylesheet><m:script language='{language}' implements-prefix='u'><m:assembly name='x'/>\
             <![CDATA[ {body} ]]></m:script></x:stylesheet>"
        );
        format!("string s = @\"{}\"; var t = new XslCompiledTransform(); {load}", sheet.replace('"', "\"\""))
    };
    let document = "var d = new XmlDocument(); d.LoadXml(s); t.Load(d, XsltSettings.TrustedXslt, null);";
    let reader = "t.Load(XmlReader.Create(new StringReader(s)));";
    let eval = "function run() { var c = System.Web.HttpContext.Current; eval(c.Request.Item[\"q\"]); }";
    let start =
        "public string run() { System.Diagnostics.Process.Start(HttpContext.Current.Request[\"q\"]); }";
    for load in [document, reader] {
        assert_eq!(codes(&applied("JScript", eval, load)), ["visitor-evaluated"], "{load}");
        assert_eq!(codes(&applied("C#", start, load)), ["visitor-started"], "{load}");
        let component = "function run() { var c = System.Web.HttpContext.Current; \
            new ActiveXObject(\"WScript.Shell\").Exec(\"cmd /c \" + c.Request[\"q\"]); }";
        assert_eq!(codes(&applied("JScript", component, load)), ["visitor-started"], "{load}");
        let shown = "function run(a) { return a.toString(); }";
        assert!(codes(&applied("JScript", shown, load)).is_empty(), "{load}");
    }
    let unused = "var d = new XmlDocument(); d.LoadXml(s);";
    assert!(codes(&applied("JScript", eval, unused)).is_empty());
}

#[test]
fn a_table_of_keys_holds_what_is_put_into_it() {
    let of = |key: &str| {
        format!(
            "var h = new Hashtable(); h.Add(\"a\", Request[\"q\"]); h.Add(\"b\", \"x\"); Process.Start((string)h[\"{key}\"]);"
        )
    };
    assert_eq!(codes(&of("a")), ["visitor-started"]);
    assert_eq!(codes(&of("b")), ["fixed-command"]);
}
