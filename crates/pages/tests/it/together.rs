//! Pages with what they take in: what neither shows alone.

use afterpatch_pages::kind::Kind;
use afterpatch_pages::page::Named;
use afterpatch_pages::signal::Signal;
use afterpatch_pages::together::{self, Neighbour, Neighbours};
use afterpatch_pages::verdict::{Judgement, Verdict};
use afterpatch_pages::{judge, judge_among};

/// Where the page of each test lies; its name ends as its kind does.
const PAGE: &str = "/site/app/page";

/// A folder with files, by path.
struct Folder<'f>(Vec<(&'f str, &'f str)>);

impl Neighbours for Folder<'_> {
    fn find(&self, by: Option<&str>, named: Named<'_>) -> Option<Neighbour> {
        let found = |path: String| self.0.iter().find(|(known, _)| *known == path);
        let (path, text) = named.paths(by.unwrap_or(PAGE)).find_map(found)?;
        Some(Neighbour { path: (*path).to_owned(), size_bytes: u64::try_from(text.len()).unwrap() })
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let (_, text) = self.0.iter().find(|(known, _)| *known == path)?;
        Some(text.as_bytes().to_vec())
    }
}

fn among(kind: Kind, page: &str, files: &[(&str, &str)]) -> Judgement {
    judge_among(page.as_bytes(), kind, &Folder(files.to_vec()))
}

fn verdict(kind: Kind, page: &str, files: &[(&str, &str)]) -> Option<Verdict> {
    among(kind, page, files).verdict
}

/// Spells the way of the signal that tells most: each step with its file, where that is not the page, and its line.
fn way(judgement: &Judgement) -> String {
    let Some(Signal { code, path, .. }) = judgement.signals.first() else { return String::new() };
    let steps = path.iter().map(|step| {
        let file = step.file.as_deref().map(|file| format!("{file}:")).unwrap_or_default();
        format!(" {}@{file}{}", step.what, step.line)
    });
    format!("{code}:{}", steps.collect::<String>())
}

/// Asserts that a page is a shell with one of two files, and nothing with the other or by itself; returns the way.
#[track_caller]
fn hit(kind: Kind, page: &str, name: &str, file: &str, twin: &str) -> String {
    assert_eq!(judge(page.as_bytes(), kind).verdict, None, "the page by itself");
    assert_eq!(verdict(kind, page, &[(name, twin)]), None, "the page with a twin");
    let together = among(kind, page, &[(name, file)]);
    assert_eq!(together.verdict, Some(Verdict::Shell), "{:?}", together.signals);
    assert!(!together.cut_short);
    way(&together)
}

#[test]
fn a_source_in_a_page_reaches_a_sink_in_an_include_of_classic_asp() {
    let page = "<% q = Request(\"inert\") %>\n<!--#include file=\"x.inc\"-->";
    let way = hit(Kind::Asp, page, "/site/app/x.inc", "<p>\n<% Execute q %>", "<p>\n<% Response.Write q %>");
    assert_eq!(way, "visitor-evaluated: request(inert)@1 q@1 execute@x.inc:2");
    let together = among(Kind::Asp, page, &[("/site/app/x.inc", "<p>\n<% Execute q %>")]);
    assert_eq!(together.signals[0].line, 2, "the line of the page that takes it in");
}

#[test]
fn a_source_in_an_include_reaches_a_sink_in_a_page_of_classic_asp() {
    let page = "<!--#include virtual=\"/inc/x.inc\"-->\n\n<% Execute q %>";
    let file = "<% q = Request(\"inert\") %>";
    let way = hit(Kind::Asp, page, "/site/inc/x.inc", file, "<% q = \"1\" %>");
    assert_eq!(way, "visitor-evaluated: request(inert)@inc/x.inc:1 q@inc/x.inc:1 execute@3");
}

#[test]
fn functions_of_an_include_are_called_by_the_page_and_those_of_the_page_by_the_include() {
    let page = "<!--#include file=\"x.inc\"--><% Work Request(\"inert\") %>";
    let file = |does: &str| format!("<% Sub Work(a)\n{does}\nEnd Sub %>");
    hit(Kind::Asp, page, "/site/app/x.inc", &file("Execute a"), &file("Response.Write a"));
    let page = "<% Sub Work(a)\nExecute a\nEnd Sub %><!--#include file=\"x.inc\"-->";
    hit(Kind::Asp, page, "/site/app/x.inc", "<% Work Request(\"inert\") %>", "<% Work \"1\" %>");
}

#[test]
fn an_include_stands_where_the_page_names_it() {
    let page = "<% q = Request(\"inert\")\n q = \"1\" %><!--#include file=\"x.inc\"-->";
    assert_eq!(verdict(Kind::Asp, page, &[("/site/app/x.inc", "<% Execute q %>")]), None);
    let page = "<% If a Then %><!--#include file=\"x.inc\"--><% End If %>";
    let shell = "<% Execute Request(\"inert\") %>";
    assert_eq!(verdict(Kind::Asp, page, &[("/site/app/x.inc", shell)]), Some(Verdict::Shell));
}

#[test]
fn an_include_that_includes_is_read_to_its_end() {
    let page = "<% q = Request(\"inert\") %><!--#include file=\"inc/a.inc\"-->";
    let files = [
        ("/site/app/inc/a.inc", "<p>\n<!--#include file=\"b.inc\"-->\n<% Execute q %>"),
        ("/site/app/inc/b.inc", "<% q = q & \"\" %>"),
    ];
    let together = among(Kind::Asp, page, &files);
    assert!(way(&together).ends_with("q@b.inc:1 execute@inc/a.inc:3"), "{}", way(&together));
}

#[test]
fn a_file_that_is_run_by_itself_is_a_finding_of_its_own() {
    let page = |file: &str| format!("<!--#include file=\"{file}\"--><p>x</p>");
    let shell = "<% Execute Request(\"inert\") %>";
    let files = [("/site/app/x.asp", shell), ("/site/app/x.inc", shell)];
    assert_eq!(verdict(Kind::Asp, &page("x.asp"), &files), None, "the file is judged by itself");
    assert_eq!(
        verdict(Kind::Asp, &page("x.inc"), &files),
        Some(Verdict::Shell),
        "no server runs it by itself"
    );
}

#[test]
fn no_page_is_told_of_for_the_sum_of_what_its_files_show() {
    let page = "<!--#include file=\"a.asp\"--><!--#include file=\"b.asp\"-->";
    let made = "<% Set x = CreateObject(\"Scripting.FileSystemObject\")\n";
    let a = format!("{made} x.DeleteFile Request(\"inert\") %>");
    let b = format!("{made} x.CopyFile Request(\"inert\"), \"y\" %>");
    let alone = [&a, &b].map(|text| judge(text.as_bytes(), Kind::Asp).verdict);
    assert_eq!(
        (alone, judge([a.as_bytes(), b.as_bytes()].concat().as_slice(), Kind::Asp).verdict),
        ([None; 2], Some(Verdict::DualUse))
    );
    assert_eq!(verdict(Kind::Asp, page, &[("/site/app/a.asp", &a), ("/site/app/b.asp", &b)]), None);
}

#[test]
fn what_files_do_with_each_other_is_not_told_of_every_page_that_takes_them_in() {
    let page = "<!--#include file=\"a.asp\"--><!--#include file=\"b.asp\"-->";
    let (a, b) =
        ("<% Function Asked()\nAsked = Request(\"inert\")\nEnd Function %>", "<% Execute Asked() %>");
    let files = [("/site/app/a.asp", a), ("/site/app/b.asp", b)];
    assert_eq!(verdict(Kind::Asp, page, &files), None);
    let own = format!("{}{b}", page.replace("<!--#include file=\"b.asp\"-->", ""));
    assert_eq!(verdict(Kind::Asp, &own, &files), Some(Verdict::Shell));
    let files = [("/site/app/a.inc", a), ("/site/app/b.inc", b)];
    assert_eq!(verdict(Kind::Asp, &page.replace(".asp", ".inc"), &files), Some(Verdict::Shell));
}

#[test]
fn files_that_take_in_each_other_are_read_once() {
    let page = "<% q = Request(\"inert\") %><!--#include file=\"a.inc\"-->";
    let files = [
        ("/site/app/a.inc", "<!--#include file=\"b.inc\"--><!--#include file=\"a.inc\"-->"),
        ("/site/app/b.inc", "<!--#include file=\"a.inc\"--><% Execute q %>"),
    ];
    let together = among(Kind::Asp, page, &files);
    assert_eq!(together.verdict, Some(Verdict::Shell));
    assert!(!together.cut_short);
}

#[test]
fn a_file_that_is_missing_changes_nothing() {
    for (kind, page) in [
        (Kind::Asp, "<% q = Request(\"inert\") %><!--#include file=\"x.inc\"-->"),
        (Kind::Aspx, "<%@ Page CodeFile=\"x.aspx.cs\" %><%= Request[\"inert\"] %>"),
        (Kind::Php, "<?php include 'x.php'; echo $_GET['inert'];"),
    ] {
        let other = [("/site/app/y.inc", "<% Execute q %>")];
        assert_eq!(among(kind, page, &other), judge(page.as_bytes(), kind));
    }
}

#[test]
fn more_than_the_bounds_is_not_read_and_said() {
    let work = "<% Execute q %>";
    let named = |n: usize| -> String {
        (0..n).map(|n| format!("<!--#include file=\"{n}.inc\"-->")).collect::<Vec<_>>().concat()
    };
    let paths: Vec<String> = (0..=together::MOST_FILES).map(|n| format!("/site/app/{n}.inc")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "<p>")).collect();
    let page = |n: usize| format!("<% q = Request(\"inert\") %>{}", named(n));
    assert!(!among(Kind::Asp, &page(together::MOST_FILES), &files).cut_short);
    files[together::MOST_FILES].1 = work;
    let over = among(Kind::Asp, &page(together::MOST_FILES + 1), &files);
    assert_eq!((over.verdict, over.cut_short), (None, true));
    files.swap(0, together::MOST_FILES);
    assert_eq!(files[0].1, work);

    let large = " ".repeat(usize::try_from(together::LARGEST).unwrap() + 1 - work.len()) + work;
    let over = among(Kind::Asp, &page(1), &[("/site/app/0.inc", &large)]);
    assert_eq!((over.verdict, over.cut_short), (None, true));
    let under = among(Kind::Asp, &page(1), &[("/site/app/0.inc", &large[1..])]);
    assert_eq!((under.verdict, under.cut_short), (Some(Verdict::Shell), false));

    let n_large = usize::try_from(together::LARGEST_TOGETHER / together::LARGEST).unwrap();
    let blank = " ".repeat(usize::try_from(together::LARGEST).unwrap());
    let mut files: Vec<(&str, &str)> = paths[..n_large].iter().map(|path| (path.as_str(), &*blank)).collect();
    files.push((&paths[n_large], work));
    let over = among(Kind::Asp, &page(n_large + 1), &files);
    assert_eq!((over.verdict, over.cut_short), (None, true));
}

#[test]
fn files_are_taken_in_so_deep_and_no_deeper() {
    let page = "<% q = Request(\"inert\") %><!--#include file=\"1.inc\"-->";
    let chain = |n: u32| -> Vec<(String, String)> {
        let text = |at: u32| {
            if at == n {
                "<% Execute q %>".to_owned()
            } else {
                format!("<!--#include file=\"{}.inc\"-->", at + 1)
            }
        };
        (1..=n).map(|at| (format!("/site/app/{at}.inc"), text(at))).collect()
    };
    let judged = |n: u32| {
        let chain = chain(n);
        let files: Vec<(&str, &str)> = chain.iter().map(|(path, text)| (&**path, &**text)).collect();
        let together = among(Kind::Asp, page, &files);
        (together.verdict, together.cut_short)
    };
    assert_eq!(judged(together::DEEPEST), (Some(Verdict::Shell), false));
    assert_eq!(judged(together::DEEPEST + 1), (None, true));
}

#[test]
fn the_code_behind_a_page_is_of_one_program_with_it() {
    let page =
        "<%@ Page Language=\"C#\" CodeFile=\"p.aspx.cs\" Inherits=\"P\" %>\n<% Work(Request[\"inert\"]); %>";
    let file = |does: &str| {
        format!(
            "public partial class P : System.Web.UI.Page\n{{\nprotected void Work(string a) {{ {does} }}\n}}"
        )
    };
    let starts = file("System.Diagnostics.Process.Start(a);");
    let way = hit_or_dual_use(Kind::Aspx, page, "/site/app/p.aspx.cs", &starts, &file("Title = a;"));
    assert!(way.ends_with("start@p.aspx.cs:3"), "{way}");
    let page =
        "<%@ Page Language=\"C#\" CodeBehind=\"p.aspx.cs\" %><% System.Diagnostics.Process.Start(q); %>";
    let sets = |to: &str| {
        format!(
            "public partial class P {{\nstring q;\nvoid Page_Load(object o, System.EventArgs e) {{ q = {to}; }} }}"
        )
    };
    let files = |text: String| verdict(Kind::Aspx, page, &[("/site/app/p.aspx.cs", &text)]);
    assert_eq!(files(sets("Request[\"inert\"]")), Some(Verdict::Shell));
    assert_eq!(files(sets("\"1\"")), judge(page.as_bytes(), Kind::Aspx).verdict);
}

/// As [`hit`], of a file that is of dual use by itself.
#[track_caller]
fn hit_or_dual_use(kind: Kind, page: &str, name: &str, file: &str, twin: &str) -> String {
    assert_eq!(judge(file.as_bytes(), Kind::Source).verdict, Some(Verdict::DualUse));
    hit(kind, page, name, file, twin)
}

#[test]
fn handlers_controls_and_pages_around_are_read_with_what_stands_behind_them() {
    let run = "System.Diagnostics.Process.Start(a);";
    let handler = "<%@ WebHandler Language=\"C#\" Class=\"H\" CodeBehind=\"h.cs\" %>\n\
                   class H : IHttpHandler { public void ProcessRequest(HttpContext c) { Work.Do(c.Request[\"inert\"]); } }";
    let work = |does: &str| format!("static class Work {{ public static void Do(string a) {{ {does} }} }}");
    hit(Kind::Ashx, handler, "/site/app/h.cs", &work(run), &work("a.Trim();"));

    let page = "<%@ Page Language=\"C#\" MasterPageFile=\"~/m.master\" %><% Work.Do(Request[\"inert\"]); %>";
    let master = |does: &str| {
        format!(
            "<%@ Master Language=\"C#\" %><script runat=\"server\">static void Do(string a) {{ {does} }}</script>"
        )
    };
    hit(Kind::Aspx, page, "/site/m.master", &master(run), &master("a.Trim();"));

    let page = "<%@ Page Language=\"C#\" %><%@ Register TagPrefix=\"u\" TagName=\"u\" Src=\"u.ascx\" %>\
                <% u1.Do(Request[\"inert\"]); %>";
    let control = "<%@ Control Language=\"C#\" CodeFile=\"u.ascx.cs\" %>";
    let files = |does: &str| {
        let code = format!("partial class U {{ public void Do(string a) {{ {does} }} }}");
        verdict(Kind::Aspx, page, &[("/site/app/u.ascx", control), ("/site/app/u.ascx.cs", &code)])
    };
    assert_eq!(files(run), Some(Verdict::Shell));
    assert_eq!(files("a.Trim();"), None);
}

#[test]
fn fragments_of_java_server_pages_stand_where_they_are_named() {
    let page = "<% String q = request.getParameter(\"inert\"); %>\n<%@ include file=\"/x.jspf\" %>";
    let runs = "<% Runtime.getRuntime().exec(q); %>";
    let way = hit_alone(Kind::Jsp, page, "/site/x.jspf", runs);
    assert!(way.ends_with("exec@x.jspf:1"), "{way}");
    let page = "<jsp:include page=\"x.jsp\"/><%! void work(String a) throws Exception { Runtime.getRuntime().exec(a); } %>";
    let file = "<% work(request.getParameter(\"inert\")); %>";
    hit_alone(Kind::Jsp, page, "/site/app/x.jsp", file);
}

/// Asserts that a page and a file are less than a shell alone, and a shell together.
#[track_caller]
fn hit_alone(kind: Kind, page: &str, name: &str, file: &str) -> String {
    for text in [page, file] {
        assert_ne!(judge(text.as_bytes(), kind).verdict, Some(Verdict::Shell), "{text}");
    }
    let together = among(kind, page, &[(name, file)]);
    assert_eq!(together.verdict, Some(Verdict::Shell), "{:?}", together.signals);
    way(&together)
}

#[test]
fn what_php_includes_is_run_where_it_is_met() {
    let sets = "<?php $q = $_GET['inert'];";
    for place in ["'x.php'", "__DIR__ . '/x.php'", "dirname(__FILE__) . '/x.php'", "ROOT . 'app/x.php'"] {
        let page = format!("<?php\nrequire_once {place};\neval($q);");
        let way = hit_alone(Kind::Php, &page, "/site/app/x.php", sets);
        assert!(way.starts_with("visitor-evaluated: $_get@") && way.ends_with("eval@3"), "{way}");
    }
    let before = "<?php eval($q); include 'x.php';";
    assert_ne!(verdict(Kind::Php, before, &[("/site/app/x.php", sets)]), Some(Verdict::Shell));
    let chosen = "<?php include $_GET['inert'] . '/x.php'; eval($q);";
    let alone = judge(chosen.as_bytes(), Kind::Php);
    assert_eq!(among(Kind::Php, chosen, &[("/site/app/x.php", sets)]), alone);
}

#[test]
fn functions_and_values_of_what_php_includes_are_the_pages() {
    let page = "<?php include 'x.php'; work($_GET['inert']);";
    let file = |does: &str| format!("<?php\nfunction work($a) {{ {does} }}");
    let way = hit_alone(Kind::Php, page, "/site/app/x.php", &file("system($a);"));
    assert!(way.ends_with("system@x.php:2"), "{way}");
    assert_eq!(verdict(Kind::Php, page, &[("/site/app/x.php", &file("return htmlspecialchars($a);"))]), None);
    let page = "<?php eval(include 'x.txt');";
    let files = |given: &str| {
        let file = format!("<?php return {given};");
        among(Kind::Php, page, &[("/site/app/x.txt", &file)])
    };
    let given = files("$_POST['inert']").signals;
    assert!(given.iter().any(|signal| signal.code == "visitor-evaluated"), "{given:?}");
    assert!(!files("'1'").signals.iter().any(|signal| signal.code == "visitor-evaluated"));
}

#[test]
fn parts_and_layouts_of_razor_are_read_with_the_page() {
    let page = "@{ PageData[\"q\"] = Request[\"inert\"]; }\n@RenderPage(\"x.cshtml\")";
    let file = |does: &str| format!("@{{ {does} }}");
    let run = file("System.Diagnostics.Process.Start(PageData[\"q\"]);");
    hit_alone(Kind::Razor, page, "/site/app/x.cshtml", &run);
    let shown = file("Write(PageData[\"q\"]);");
    assert_eq!(verdict(Kind::Razor, page, &[("/site/app/x.cshtml", &shown)]), None);
    let page = "@{ Layout = \"~/l.cshtml\";\n ViewBag.Q = Request[\"inert\"]; }";
    hit_alone(Kind::Razor, page, "/site/l.cshtml", &file("System.Diagnostics.Process.Start(ViewBag.Q);"));
    assert_eq!(verdict(Kind::Razor, page, &[("/site/l.cshtml", &file("Write(ViewBag.Q);"))]), None);
}

#[test]
fn a_page_that_another_runs_finds_what_that_kept() {
    let page = "<% Session(\"q\") = Request(\"inert\") : Server.Execute \"x.asp\" %>";
    let run = "<% Execute Session(\"q\") %>";
    let together = among(Kind::Asp, page, &[("/site/app/x.asp", run)]);
    assert_eq!(together.verdict, Some(Verdict::Shell), "{:?}", together.signals);
    assert!(way(&together).ends_with("@x.asp:1"), "{}", way(&together));
    for other in ["<% Response.Write Session(\"q\") %>", "<% Execute Session(\"p\") %>"] {
        assert_ne!(verdict(Kind::Asp, page, &[("/site/app/x.asp", other)]), Some(Verdict::Shell), "{other}");
    }
}

#[test]
fn what_a_block_of_script_takes_in_is_of_that_block() {
    let page = "<script language=\"VBScript\" runat=\"server\">\n<!--#include file=\"x.inc\"-->\nwork Request(\"inert\")\n</script>";
    let file = |does: &str| format!("Sub work(q)\n{does}\nEnd Sub\n");
    let way = hit(
        Kind::Asp,
        page,
        "/site/app/x.inc",
        &file("Execute q"),
        &file("Response.Write Server.HTMLEncode(q)"),
    );
    assert!(way.starts_with("visitor-evaluated:"), "{way}");
}

#[test]
fn a_control_that_a_page_loads_is_read_with_it() {
    let page = "<%@ Page Language=\"C#\" %><% Session[\"q\"] = Request[\"inert\"]; Page.LoadControl(\"~/app/x.ascx\"); %>";
    let control = |does: &str| format!("<%@ Control Language=\"C#\" %><% {does} %>");
    let run = control("System.Diagnostics.Process.Start(Session[\"q\"].ToString());");
    let together = among(Kind::Aspx, page, &[("/site/app/x.ascx", &run)]);
    assert_eq!(together.verdict, Some(Verdict::Shell), "{:?}", together.signals);
    let shown = control("Response.Write(Session[\"q\"]);");
    assert_eq!(verdict(Kind::Aspx, page, &[("/site/app/x.ascx", &shown)]), None);
}
