//! Pieces of PHP, none of which does anything: what is followed, beside what only looks like it.

use super::super::follow;
use crate::kind::{Kind, Language};
use crate::parser::program_of_text;

/// The signals of what a text spells.
fn codes(text: &str) -> Vec<&'static str> {
    let program = program_of_text(Language::Php, text);
    let mut codes: Vec<_> = follow(Kind::Php, &[program], &program_of_text, &|_, _| None)
        .signals
        .iter()
        .map(|signal| signal.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn a_replacement_runs_where_its_pattern_says_so() {
    let replace = |pattern: &str| format!("preg_replace('{pattern}', $_GET['q'], 'x');");
    assert_eq!(codes(&replace("/x/ie")), ["visitor-evaluated"]);
    assert!(codes(&replace("/e/i")).is_empty());
    assert!(
        codes("preg_replace('/x/e', 'strtoupper(\"\\1\")', $_GET['q']);")
            .iter()
            .all(|code| *code == "constant-evaluated")
    );
}

#[test]
fn names_of_what_is_called_are_worked_out() {
    let named = |name: &str| format!("$f = {name}; $f($_GET['q']);");
    assert_eq!(codes(&named("trim('xassertx', 'x')")), ["visitor-evaluated"]);
    assert_eq!(codes(&named("'str' . 'len'")), [""; 0]);
    assert_eq!(codes(&named("example()")), ["unknown-invoked-with-visitors"]);
}

#[test]
fn functions_are_called_back_from_any_place() {
    assert_eq!(codes("usort($_GET['q'], 'assert');"), ["visitor-evaluated"]);
    assert_eq!(codes("array_udiff($_GET['q'], $x, 'assert');"), ["visitor-evaluated"]);
    assert_eq!(
        codes("$r = new ReflectionFunction('assert'); $r->invoke($_GET['q']);"),
        ["visitor-evaluated"]
    );
    assert!(codes("array_udiff($_GET['q'], $x, 'strcmp');").is_empty());
}

#[test]
fn variables_may_be_made_of_what_the_visitor_sends() {
    assert_eq!(codes("extract($_GET); assert($q);"), ["visitor-evaluated"]);
    assert_eq!(codes("foreach ($_POST as $k => $v) { $$k = $v; } assert($q);"), ["visitor-evaluated"]);
    assert_eq!(codes("extract($example); assert($q);"), ["evaluates"]);
}

#[test]
fn what_a_function_leaves_behind_is_found_by_those_that_ran_before() {
    let page = |left: &str, found: &str| {
        format!(
            "run(); function run() {{ assert(found()); }} \
             function found() {{ global $c; return {found}; }} function leave() {{ global $c; {left}; }}"
        )
    };
    assert_eq!(codes(&page("$c = $_GET['q']", "$c")), ["evaluates", "visitor-evaluated"]);
    assert_eq!(
        codes(&page("$_SESSION['c'] = $_GET['q']", "$_SESSION['c']")),
        ["evaluates", "visitor-evaluated"]
    );
    assert_eq!(codes(&page("$c = $_GET['q']", "$d")), ["evaluates"]);
    assert_eq!(codes(&page("$c = 'q'", "$c")), ["evaluates"]);
}

#[test]
fn the_server_tells_what_visitors_send_and_what_they_do_not() {
    assert_eq!(codes("assert($_SERVER['HTTP_X_EXAMPLE']);"), ["visitor-evaluated"]);
    assert_eq!(codes("assert(getenv('HTTP_X_EXAMPLE'));"), ["visitor-evaluated"]);
    assert_eq!(codes("assert(file_get_contents('php://input'));"), ["visitor-evaluated"]);
    assert_eq!(codes("assert($_SERVER['DOCUMENT_ROOT']);"), ["evaluates"]);
}

#[test]
fn what_is_no_program_is_not_included_for_nothing() {
    assert_eq!(codes("include 'example.gif';"), ["data-included"]);
    assert_eq!(codes("include 'https://example.org/';"), ["remote-evaluated"]);
    assert!(codes("include 'example.php';").is_empty());
}

#[test]
fn who_mail_goes_to_is_told_from_what_it_says() {
    assert_eq!(codes("mail($_POST['to'], 'x', 'y');"), ["visitor-mailed"]);
    assert!(codes("mail('a@example.org', $_POST['subject'], $_POST['text']);").is_empty());
}

#[test]
fn what_follows_a_short_echo_runs_too() {
    let page = |text: &str| crate::judge(text.as_bytes(), Kind::Php).signals.len();
    assert_eq!(page("<?= 1; assert($_GET['q']) ?>"), 1);
    assert_eq!(page("<?= 1 ?> assert($_GET['q'])"), 0);
}

#[test]
fn a_list_of_what_is_called_is_told_from_a_list_of_what_is_known() {
    assert_eq!(codes("$f = example(); $f[3]($x);"), ["numbered-invoked"]);
    assert!(codes("$f = array('strlen', 'trim'); $f[1]($x);").is_empty());
    assert!(codes("$f = example(); $f['name']($x);").is_empty());
}

#[test]
fn what_is_called_later_is_told_from_what_is_given_then() {
    assert_eq!(codes("set_error_handler($_GET['q']);"), ["visitor-invoked"]);
    assert_eq!(codes("spl_autoload_register($_GET['q']);"), ["visitor-invoked"]);
    assert!(codes("set_error_handler('example');").is_empty());
    assert_eq!(codes("$d->createFunction('f', $_GET['q']);"), ["visitor-invoked"]);
    assert!(codes("$d->createFunction('f', 'strrev');").is_empty());
}

#[test]
fn names_are_unpacked_translated_and_cleaned() {
    for name in [
        "pack('H*', '617373657274')",
        "strtr('oxxerf', 'oxf', 'ast')",
        "preg_replace('/[0-9 ]+/', '', 'as1 2s3ert')",
    ] {
        assert_eq!(
            codes(&format!("$f = {name}; $f($_GET['q']);")),
            ["hidden-name", "visitor-evaluated"],
            "{name}"
        );
    }
    assert!(!codes("$f = pack('N', 617373657274); $f($_GET['q']);").contains(&"visitor-evaluated"));
    assert_eq!(codes("$f = preg_replace('/x/', '', 'strrxev'); $f($_GET['q']);"), ["hidden-name"]);
}

#[test]
fn members_side_by_side_are_nobodys_call() {
    assert_eq!(
        codes("$l = array_map(null, array($_GET['q']), array(1)); assert($l[0][0]);"),
        ["visitor-evaluated"]
    );
    assert!(codes("$l = array_map(null, array(1), array(2)); example($l[0][0]);").is_empty());
}

#[test]
fn code_behind_a_short_tag_is_told_from_a_declaration_of_xml() {
    assert_eq!(codes("fputs(fopen('a.txt', 'w'), '<?example($x);');"), ["code-written"]);
    assert!(codes("fputs(fopen('a.txt', 'w'), '<?xml version=\"1.0\"?><a>f(x)</a>');").is_empty());
}

#[test]
fn what_is_unpacked_into_a_call_holds_the_function() {
    assert_eq!(codes("usort(...$_GET);"), ["visitor-evaluated", "visitor-invoked"]);
    assert!(codes("usort(...$x);").is_empty());
}

#[test]
fn the_states_of_a_loop_build_on_one_another() {
    let machine = |last: &str| {
        format!(
            "$s = 'a'; while (true) {{ switch ($s) {{ case 'a': $f = 'sys'; $s = 'b'; break; case 'b': $f .= 'tem'; $s = 'c'; break; \
             case 'c': {last}; $s = 'd'; break; default: break 2; }} }}"
        )
    };
    assert!(codes(&machine("$f($_POST[1])")).contains(&"visitor-started"));
    assert!(!codes(&machine("strlen($_POST[1])")).contains(&"visitor-started"));
}
