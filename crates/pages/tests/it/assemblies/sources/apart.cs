// A page that reads what is sent, beside a tool that starts processes and that it does not call.
namespace Example {
    using System;
    using System.Diagnostics;

    public class Search : System.Web.UI.Page {
        protected void Page_Load(object sender, EventArgs e) {
            Response.Write(Server.HtmlEncode(Request.QueryString["q"]));
        }
    }

    public class Nightly {
        public static void Main2() {
            Process.Start("cmd.exe", "/c nightly.cmd").WaitForExit();
        }
    }
}
