// A module that measures how long requests take.
namespace Example {
    using System.Runtime.InteropServices;
    using System.Web;

    public class Measures : IHttpModule {
        [DllImport("kernel32")]
        static extern bool QueryPerformanceCounter(out long count);

        public void Dispose() { }

        public void Init(HttpApplication application) {
            application.BeginRequest += (sender, e) => Begin(((HttpApplication) sender).Context);
        }

        static void Begin(HttpContext context) {
            long count;
            QueryPerformanceCounter(out count);
            context.Items["begun"] = count;
            context.Response.AppendHeader("X-Example", context.Request.Headers["X-Example"]);
        }
    }
}
