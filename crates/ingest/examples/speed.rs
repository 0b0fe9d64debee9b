use afterpatch_ingest::*; use afterpatch_model::*; use std::io::Cursor;
fn main(){
 for (path, header, row) in [
  (r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210302.log","#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n".to_string(),
   "2021-03-02 04:05:06 192.0.2.10 POST /owa/service.svc action=GetItem&EP=1&ID=-12&AC=1&CorrelationID=<empty>;&cafeReqId=0a1b2c3d-1111-2222-3333-444455556666; 443 EXAMPLE\\user1 198.51.100.7 Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/88.0.4324.190+Safari/537.36 https://mail.example.org/owa/ 200 0 0 123\n".to_string()),
  (r"E:\E\Logging\HttpProxy\Ecp\HttpProxy_2021030204-1.LOG", format!("#Fields: DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,Protocol,UrlHost,UrlStem,IsAuthenticated,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIPAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,TargetServer,RoutingHint,BackEndCookie,RequestBytes,ResponseBytes,TotalRequestTime,UrlQuery,GenericInfo,GenericErrors,{}\n",(0..40).map(|i|format!("Latency{i}")).collect::<Vec<_>>().join(",")),
   format!("2021-03-02T04:05:06.789Z,0a1b2c3d-1111-2222-3333-444455556666,15,1,2176,2,Ecp,mail.example.org,/ecp/y.js,true,EXAMPLE\\user,Sid~S-1-5-21-1-2-3,Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML  like Gecko) Chrome/88.0,198.51.100.7,MX1,200,200,,POST,mx1.example.org,WindowsIdentity,Server~mx1~2021,355,1024,12,?a=b,BeginRequest=2021-03-02T04:05:06.789Z;Correlation=1,,{}\n",vec!["1";40].join(","))),
 ]{
  let n=200_000_000/row.len(); let mut b=header.into_bytes(); for _ in 0..n {b.extend_from_slice(row.as_bytes());}
  let a=Artifact{id:ArtifactId::new("x"),collection:CollectionId::new("c"),path:path.into(),container_path:"x".into(),size_bytes:0,modified:None,created:None,sha256:String::new(),server:HostName::parse("MX1")};
  let t=std::time::Instant::now(); let mut rows=0; let len=b.len();
  let r=read_artifact(&a,&mut std::io::BufReader::with_capacity(1<<17,Cursor::new(b)),None,&Limits::default(),&mut |b|{rows+=b.rows.num_rows();});
  let s=t.elapsed().as_secs_f64();
  println!("{:?} {:?} rows {rows} {:.1} MB/s {:.0} rows/s",r.parser,r.tally.lost,len as f64/1e6/s, rows as f64/s);
 }}
