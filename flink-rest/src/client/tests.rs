use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers each request with what `answer` makes of its first line; its URL, and the first lines so far.
async fn server(
    answer: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let line = request.lines().next().unwrap_or_default().to_owned();
            let answer = answer(&line);
            seen.lock().unwrap().push(line);
            let _gone = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, requests)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn client(url: &str) -> FlinkClient {
    FlinkClient::new(url, Duration::from_secs(20)).unwrap()
}

#[test]
fn passwords_are_not_shown() {
    let client = FlinkClient::new("http://me:secret@host:8081", Duration::from_secs(1)).unwrap();
    assert!(!format!("{client:?} {}", client.shown_url()).contains("secret"));
    assert_eq!(client.shown_url(), "http://host:8081");
}

#[tokio::test]
async fn nobody_listening_is_a_refusal_and_no_timeout() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = FlinkClient::new(&format!("http://me:secret@127.0.0.1:{port}"), Duration::from_secs(10)).unwrap();
    let error = client.get::<Vec<String>>("/jobs").await.unwrap_err();
    assert_eq!(error.problem, RestProblem::ConnectionRefused);
    let error = autoscaler_core::PortError::from(error);
    assert_eq!(error.kind(), autoscaler_core::ErrorKind::Unavailable);
    let text = format!("{error:?} {}", error.chain());
    assert!(text.contains(&format!("GET http://127.0.0.1:{port}/jobs")) && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_base_with_a_path_goes_before_every_path() {
    let (url, requests) = server(|_| answer("200 OK", "", "[]")).await;
    client(&format!("{url}/flink/ns/job/")).get::<Vec<String>>("/jobs/1?get=a,b").await.unwrap();
    assert_eq!(*requests.lock().unwrap(), ["GET /flink/ns/job/jobs/1?get=a,b HTTP/1.1"]);
}

#[tokio::test]
async fn nothing_follows_a_redirect_to_another_server() {
    let (other, others) = server(|_| answer("200 OK", "", "[]")).await;
    for status in ["302 Found", "307 Temporary Redirect"] {
        let location = format!("location: {other}/login?token=secret\r\n");
        let (url, _) = server(move |_| answer(status, &location, "")).await;
        let put = client(&url).put("/jobs/1", &"x").await.unwrap_err();
        let get = client(&url).get::<Vec<String>>("/jobs").await.unwrap_err();
        for error in [put, get] {
            let text = error.to_string();
            assert!(text.contains(&format!("a redirect to {other}/login, which is not followed")), "{text}");
        }
    }
    assert_eq!(*others.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_on_the_same_server_is_followed() {
    let (url, requests) = server(|line| match line.contains(" /jobs ") {
        true => answer("307 Temporary Redirect", "location: /other\r\n", ""),
        false => answer("200 OK", "", "[]"),
    })
    .await;
    client(&url).get::<Vec<String>>("/jobs").await.unwrap();
    client(&url).put("/jobs", &"x").await.unwrap();
    let expected = ["GET /jobs", "GET /other", "PUT /jobs", "PUT /other"].map(|line| format!("{line} HTTP/1.1"));
    assert_eq!(*requests.lock().unwrap(), expected);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let (url, _) = server(|_| "HTTP/1.1 200 OK\r\ncontent-length: 104857601\r\n\r\n".to_owned()).await;
    let error = client(&url).get::<Vec<String>>("/jobs").await.unwrap_err();
    assert_eq!(error.problem, RestProblem::TooLarge(100 << 20));
    let (url, _) = server(|_| answer("200 OK", "", &format!("[{}]", " ".repeat(998)))).await;
    for (max, expected) in [(1000, None), (999, Some(RestProblem::TooLarge(999)))] {
        let client = client(&url).with_max_answer(max);
        assert_eq!(client.get::<Vec<String>>("/jobs").await.err().map(|error| error.problem), expected);
        assert_eq!(client.get_elements("/jobs", |_| Ok(())).await.err().map(|error| error.problem), expected);
    }
}

#[tokio::test]
async fn large_answers_wait_for_room_and_small_ones_do_not() {
    let (url, _) = server(|line| {
        let body = if line.contains("large") { " ".repeat(100 << 10) } else { String::new() };
        answer("200 OK", "", &format!("[{body}]"))
    })
    .await;
    let client = client(&url);
    let rooms = client.bodies.take_all().await;
    client.get::<Vec<String>>("/small").await.unwrap();
    let error = client.with_timeout(Duration::from_millis(200)).get::<Vec<String>>("/large").await.unwrap_err();
    assert_eq!(error.problem, RestProblem::Timeout(Duration::from_millis(200)));
    drop(rooms);
    client.get::<Vec<String>>("/large").await.unwrap();
}

#[tokio::test]
async fn room_for_large_answers_is_shared_by_clients_that_share_it() {
    let (url, _) = server(|_| answer("200 OK", "", &format!("[{}]", " ".repeat(100 << 10)))).await;
    let room = AnswerRoom::default();
    let clients = [0; 3].map(|_| client(&url).with_answer_room(&room).with_timeout(Duration::from_millis(200)));
    // One KiB less than the answer takes.
    let taken = room.take_all_but(99).await;
    for client in &clients {
        let error = client.get::<Vec<String>>("/large").await.unwrap_err();
        assert_eq!(error.problem, RestProblem::Timeout(Duration::from_millis(200)));
    }
    drop(taken);
    let _enough = room.take_all_but(101).await;
    for client in clients {
        client.with_timeout(Duration::from_secs(20)).get::<Vec<String>>("/large").await.unwrap();
    }
}

#[tokio::test]
async fn more_requests_than_may_be_at_once_wait() {
    let (url, requests) = server(|_| answer("200 OK", "", "[]")).await;
    let access = ClusterAccess { max_requests: 1, ..ClusterAccess::default() };
    let client = FlinkClient::with_access(&url, Duration::from_secs(20), access).unwrap();
    let turn = client.turns.take().await;
    let hurried = client.with_timeout(Duration::from_millis(200));
    let error = hurried.get::<Vec<String>>("/jobs").await.unwrap_err();
    assert_eq!(error.problem, RestProblem::Timeout(Duration::from_millis(200)));
    assert_eq!(*requests.lock().unwrap(), [""; 0], "it was not sent");
    drop(turn);
    client.get::<Vec<String>>("/jobs").await.unwrap();
    client.get::<Vec<String>>("/jobs").await.unwrap();
}

#[tokio::test]
async fn elements_are_read_as_they_arrive_whatever_room_there_is() {
    let (url, _) = server(|line| match line.contains("/broken") {
        false => answer("200 OK", "", &format!("[{}{{\"id\":\"b\"}}]", "{\"id\":\"a\"},".repeat(20_000))),
        true => answer("404 Not Found", "", r#"{"errors":["Job not found"]}"#),
    })
    .await;
    let client = client(&url);
    let _rooms = client.bodies.take_all().await;
    let mut last = (0, Vec::new());
    let each = |element: &[u8]| {
        last = (last.0 + 1, element.to_vec());
        Ok(())
    };
    client.get_elements("/names", each).await.unwrap();
    assert_eq!((last.0, last.1.as_slice()), (20_001, &br#"{"id":"b"}"#[..]));
    let error = client.get_elements("/broken", |_| Ok(())).await.unwrap_err();
    assert_eq!(error.problem, RestProblem::Status { status: 404, message: "Job not found".to_owned() });
    let error = client.get_elements("/names", |_| Err("no name".to_owned())).await.unwrap_err();
    assert_eq!(error.problem, RestProblem::Unexpected("no name".to_owned()));
}
