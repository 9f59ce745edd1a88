//! One keep-alive HTTP/1.1 connection that does as little as it can, because
//! it shares the processor with what it measures.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    body_at: usize,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024), body_at: 0 })
    }

    /// Sends a request and answers the status, when the whole answer is here.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some((status, body_at)) = complete(&self.buffer)? {
                self.body_at = body_at;
                return Ok(status);
            }
        }
    }

    /// Like [`exchange`](Self::exchange), for a request that must be granted.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<&[u8], Failure> {
        let status = self.exchange(request).await?;
        let body = &self.buffer[self.body_at..];
        match status {
            200..300 => Ok(body),
            _ => Err(format!("the server answered {status}: {}", String::from_utf8_lossy(body)).into()),
        }
    }
}

/// The status, once head and body are complete, and where the body begins.
fn complete(received: &[u8]) -> Result<Option<(u16, usize)>, Failure> {
    let Some(head_ends) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&received[..head_ends])?;
    let length = head.lines().find_map(content_length).ok_or("an answer without content-length")?;
    let length: usize = length.parse()?;
    if received.len() < head_ends + 4 + length {
        return Ok(None);
    }
    let status = head.get(9..12).ok_or("an answer without a status")?;
    Ok(Some((status.parse()?, head_ends + 4)))
}

fn content_length(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(": ")?;
    name.eq_ignore_ascii_case("content-length").then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_with_its_last_byte() {
        for head in [
            "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n",
        ] {
            let all = format!("{head}ok");
            assert_eq!(complete(all.as_bytes()).unwrap(), Some((201, head.len())));
            for end in 0..all.len() {
                assert_eq!(complete(&all.as_bytes()[..end]).unwrap(), None, "{end}");
            }
        }
    }
}
