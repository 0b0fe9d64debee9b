//! What cutters find, by kind.

use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

/// Writes what a page was cut into, a line each.
fn shown(text: &str, kind: Kind) -> String {
    let mut shown = String::new();
    let page = cut(text, kind);
    for directive in &page.directives {
        let attributes: Vec<String> =
            directive.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        writeln!(shown, "{} @{} {}", directive.line, directive.name, attributes.join(" "))
            .expect("texts take text");
    }
    for stream in &page.streams {
        writeln!(shown, "{:?}{}", stream.language, if stream.declares { " declares" } else { "" })
            .expect("texts take text");
        for piece in &stream.pieces {
            writeln!(shown, "  {} {:?} {:?}", piece.line, piece.role, piece.text).expect("texts take text");
        }
    }
    shown
}

#[test]
fn classic_pages_are_cut_by_language() {
    let page = "<%@ Language=JScript %>\n<p><%= x %></p><script language=\"VBScript\" runat=server>y = 1</script>\n<% z %>";
    insta::assert_snapshot!(shown(page, Kind::Asp), @r#"
    1 @page language=JScript
    VbScript declares
      2 Code "y = 1"
    JScript
      1 Markup "\n<p>"
      2 Expression " x "
      2 Markup "</p>"
      2 Markup "\n"
      3 Code " z "
    "#);
}

#[test]
fn scripts_of_visitors_are_markup_in_which_blocks_run() {
    let page = "<script language=vbscript>x = <%= y %></script><!-- <% z %> -->";
    insta::assert_snapshot!(shown(page, Kind::Asp), @r#"
    VbScript
      1 Markup "<script language=vbscript>x = "
      1 Expression " y "
      1 Markup "</script><!-- "
      1 Code " z "
      1 Markup " -->"
    "#);
}

#[test]
fn objects_includes_and_controls_are_directives() {
    let page =
        "<object runat=server id=o progid=\"A.B\"></object><!--#include file=\"a.inc\"--><input type=text>";
    insta::assert_snapshot!(shown(page, Kind::Asp), @r#"
    1 @object runat=server id=o progid=A.B
    1 @include file=a.inc
    VbScript
      1 Markup "<object runat=server id=o progid=\"A.B\"></object>"
      1 Markup "<input type=text>"
    "#);
    let page = "<%@ Page Language=\"C#\" %><asp:TextBox id='t' Text='<%# Eval(\"x>y\") %>' runat=\"server\" /><%-- <% no %> --%><%$ Res %>";
    insta::assert_snapshot!(shown(page, Kind::Aspx), @r#"
    1 @page language=C#
    1 @asp:textbox id=t text=<%# Eval("x>y") %> runat=server
    CSharp
      1 Markup "<asp:TextBox id='t' Text='"
      1 Expression " Eval(\"x>y\") "
      1 Markup "' runat=\"server\" />"
    "#);
}

#[test]
fn a_page_that_names_no_language_is_read_as_it_looks() {
    let language = |text, kind| cut(text, kind).streams[0].language;
    assert_eq!(language("<script runat=server>\nint x = 1;\n</script>", Kind::Aspx), Language::CSharp);
    assert_eq!(language("<script runat=server>\nDim x = 1\n</script>", Kind::Aspx), Language::Vb);
    assert_eq!(language("Imports A\nClass B\nEnd Class", Kind::Source), Language::Vb);
    assert_eq!(language("using A;\nclass B {\n}", Kind::Source), Language::CSharp);
    assert_eq!(language("<% x = 1; %>", Kind::Asp), Language::VbScript);
    assert_eq!(language("<%@ Page Language=vbscript %><% x = 1; %>", Kind::Aspx), Language::Vb);
    assert_eq!(language("<%@ Language=\"VBScript.Encode\" %><% x %>", Kind::Asp), Language::VbScript);
}

#[test]
fn handlers_are_code_after_their_directive() {
    for kind in [Kind::Ashx, Kind::Aspx] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(shown("<%@ WebHandler Language=\"VB\" Class=\"H\" %>\nClass H\nEnd Class", kind), @r#"
            1 @webhandler language=VB class=H
            Vb declares
              1 Code "\nClass H\nEnd Class"
            "#);
        }
    }
}

#[test]
fn java_pages_are_cut() {
    let page = "<%@ page import=\"java.io.*\" %><%! int a; %><% b(\"\\u0063\"); %>${param.d}<%-- no --%><c:import url=\"e\"/>";
    insta::assert_snapshot!(shown(page, Kind::Jsp), @r#"
    1 @page import=java.io.*
    1 @c:import url=e
    Java declares
      1 Code " int a; "
    Java
      1 Code " b(\"c\"); "
      1 Expression "param.d"
      1 Markup "<c:import url=\"e\"/>"
    "#);
}

#[test]
fn java_pages_in_xml_are_cut_by_the_prefix_that_they_choose() {
    let page = "<x:root xmlns:x=\"http://java.sun.com/JSP/Page\"><!DOCTYPE r [<!ENTITY e \"five\">]><x:scriptlet>a &lt; &#98; <![CDATA[&& c]]> &e; <!-- d --></x:scriptlet><jsp:scriptlet>no</jsp:scriptlet></x:root>";
    let cut = shown(page, Kind::Jsp);
    assert!(cut.contains("Code \"a < b && c five \""), "{cut}");
    assert!(!cut.contains("Code \"no\""), "{cut}");
}

#[test]
fn php_ends_where_no_text_and_no_comment_holds_its_end() {
    let page = "<?xml version=\"1.0\"?><?php a('?>'); /* ?> */ // b ?>\nc<?= d ?><? e(<<<X\n?>\nX\n); ?><script language=\"php\">f</script><?php g;__halt_compiler(); ?> <?php h";
    insta::assert_snapshot!(shown(page, Kind::Php), @r#"
    Php
      1 Markup "<?xml version=\"1.0\"?>"
      1 Code " a('?>'); /* ?> */ // b "
      2 Markup "c"
      2 Expression " d "
      2 Code " e(<<<X\n?>\nX\n); "
      5 Code "f"
      5 Code " g;"
    "#);
}

#[test]
fn razor_goes_to_and_fro() {
    let page = "@using A.B\n@{ var x = \"}\"; <p>@x a@b.c</p> y(); }\n@if (z) { <br/> } else { w(); }\n@functions { int f; }@Html.Raw(g[\"]\"]).";
    insta::assert_snapshot!(shown(page, Kind::Razor), @r#"
    1 @import namespace=A.B
    CSharp declares
      4 Code " int f; "
    CSharp
      1 Markup "\n"
      2 Code " var x = \"}\"; "
      2 Markup "<p>"
      2 Expression "x"
      2 Markup " a@b.c</p>"
      2 Code " y(); "
      2 Markup "\n"
      3 Code "if (z) { "
      3 Markup "<br/>"
      3 Code " } else { w(); }"
      3 Markup "\n"
      4 Expression "Html.Raw(g[\"]\"])"
      4 Markup "."
    "#);
}

const KINDS: [Kind; 10] = [
    Kind::Asp,
    Kind::Aspx,
    Kind::Ascx,
    Kind::Ashx,
    Kind::Asmx,
    Kind::Asax,
    Kind::Razor,
    Kind::Jsp,
    Kind::Php,
    Kind::Source,
];

/// Texts of what cutters look for, in any order.
fn pages() -> impl Strategy<Value = String> {
    let mark = prop_oneof![
        prop::sample::select(vec![
            "<%",
            "%>",
            "<%@",
            "<%=",
            "<%--",
            "--%>",
            "<%!",
            "<?php",
            "<?",
            "?>",
            "<?=",
            "<script",
            " runat=server",
            ">",
            "</script>",
            "<!--",
            "#include",
            "-->",
            "<a:b ",
            "x=\"",
            "\"",
            "'",
            "@",
            "@{",
            "}",
            "{",
            "(",
            ")",
            "@if",
            "@functions",
            "@*",
            "*@",
            "@:",
            "<p>",
            "</p>",
            "${",
            "/*",
            "*/",
            "//",
            "\n",
            "<<<X",
            "\\",
            "<jsp:scriptlet>",
            "</jsp:scriptlet>",
            "&lt;",
            "\\u0041",
            "<![CDATA[",
            "]]>",
            "language=vb ",
            "__halt_compiler",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(mark, 0..60).prop_map(|marks| marks.concat())
}

proptest! {
    #[test]
    fn pieces_stand_in_order_within_the_text(page in pages()) {
        let range = page.as_ptr() as usize..page.as_ptr() as usize + page.len();
        for kind in KINDS {
            for stream in cut(&page, kind).streams {
                let (mut end, mut line) = (range.start, 1);
                for piece in stream.pieces {
                    prop_assert!(piece.line >= line);
                    line = piece.line;
                    if let (Cow::Borrowed(text), false) = (piece.text, kind == Kind::Razor) {
                        let begin = text.as_ptr() as usize;
                        prop_assert!(end <= begin && begin + text.len() <= range.end, "{kind:?}");
                        end = begin + text.len();
                    }
                }
            }
        }
    }
}
