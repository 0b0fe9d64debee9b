// A service that opens a socket to where it is told to. It throws before it does anything.
namespace Example {
    using System.Net.Sockets;
    using System.Web.Services;

    public class Connects : WebService {
        [WebMethod]
        public string Begin(string host, int port) {
            Inert.Stop();
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(host, port);
            return socket.Connected.ToString();
        }
    }
}
