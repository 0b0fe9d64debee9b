// A library that starts processes and is no page.
namespace Example {
    using System.Diagnostics;

    public class Converter {
        public string Convert(string file) {
            var start = new ProcessStartInfo("cmd.exe", "/c convert " + file);
            start.UseShellExecute = false;
            start.RedirectStandardOutput = true;
            using (var run = Process.Start(start)) {
                return run.StandardOutput.ReadToEnd();
            }
        }
    }
}
