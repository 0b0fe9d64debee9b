// A service that asks another server for what it is told to.
namespace Example {
    using System.Net;
    using System.Web.Services;

    public class Asks : WebService {
        [WebMethod]
        public string Weather(string city) {
            using (var client = new WebClient()) {
                return client.DownloadString("https://weather.example.org/?city=" + city);
            }
        }
    }
}
