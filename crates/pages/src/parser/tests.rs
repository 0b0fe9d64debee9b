//! Trees of short programs of our own, and what holds for any tokens.

mod basic;
mod outline;

use super::*;
use outline::{height, outline};
use proptest::prelude::*;

/// The outline of what a text spells.
fn tree(language: Language, text: &str) -> String {
    outline(&program_of_text(language, text))
}

#[test]
fn c_sharp_classes() {
    insta::assert_snapshot!(tree(
        Language::CSharp,
        r#"
        using System.IO; using F = System.IO.File;
        [WebService(Namespace = "urn:example")]
        public class Page<T> : Base, IHandler where T : class {
            [DllImport("example")] public static extern int Call(ref int a, string b);
            private readonly Dictionary<string, List<int>> map = new Dictionary<string, List<int>>() { { "a", null } };
            public string Name { get; set; } = "x";
            public bool IsReusable { get { return true; } }
            public int Twice => Count * 2;
            public Page(string a) : base(a) { this.name = a; }
            void IHandler.Run<U>(U context, int times = 3) { string[] parts = context.Read().Split(','), none; }
            enum Kind { A, B = 2 }
        }"#
    ));
}

#[test]
fn c_sharp_statements() {
    insta::assert_snapshot!(tree(
        Language::CSharp,
        r#"
        var a = (string)b["k"] ?? $"x{y + 1:N2}{{z}}";
        int? n = flag ? 1 : (int)-2;
        if (o is string s && s.Length > 0) { f(s); } else if (n == 1) g(); else h();
        foreach (KeyValuePair<string, int> pair in pairs) use(pair.Key);
        for (int i = 0, j = 1; i < 10; i++) { continue; }
        using (var r = new Reader(@"c:\x""y")) { r.Read(out var line, name: 1); }
        try { await Task.Run(() => f(1)); } catch (Exception e) when (e.A) { throw; } finally { done(); }
        switch (a) { case "x": f(); break; case "y": case "z": g(); break; }
        var q = from x in xs where x.A == 1 select x.B;
        Func<int, int> twice = x => x * 2; list.Add((x, y) => { return x; });
        var t = typeof(System.String); T.M<int>(1); int L(int z) { return z; }
        byte[] bytes = new byte[] { 1, 2 }, more = new byte[4]; x!.y?.z();"#
    ));
}

#[test]
fn java() {
    insta::assert_snapshot!(tree(
        Language::Java,
        r#"
        import java.io.*; import static a.b.C.d;
        @WebServlet(urlPatterns = "/x") public class A extends B<C> implements D, E {
            static { f(); }
            public A(ClassLoader c) { super(c); }
            public Class<?> g(byte[] b, int... rest) throws IOException, X { return super.defineClass(b, 0, b.length); }
            private String[] names = {"a", "b"};
            native int n();
        }
        List<? extends Map.Entry<String, byte[]>> list = new ArrayList<>();
        try (Reader r = new Reader(in); Writer w = open()) { int c; while ((c = r.read()) != -1) w.write((char) c); } catch (A | B e) { }
        Runnable run = new Runnable() { public void run() { go(); } };
        xs.forEach(x -> use(x)); xs.map(String::valueOf); Class k = byte[].class; Object o = String.class;
        for (String s : "a,b".split(",")) synchronized (lock) { out.print(s); }
        String t = \u0022y\u0022; out: do { i += 1; } while (i < 'z');
        int m = switch (d) { case 1, 2 -> 3; default -> { yield 4; } };"#
    ));
}

#[test]
fn what_one_language_reserves_is_a_name_in_another() {
    let text =
        "InputStream is = f(in, out); Object as = is; for (String in : is) out.print(in); lock(ref, base);";
    let expected =
        "let is: inputstream = f(in, out)\nlet as = is\nloop in in is\n  out.print(in)\nlock(ref, base)\n";
    assert_eq!(tree(Language::Java, text), expected);
    assert_eq!(
        tree(Language::JScript, "var is = as, out = lock(base);"),
        "let is = as\nlet out = lock(base)\n"
    );
    assert_eq!(tree(Language::CSharp, "x = y is T; f(out z);"), "x := (y Compare type t)\nf(z)\n");
}

#[test]
fn jscript() {
    insta::assert_snapshot!(tree(
        Language::JScript,
        r"
        import System.IO;
        function f(a : String, b) : int { return a.replace(/x[/]y/g, ''); }
        var x : String = '\x41\101', y;
        var o = { a: 1, 'b': [1, 2], c: function (z) { return z; } };
        (0, f)(1); new Function('a', x)(); new o.c; delete o.a; f\u0066(typeof x);
        for (var k in o) { o[k] = 1; }
        public class C extends D { private var n : int = 1; function get N() : int { return n; } }
        /*@cc_on g(); @*/ with (o) { a = b / 2; }"
    ));
}

#[test]
fn php_statements() {
    insta::assert_snapshot!(tree(
        Language::Php,
        r"
        namespace A\B; use C\D as E;
        function &f(array $a, ?int $b = 1, ...$rest) { global $g, $h; static $n = 0; return $a; }
        final class P extends \Q\R implements S { const K = 1; public static ?int $x = 2; var $y; use T;
            public function __construct(private string $z) { $this->y = self::$x; parent::__construct(); } }
        if ($a): ?>text<?php elseif ($b): f(); else: g(); endif;
        foreach ($xs as $k => list($a, $b)) { echo $a, $b; }
        foreach ($xs as $x): f($x); endforeach;
        for ($i = 0; $i < 3; $i++) print $i;
        switch ($a) { case 1: f(); break; default: g(); }
        while (list($a) = f()) ; do { $i--; } while ($i);
        try { f(); } catch (E | F $e) { g(); }"
    ));
}

#[test]
fn php_expressions() {
    insta::assert_snapshot!(tree(
        Language::Php,
        r#"
        $a = @$f($x['k'], $y[]) or die;
        $$n = ${'a' . 'b'}; $o->$m(1)->{'x' . $y}(); $c::$s; $c::$m(); C::K; $t{0};
        $s = "a$x[k]{$y->z['w']}${v}$p->q\x41\101\q" . 'b\n\'' . <<<X
        line $x
        X;
        $r = `run $x`; !$z = g(); (string)$b . -1; $u ?: 2; $u ? 1 : 2; $v ?? 3;
        new $c($x); new class(1) extends B { function m() {} }; clone $o;
        array_map(function ($x) use (&$y) { return $x; }, [1, 'k' => 2], fn($x) => $x + 1);
        include 'a' . $b; print($x); exit; $i++; match ($x) { 1, 2 => 'a', default => 'b' };"#
    ));
}

#[test]
fn jumps_of_php_give_the_order_in_which_statements_run() {
    let text =
        "goto c; b: f(2); goto d; c: f(1); goto b; if ($x) { goto e; d: f(3); e: f(4); } d: f(5); goto b;";
    insta::assert_snapshot!(tree(Language::Php, text));
}

#[test]
fn variables_of_php_keep_their_case_and_what_php_names_does_not() {
    assert_eq!(
        tree(Language::Php, "$aB = $Ab . $_Get['X'] . $this->Y . STRLEN($ab);").trim(),
        "$aB := ((($Ab Join $_get[\"X\"]) Join $this.y) Join strlen($ab))"
    );
}

#[test]
fn a_statement_goes_on_across_markup() {
    use crate::page::{Piece, Role, Stream};
    let piece = |role, text: &'static str| Piece { role, text: text.into(), line: 1 };
    let pieces = vec![
        piece(Role::Code, "if (a) {"),
        piece(Role::Markup, "<b>"),
        piece(Role::Expression, "f(x)"),
        piece(Role::Code, "} else { g(); }"),
    ];
    let stream = Stream { language: Language::Java, declares: false, pieces };
    insta::assert_snapshot!(outline(&program(Language::Java, &lexer::tokens(&stream))));
}

#[test]
fn what_is_garbage_does_not_hide_what_follows() {
    for (language, text) in [
        (Language::CSharp, ") ] = ; class { int ( ; f(1);"),
        (Language::Java, "} ? : -> ; @ ; f(1);"),
        (Language::JScript, "function ; } var ; f(1);"),
        (Language::Php, "} ) -> ; foreach ; f(1);"),
    ] {
        let tree = tree(language, text);
        assert!(tree.contains("f(1)"), "{language:?}: {tree}");
    }
}

#[test]
fn depth_and_height_are_bounded() {
    const MANY: usize = 20_000;
    for language in LANGUAGES {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("{", ";", "}"),
            ("f(", "1", ")"),
            ("[", "", "]"),
            ("!", "x", ""),
            ("-", "x", ""),
            ("a.b(1).", "c", ""),
            ("a+", "b", ""),
            ("a-", "b", ""),
            ("a=", "b", ""),
            ("a?", "b", ":c"),
            ("a?b:", "c", ""),
            ("if(a)b();else ", "c", ""),
            ("if(a)", "c", ""),
            ("new ", "c", ""),
            ("x=>", "1", ""),
            ("(T)", "x", ""),
            ("f(function(){", "", "})"),
            ("a<", "b", ""),
            ("$", "x", ""),
            ("a[", "1", "]"),
            ("@A ", "", ""),
        ] {
            let text = format!("{}{middle}{}", open.repeat(MANY), close.repeat(MANY));
            let height = height(&program_of_text(language, &text));
            assert!(height < 1000, "{language:?}: {open} is {height} high");
        }
    }
}

const LANGUAGES: [Language; 4] = [Language::CSharp, Language::JScript, Language::Java, Language::Php];

/// Tokens that every language has, and some that only one has.
fn spelling() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "a",
            "b",
            "$c",
            "String",
            "1",
            "'d'",
            "\"e\"",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ";",
            ",",
            ".",
            ":",
            "::",
            "->",
            "=>",
            "=",
            "==",
            "+",
            "-",
            "*",
            "<",
            ">",
            ">>",
            "?",
            "??",
            "!",
            "&&",
            "@",
            "$",
            "if",
            "else",
            "for",
            "foreach",
            "while",
            "do",
            "switch",
            "case",
            "default",
            "try",
            "catch",
            "class",
            "function",
            "new",
            "return",
            "using",
            "import",
            "namespace",
            "public",
            "static",
            "var",
            "int",
            "void",
            "in",
            "as",
            "is",
            "instanceof",
            "from",
            "select",
            "echo",
            "print",
            "list",
            "array",
            "global",
            "use",
            "match",
            "fn",
            "endif",
            "this",
            "delegate",
            "get",
            "set",
            "throw",
            "out",
            "extends",
            "+=",
            "++",
            "/* c */",
        ][..],
    )
}

proptest! {
    #[test]
    fn layout_makes_no_difference(soup in prop::collection::vec((spelling(), 0usize..4), 0..60)) {
        let blanks = ["\n", "\t\t", " /* x */ ", "\r\n // y\n"];
        let plain: Vec<&str> = soup.iter().map(|(word, _)| *word).collect();
        let laid_out = soup.iter().map(|(word, blank)| format!("{word}{}", blanks[*blank])).collect::<Vec<_>>().concat();
        for language in LANGUAGES {
            prop_assert_eq!(tree(language, &plain.join(" ")), tree(language, &laid_out));
        }
    }

    #[test]
    fn any_tokens_give_a_low_tree(soup in prop::collection::vec(spelling(), 0..40), times in 1usize..40) {
        let text = soup.join(" ").repeat(times);
        for language in LANGUAGES {
            prop_assert!(height(&program_of_text(language, &text)) < 1000);
        }
    }
}
