// A handler that says which version of a library there is.
namespace Example {
    using System.Reflection;
    using System.Web;

    public class Versions : IHttpHandler {
        public bool IsReusable { get { return true; } }

        public void ProcessRequest(HttpContext context) {
            var n_sent = context.Request.BinaryRead(context.Request.ContentLength).Length;
            var library = Assembly.Load("System.Web, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a");
            context.Response.Write(n_sent + " bytes, by " + library.GetName().Version);
        }
    }
}
