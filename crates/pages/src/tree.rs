//! The tree of a program, the same for every language.
//!
//! Names are in small letters, whatever the language: no shell is told from a page by the case of a name, and half of the
//! languages do not tell cases apart. Variables of PHP alone are as they are spelled, what PHP itself names aside: programs
//! that hide tell them apart by nothing else. Type arguments, modifiers and access are dropped.

use crate::kind::Language;
use std::rc::Rc;

/// A name, in small letters, of a variable of PHP as it is spelled. Dotted where it names a type or a namespace: `system.diagnostics.process`.
pub type Name = Box<str>;

/// A text that stands in a program. What is known of values shares it.
pub type Text = Rc<String>;

/// A program: what one stream of a page says.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// What it was written in.
    pub language: Language,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// A statement and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The line of the page, from 1.
    pub line: u32,
    /// What it does.
    pub kind: StatementKind,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// Evaluates. Assignments, calls, `delete`, `throw` and `echo` (a call of `echo`) are expressions.
    Expression(Expression),
    /// Declares a variable, field or property: of `a, b As T` one each.
    Declare {
        /// Its name.
        name: Name,
        /// Its type, where one is given that is more than `var` or `Object`.
        of: Option<Name>,
        /// What it is set to.
        value: Option<Box<Expression>>,
    },
    /// Statements in a scope: blocks, `try` with its handlers, `using`, `lock`, `With`.
    Block(Vec<Statement>),
    /// One of several ways: `if`, `switch`, `Select Case`. A way that may be left out stands as an empty one.
    Branch {
        /// What it depends on.
        condition: Box<Expression>,
        /// The ways.
        ways: Vec<Way>,
    },
    /// Repeats: `for`, `while`, `do`, `For Each`. What runs first stands before it in a [`StatementKind::Block`]; what
    /// runs after each turn at the end of its body.
    Loop {
        /// What it depends on, where it depends on something.
        condition: Option<Box<Expression>>,
        /// What is set to each member of what: `foreach (a in b)`, `For i = a To b` (of a call of `range`).
        each: Option<Box<(Name, Expression)>>,
        /// What is repeated.
        body: Vec<Statement>,
    },
    /// Ends the function, with a value.
    Return(Option<Expression>),
    /// Declares a function, method, constructor or property with a body.
    Function(Box<Function>),
    /// Declares a class, module, structure or interface.
    Class(Box<Class>),
    /// Makes names known: `using X`, `Imports X`, `import X`, `using A = X` (then with its other name).
    Import {
        /// What is imported.
        name: Name,
        /// The name that it gets.
        alias: Option<Name>,
    },
    /// Lets names stand for variables of the page within a function: PHP's `global $x`.
    Global(Vec<Name>),
    /// Writes markup out.
    Markup,
}

/// One of the ways of a branch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Way {
    /// The values for which it is taken, where the branch chooses by value; none for the way that is left, and for what an `if`
    /// chooses.
    pub cases: Vec<Expression>,
    /// What is done.
    pub body: Vec<Statement>,
}

impl From<Vec<Statement>> for Way {
    fn from(body: Vec<Statement>) -> Self {
        Self { cases: Vec::new(), body }
    }
}

/// A function, however the language calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name; empty for a lambda.
    pub name: Name,
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// `[WebMethod]`, `<DllImport("x")>`, `@POST`.
    pub attributes: Vec<Attribute>,
    /// What it does; empty where the body lies elsewhere (P/Invoke, `native`, `abstract`).
    pub body: Vec<Statement>,
    /// The line of the page, from 1.
    pub line: u32,
}

/// What a function takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type, where one is given.
    pub of: Option<Name>,
    /// What it is where it is left out.
    pub default: Option<Expression>,
}

/// What is said of a declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name, without `Attribute` at the end.
    pub name: Name,
    /// What it is given; `Name = value` as an assignment.
    pub arguments: Vec<Expression>,
}

/// A class, however the language calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name; empty for an anonymous one.
    pub name: Name,
    /// What it extends and implements.
    pub bases: Vec<Name>,
    /// What is said of it.
    pub attributes: Vec<Attribute>,
    /// Its fields, methods and classes.
    pub members: Vec<Statement>,
}

/// An expression. Where it begins matters of calls alone.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A text.
    Text(Text),
    /// A number, cut to a whole one.
    Number(i64),
    /// `true`, `null`, `Nothing` and what else cannot hold what a visitor sends.
    Constant,
    /// A variable, function, type; of PHP's variables with the `$`. `this` and `Me` are dropped from what they stand before.
    Name(Name),
    /// A name that is computed: PHP's `$$x`, `${x}`, `$o->$m`.
    Computed(Box<Expression>),
    /// `of.name`, `of->name`, `of::name`, `of?.name`. In `With x`, `.name` is a member of `x`.
    Member {
        /// Of what.
        of: Box<Expression>,
        /// Which one; computed for PHP's `$o->$m` and `$c::$m`.
        name: Box<Expression>,
    },
    /// `callee(arguments)`. In Basic also `a(i)` on an array, and calls without brackets; `echo`, `print`, `include`,
    /// `Execute` and PHP's backquotes (`shell_exec`) are calls; an expression written out is a call of `#write`.
    Call(Box<Call>),
    /// `of[at]`; `$a[]` without a place.
    Index {
        /// Of what.
        of: Box<Expression>,
        /// Where.
        at: Option<Box<Expression>>,
    },
    /// `new T(arguments) { A = x }`, `New T`, `Array.newInstance`; of arrays see [`Expression::List`].
    New(Box<New>),
    /// `left operator right`.
    Binary {
        /// Which.
        operator: Operator,
        /// What stands left.
        left: Box<Expression>,
        /// What stands right.
        right: Box<Expression>,
    },
    /// `-x`, `!x`, `~x`.
    Unary {
        /// Which: [`Operator::Subtract`], [`Operator::Not`], [`Operator::Invert`].
        operator: Operator,
        /// Of what.
        of: Box<Expression>,
    },
    /// `target = value`, `target += value` (then with its operator). `i++` is `i += 1`.
    Assign {
        /// What is set.
        target: Box<Expression>,
        /// What the old value is joined with the new one by.
        operator: Option<Operator>,
        /// To what.
        value: Box<Expression>,
    },
    /// `condition ? yes : no`, `yes ?? no`, `IIf`, `match`: one of several.
    Choice(Box<Choice>),
    /// `(T)x`, `x as T`, `CType(x, T)`.
    Cast {
        /// To what.
        to: Name,
        /// What.
        value: Box<Expression>,
    },
    /// `typeof(T)`, `GetType(T)`, `T.class`.
    TypeOf(Name),
    /// An array or dictionary written in place: its values, and their keys where they have some.
    List(Vec<(Option<Expression>, Expression)>),
    /// A lambda, anonymous function or delegate.
    Function(Box<Function>),
    /// What is not understood: what was read of it.
    Other(Vec<Expression>),
}

impl Expression {
    /// Returns a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Rc::new(text.into()))
    }

    /// Returns a call.
    pub fn call(callee: Self, arguments: Vec<Self>, line: u32) -> Self {
        Self::Call(Box::new(Call { callee, arguments, line }))
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Expression,
    /// With what; of named ones the value.
    pub arguments: Vec<Expression>,
    /// The line of the page, from 1.
    pub line: u32,
}

/// One of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// What it depends on; none for `??`.
    pub condition: Option<Expression>,
    /// What it may be.
    pub ways: Vec<Expression>,
}

/// An object that is made.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// What is made: a name, dotted or not, mostly.
    pub of: Expression,
    /// With what.
    pub arguments: Vec<Expression>,
    /// What is set at once: `{ A = x }`, `With { .A = x }`.
    pub members: Vec<(Name, Expression)>,
    /// The class that is written in place: Java's `new X() { … }`.
    pub class: Option<Box<Class>>,
    /// The line of the page, from 1.
    pub line: u32,
}

impl New {
    /// Returns an object that is made with arguments and nothing else.
    pub fn expression(of: Expression, arguments: Vec<Expression>, line: u32) -> Expression {
        Expression::New(Box::new(Self { of, arguments, members: Vec::new(), class: None, line }))
    }
}

/// How two values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`: of numbers or texts.
    Add,
    /// `&` of Basic, `.` of PHP: of texts alone.
    Join,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`, `\`.
    Divide,
    /// `%`, `Mod`.
    Remainder,
    /// `^` of C, `Xor`.
    Xor,
    /// `&` of C; of Basic `And` between numbers.
    And,
    /// `|`, `Or`.
    Or,
    /// `<<`.
    ShiftLeft,
    /// `>>`, `>>>`.
    ShiftRight,
    /// `~`.
    Invert,
    /// `!`, `Not`.
    Not,
    /// `==`, `<`, `Like`, `Is`, `instanceof`, `&&`, `||`: what gives true or false.
    Compare,
}
