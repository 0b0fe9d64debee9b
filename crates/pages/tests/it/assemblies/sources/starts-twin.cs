// A page that shows what is sent, and how the server fares.
namespace ASP {
    using System;
    using System.Diagnostics;

    public class fares_aspx : System.Web.UI.Page {
        protected void Page_Load(object sender, EventArgs e) {
            var own = Process.GetCurrentProcess();
            Response.Write(Server.HtmlEncode(Request["q"]));
            Response.Write(own.WorkingSet64 + " since " + own.StartTime);
        }
    }
}
