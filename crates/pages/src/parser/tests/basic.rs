//! Trees of short programs in VBScript and Visual Basic .NET.

use super::*;

#[test]
fn calls_take_brackets_or_none() {
    insta::assert_snapshot!(tree(
        Language::VbScript,
        r#"
        Execute x: conn.Execute x
        Execute(x)
        Response.Write (a) & b, c
        Response.Write(a), b
        f
        o.Run "a", , True
        a(1) = b(2)(3) ^ 2
        Set o = CreateObject("a" & _
            "b").c : Call g(-1, Not x = y)
        With Server.Make("x")
            .Open
            With .Inner : y = .z : End With
            .Close(.n)
        End With
        rs!name = "say ""x""" ' "comment"
        rem Execute y
        x.rem = [y z] & &H1F & #1/2/2003#
        "#
    ), @r#"
    execute(x)
    conn.execute(x)
    execute(x)
    response.write((a Join b), c)
    response.write(a, b)
    f()
    o.run("a", constant, constant)
    a(1) := pow(b(2)(3), 2)
    o := createobject(("a" Join "b")).c
    g(Subtract 1, Not (x Compare y))
    block
      let #with1 = server.make("x")
      #with1.open()
      block
        let #with2 = #with1.inner
        y := #with2.z
      #with1.close(#with1.n)
    rs("name") := "say \"x\""
    x.rem := ((y z Join 31) Join "1/2/2003")
    "#);
}

#[test]
fn blocks_of_vbscript() {
    insta::assert_snapshot!(tree(
        Language::VbScript,
        r#"
        Option Explicit : On Error Resume Next
        If a Then b Else If c Then d Else e
        If a Then b : c Else d : e
        If a Then b End If
        If a = 1 Then
            b
        ElseIf c Then d
        Else
            e
        End If
        Select Case x
        Case "1", 2 : f
        Case Is > g(3)
            h
        Case Else
            i
        End Select
        For i = 1 To Len(s) Step 2 : t = t & Chr(Asc(Mid(s, i, 1)) Xor 5) : Next
        For Each k In d
            Exit For
        Next k
        Do While a : b : Loop : Do : c : Loop Until d
        While e
            f
        Wend
        "#
    ), @r#"
    branch a
      b()
    or
      branch c
        d()
      or
        e()
    branch a
      b()
      c()
    or
      d()
      e()
    branch a
      b()
    or
    branch other[(a Compare 1), c]
      b()
    or
      d()
    or
      e()
    branch other[x, g(3)]
      f()
    or
      h()
    or
      i()
    loop i in range(1, len(s), 2)
      t := (t Join chr((asc(mid(s, i, 1)) Xor 5)))
    loop k in d
    loop a
      b()
    loop d
      c()
    loop e
      f()
    "#);
}

#[test]
fn declarations_of_vbscript() {
    insta::assert_snapshot!(tree(
        Language::VbScript,
        r#"
        Function g(ByVal a, b())
            g = a & b(0)
            If a = "" Then Exit Function
        End Function
        Private Sub h : j : End Sub
        Class C
            Private a, b(3)
            Public Default Property Get Item(k) : Item = a : End Property
            Property Let Item(k, v)
                a = v
            End Property
        End Class
        Dim a(5), b : ReDim Preserve a(f(1)) : Const c = 2
        End If
        z
        "#
    ), @r#"
    function g(a, b)
      g := (a Join b(0))
      branch (a Compare "")
        return g
      or
      return g
    function h()
      j()
    class c : 
      let a
      let b
      function item(k)
        item := a
        return item
      function item(k, v)
        a := v
    let a
    let b
    other[f(1)]
    let c = 2
    z()
    "#);
}

#[test]
fn a_name_between_brackets_is_no_operator() {
    for (program, read) in [("x = a [&] b", "x := a"), ("x = a & b", "x := (a Join b)")] {
        let read_as = tree(Language::VbScript, program);
        assert_eq!(read_as.lines().next().unwrap().trim(), read);
    }
}

#[test]
fn a_line_goes_on_beyond_blank_lines_and_comments() {
    let plain = tree(Language::Vb, "a = New List From\n{f(1)}");
    assert_eq!(plain, tree(Language::Vb, "a = New List From\n' x\n\n ' y\n{f(1)}"));
    assert_ne!(plain, tree(Language::Vb, "a = New List From\n' x\nb = {f(1)}"));
}

#[test]
fn visual_basic() {
    insta::assert_snapshot!(tree(
        Language::Vb,
        r#"
        Imports System.IO, F = System.IO.File
        Namespace N
        <WebService(Namespace:="urn:example")> _
        Public Class Page
            Inherits Base(Of String) : Implements IHandler, IOther
            Private Declare Auto Function Beep Lib "example" Alias "BeepA" (ByVal a As Integer) As Boolean
            Dim a, b As String, c As New List(Of Integer)(3), d() As Byte = {1, 2}, o As Object
            Public Property Name As String = "x"
            <WebMethod()>
            Public Function Run(ByVal text As String, Optional n As Integer = 3) As String Implements IHandler.Run
                Dim p As New System.Diagnostics.Process() With {.A = text, .B = {1}}
                Me.name = If(text, "none") & $"a{text & 1:N2}{{}}"
                Return CType(MyBase.f(text), Stream).Read(
                    GetType(String), b:=2
                )
            End Function
            ReadOnly Property Total() As Integer
                Get
                    Total = 1
                End Get
            End Property
            Protected Sub B_Click(sender As Object, e As EventArgs) Handles B.Click
                Try
                    AddHandler x.y, AddressOf z
                Catch ex As Exception When ex.A
                    Throw New Other(ex)
                Finally
                    w()
                End Try
                Using r As New Reader(text), q = 1
                    r!key += 1
                End Using
                list.Add(Sub(m)
                    m.go()
                End Sub)
                Dim l = Function(i) i + 1, x = <a b="c">'<d/></a>, y = From k In ks Where k.z
            End Sub
        End Class
        End Namespace
        "#
    ), @r#"
    import system.io as None
    import system.io.file as Some("f")
    @webservice(namespace := "urn:example") class page : base, ihandler, iother
      @dllimport("example", entrypoint := "BeepA") function beep(a: integer)
      let a: string
      let b: string
      let c: list = new list(3)
      let d: byte = [1, 2]
      let o
      let name: string = "x"
      @webmethod() @implements() function run(text: string, n: integer = 3)
        let p: system.diagnostics.process = new system.diagnostics.process() .a = text .b = [1]
        name := (it ? [text, "none"] Join (("a" Join (text Join 1)) Join "{}"))
        return (stream)f(text).read(type string, 2)
        return run
      function total()
        total := 1
        return total
      @handles() function b_click(sender, e: eventargs)
        block
          addhandler(x.y, z)
          branch constant
            let ex: exception
            ex.a
            throw(new other(ex))
          or
          block
            w()
        block
          let r: reader = new reader(text)
          let q = 1
          r("key") Add:= 1
        list.add(function (m) { m.go() })
        let l = function (i) { return (i Add 1) }
        let x = "<a b=\"c\">'<d/></a>"
        let y = ks
        where(k.z)
    "#);
}

#[test]
fn a_statement_stands_between_markup() {
    let page =
        crate::page::cut("<% If a Then %>b<%= c & d %><% Else %>e<% End If : f %>", crate::kind::Kind::Asp);
    let tokens = lexer::tokens(&page.streams[0]);
    insta::assert_snapshot!(outline(&program(Language::VbScript, &tokens)), @r#"
    branch a
      markup
      #write((c Join d))
    or
      markup
    f()
    "#);
}

/// What programs of Basic are made of.
fn spelling() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "\n",
            ":",
            "(",
            ")",
            ",",
            ".",
            "=",
            "&",
            "+",
            "^",
            "<",
            ">",
            "\"x\"",
            "1",
            "a",
            "b",
            "if",
            "then",
            "else",
            "elseif",
            "end if",
            "end",
            "for",
            "each",
            "in",
            "next",
            "do",
            "loop",
            "while",
            "wend",
            "select case",
            "case",
            "end select",
            "sub",
            "function",
            "end sub",
            "end function",
            "property",
            "get",
            "set",
            "class",
            "end class",
            "with",
            "end with",
            "dim",
            "as",
            "new",
            "of",
            "try",
            "catch",
            "end try",
            "using",
            "not",
            "exit function",
            "call",
            "{",
            "}",
            "namespace",
            "interface",
            "inherits",
            "handles",
            "_\n",
            "declare",
            "lib",
            "module",
            "!",
            "from",
            ":=",
            "redim",
            "public",
            "<>",
            "$\"{a}\"",
            "[a]",
            "[&]",
        ][..],
    )
}

const BASIC: [Language; 2] = [Language::VbScript, Language::Vb];

proptest! {
    #[test]
    fn blanks_comments_and_cases_make_no_difference(soup in prop::collection::vec((spelling(), any::<bool>()), 0..60)) {
        let plain = soup.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
        let laid_out = soup.iter().map(|(word, wide)| match (*word, wide) {
            ("\n", true) => " ' x\r\n\t\n".to_owned(),
            (word, true) if !word.contains('"') => format!("\t{}  ", word.to_uppercase()),
            (word, _) => format!("{word} "),
        }).collect::<Vec<_>>().concat();
        for language in BASIC {
            prop_assert_eq!(tree(language, &plain), tree(language, &laid_out));
        }
    }

    #[test]
    fn any_tokens_of_basic_give_a_low_tree(soup in prop::collection::vec(spelling(), 0..40), times in 1usize..40) {
        let text = format!("{} ", soup.join(" ")).repeat(times);
        for language in BASIC {
            prop_assert!(height(&program_of_text(language, &text)) < 1000);
        }
    }

    #[test]
    fn any_text_is_read_as_basic(text in "(.|[ -~]|\n|[\"'&#<_\\[]|&H|\\$\"|rem |\u{201C}){0,80}") {
        for language in BASIC {
            program_of_text(language, &text);
        }
    }
}
