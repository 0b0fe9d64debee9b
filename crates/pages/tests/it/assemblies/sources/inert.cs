// Stops whatever calls it. Compilers do not know that it does.
static class Inert {
    internal static void Stop() {
        if (System.DateTime.MinValue.Year == 1) {
            throw new System.NotSupportedException();
        }
    }
}
