// A page that sorts what is sent, through a closure.
namespace Example {
    using System;
    using System.Linq;

    public class Sorts : System.Web.UI.Page {
        protected void Page_Load(object sender, EventArgs e) {
            var least = 3;
            foreach (var word in (Request.Form["q"] ?? "").Split(' ').Where(word => word.Length > least).OrderBy(word => word)) {
                Response.Write(Server.HtmlEncode(word));
            }
        }
    }
}
