//! As much of HTTP/1.1 as the tests speak, over plain sockets.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long an answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    bearer: Option<String>,
    idempotency_key: Option<String>,
    body: Option<String>,
    content_type: &'static str,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            bearer: None,
            idempotency_key: None,
            body: None,
            content_type: "text/plain",
        }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { content_type: "application/json", ..Self::post_text(path, body.to_string()) }
    }

    pub(crate) fn post_text(path: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method: "POST", body: Some(body.into()), ..Self::get(path) }
    }

    pub(crate) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: "PATCH", ..Self::post(path, body) }
    }

    /// With this API key or access token.
    pub(crate) fn by(self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.into()), ..self }
    }

    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        Self { idempotency_key: Some(key.into()), ..self }
    }

    /// Asks over a connection of its own, and expects an answer.
    pub(crate) fn send(&self, url: &str) -> Answer {
        self.try_send(url).unwrap_or_else(|error| panic!("{} {}: {error}", self.method, self.path))
    }

    pub(crate) fn try_send(&self, url: &str) -> io::Result<Answer> {
        Connection::open(url)?.ask(self)
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The JSON of an answer with this status, and no other.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// The `code` of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().into()
    }
}

/// A connection that is kept for one request after the other.
#[derive(Debug)]
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to `http://HOST:PORT`.
    pub(crate) fn open(url: &str) -> io::Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends the request and reads the whole answer.
    pub(crate) fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.send(request)?;
        self.answer()
    }

    pub(crate) fn send(&mut self, request: &Request) -> io::Result<()> {
        let body = request.body.as_deref().unwrap_or_default();
        let mut lines =
            vec![format!("{} {} HTTP/1.1", request.method, request.path), "Host: banyan.test".into()];
        lines.extend(request.bearer.iter().map(|bearer| format!("Authorization: Bearer {bearer}")));
        lines.extend(request.idempotency_key.iter().map(|key| format!("Idempotency-Key: {key}")));
        if request.body.is_some() {
            lines.push(format!("Content-Type: {}", request.content_type));
            lines.push(format!("Content-Length: {}", body.len()));
        }
        self.0.get_mut().write_all(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes())
    }

    /// An end before the first byte is `ConnectionAborted`, one amid the
    /// answer `UnexpectedEof`.
    pub(crate) fn answer(&mut self) -> io::Result<Answer> {
        if self.0.fill_buf()?.is_empty() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(answer)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
