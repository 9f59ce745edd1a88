//! The journal: sales that were answered for and may not be in the books yet.
//!
//! Adding a sale to the books writes to five places far apart; writing it down
//! here is one write at the end of a file for a whole batch. So under load sales
//! are written down first, and posted to the books in larger runs, which meet
//! more of their neighbours on each page. What is written down is on disk before
//! anybody is answered, and is overwritten only when the books that hold it are
//! on disk, so that at any moment the two together are the whole truth.
//!
//! The journal is also whose turn it is: **whoever changes the books, in whatever
//! process, holds the journal's lock and has posted all of it first.**
//!
//! It lies in two files that take turns: when one is long and all of the other
//! is in the books, the other is begun anew. A batch is a record of its number,
//! its length and a checksum over both and its rows. Numbers go on by one for
//! ever, so the journal ends before the first record that has another number or
//! a wrong checksum: one that was cut off, or one from an earlier time.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{connect, private};
use crate::{Error, Result};

/// The two files of a data directory.
pub(super) const FILES: [&str; 2] = ["journal-1.log", "journal-2.log"];

/// Bytes from which on a file is long.
const LONG: u64 = 16 * 1024 * 1024;

/// Bytes by which a file grows. What is overwritten later needs no more from the
/// file system than its bytes, so it grows seldom.
const GROWTH: usize = 256 * 1024;

/// Number, length and checksum, eight bytes each.
const HEAD: usize = 24;

/// The longest record that is taken for one.
const LONGEST: u64 = 1 << 30;

/// A batch of sales that was written down.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// 1, 2, 3, … without a hole.
    pub(super) number: i64,
    /// How many purchases it has, where it matters.
    pub(super) sales: usize,
    /// What it adds to the books.
    pub(super) rows: Arc<[u8]>,
}

pub(super) struct Journal {
    directory: PathBuf,
    files: [File; 2],
    end: End,
    /// Bytes from which on a file is long.
    long: u64,
    /// Something could not be written, so nobody knows what the disk holds.
    broken: bool,
    record: Vec<u8>,
}

/// Where the journal ends, as far as it was read.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    /// Which file, and how many of its bytes.
    file: usize,
    at: u64,
    /// The last batch; 0 before the first.
    last: i64,
    /// The first batch in this file; 0 before it is read.
    first: i64,
}

/// The beginning of a record.
struct Head {
    number: i64,
    length: u64,
    checksum: u64,
}

impl Journal {
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let opened = (|| {
            let files =
                [private::open(&directory.join(FILES[0]))?, private::open(&directory.join(FILES[1]))?];
            File::open(directory)?.sync_all()?;
            Ok(files)
        })();
        let files = opened.map_err(at(directory))?;
        let directory = directory.to_owned();
        Ok(Self { directory, files, end: End::default(), long: LONG, broken: false, record: Vec::new() })
    }

    /// As if a few batches were a great deal.
    #[cfg(test)]
    pub(super) fn of_short_files(self) -> Self {
        Self { long: 200, ..self }
    }

    /// Waits until it is nobody else's turn.
    pub(super) fn turn(&mut self) -> Result<Turn<'_>> {
        if self.broken {
            return Err(Error::Engine("the journal could not be written; start again to go on".into()));
        }
        let mut tries = 0;
        while let Err(refused) = self.files[0].try_lock() {
            match refused {
                TryLockError::Error(source) => return Err(at(&self.directory)(source)),
                TryLockError::WouldBlock if connect::wait(tries) => tries += 1,
                TryLockError::WouldBlock => return Err(Error::Busy),
            }
        }
        let turn = Turn(self);
        turn.0.read_on().map_err(at(&turn.0.directory))?;
        Ok(turn)
    }

    /// Goes on to the end, if another process has written.
    fn read_on(&mut self) -> io::Result<()> {
        if self.end.at == 0 {
            self.end = self.beginning()?;
        }
        let mut rows = Vec::new();
        while let Some(next) = self.next(self.end, &mut rows)? {
            self.end = next;
        }
        Ok(())
    }

    /// Reads the rows of the batch after this place, if it is there, and answers
    /// the place after it: in the same file, or at the beginning of the other.
    fn next(&self, end: End, rows: &mut Vec<u8>) -> io::Result<Option<End>> {
        let End { file, at, last, first } = end;
        let number = last + 1;
        if let Some(at) = self.read(file, at, number, rows)? {
            let first = if first == 0 { number } else { first };
            return Ok(Some(End { file, at, last: number, first }));
        }
        let at = self.read(1 - file, 0, number, rows)?;
        Ok(at.map(|at| End { file: 1 - file, at, last: number, first: number }))
    }

    /// Just before the oldest record.
    fn beginning(&self) -> io::Result<End> {
        let mut oldest: Option<End> = None;
        for file in 0..self.files.len() {
            let Some(Head { number, .. }) = self.head(file, 0)? else { continue };
            if self.read(file, 0, number, &mut Vec::new())?.is_some()
                && oldest.is_none_or(|oldest| number <= oldest.last)
            {
                oldest = Some(End { file, at: 0, last: number - 1, first: 0 });
            }
        }
        Ok(oldest.unwrap_or_default())
    }

    fn head(&self, file: usize, at: u64) -> io::Result<Option<Head>> {
        let mut head = [0; HEAD];
        match self.files[file].read_exact_at(&mut head, at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let word = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("eight bytes"));
        let (number, length, checksum) = (word(0).cast_signed(), word(8), word(16));
        Ok((number > 0 && length <= LONGEST).then_some(Head { number, length, checksum }))
    }

    /// Reads the rows of the record of this number, if it is there, and answers
    /// where the next one is.
    fn read(&self, file: usize, at: u64, number: i64, rows: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let Some(head) = self.head(file, at)?.filter(|head| head.number == number) else { return Ok(None) };
        rows.clear();
        rows.resize(usize::try_from(head.length).map_err(io::Error::other)?, 0);
        let from = at + HEAD as u64;
        match self.files[file].read_exact_at(rows, from) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        Ok((checksum(number, rows) == head.checksum).then_some(from + head.length))
    }

    /// Puts a record at the end, or at the beginning of the other file when all
    /// of that is posted, and waits until it is on disk.
    fn append(&mut self, batch: &Written, posted: i64) -> io::Result<()> {
        let mut end = self.end;
        if end.at >= self.long && posted >= end.first - 1 {
            end = End { file: 1 - end.file, at: 0, ..end };
        }
        if end.at == 0 {
            end.first = batch.number;
        }
        self.record.clear();
        for word in
            [batch.number.cast_unsigned(), batch.rows.len() as u64, checksum(batch.number, &batch.rows)]
        {
            self.record.extend_from_slice(&word.to_le_bytes());
        }
        self.record.extend_from_slice(&batch.rows);
        let file = &self.files[end.file];
        let (at, next) = (end.at, end.at + self.record.len() as u64);
        if file.metadata()?.len() < next {
            self.record.resize(self.record.len() + GROWTH, 0);
        }
        file.write_all_at(&self.record, at)?;
        file.sync_data()?;
        self.end = End { at: next, last: batch.number, ..end };
        Ok(())
    }
}

/// The right to change the books, until it is dropped.
pub(super) struct Turn<'j>(&'j mut Journal);

impl Turn<'_> {
    /// The number of the last batch; 0 before the first.
    pub(super) fn last(&self) -> i64 {
        self.0.end.last
    }

    /// The batches after this one.
    pub(super) fn after(&self, number: i64) -> Result<Vec<Written>> {
        let journal = &*self.0;
        let mut batches = Vec::new();
        let mut read = || {
            let mut end = journal.beginning()?;
            let mut rows = Vec::new();
            while end.last < self.last() {
                let next = journal.next(end, &mut rows)?;
                end = next.ok_or_else(|| io::Error::other("the journal has lost a batch"))?;
                if end.last > number {
                    batches.push(Written { number: end.last, sales: 0, rows: rows.as_slice().into() });
                }
            }
            Ok(())
        };
        read().map_err(at(&journal.directory))?;
        Ok(batches)
    }

    /// Writes a batch down, when batches up to `posted` are in the books on disk,
    /// and ends the turn: when this answers `Ok`, the batch is on disk.
    pub(super) fn write_down(self, batch: &Written, posted: i64) -> Result<()> {
        let last = self.last();
        if last > 0 && batch.number != last + 1 {
            return Err(Error::inconsistent("journal", "number", last));
        }
        self.0.append(batch, posted).map_err(|error| {
            // What a failed sync has left undone, no later one makes good.
            self.0.broken = true;
            at(&self.0.directory)(error)
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.files[0].unlock() {
            tracing::error!(%error, "the journal stays locked until this process ends");
        }
    }
}

fn checksum(number: i64, rows: &[u8]) -> u64 {
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&number.to_le_bytes());
    checksum.update(&(rows.len() as u64).to_le_bytes());
    checksum.update(rows);
    checksum.finalize().into()
}

fn at(directory: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = directory.join(FILES[0]);
    move |source| Error::Directory { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: i64) -> Written {
        let rows = number.to_string().repeat(usize::try_from(number % 7).unwrap()).into_bytes();
        Written { number, sales: 1, rows: rows.into() }
    }

    fn write(journal: &mut Journal, number: i64, posted: i64) {
        journal.turn().unwrap().write_down(&batch(number), posted).unwrap();
    }

    /// What somebody reads who opens it now.
    fn numbers(directory: &Path, after: i64) -> Vec<i64> {
        let mut journal = Journal::open(directory).unwrap();
        let batches = journal.turn().unwrap().after(after).unwrap();
        for found in &batches {
            assert_eq!(found.rows, batch(found.number).rows, "{}", found.number);
        }
        batches.iter().map(|batch| batch.number).collect()
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(directory.path()).unwrap();
        assert_eq!(numbers(directory.path(), 0), [0; 0]);
        for number in 5..30 {
            write(&mut journal, number, 0);
        }
        assert_eq!(numbers(directory.path(), 0), (5..30).collect::<Vec<_>>());
        assert_eq!(numbers(directory.path(), 20), (21..30).collect::<Vec<_>>());
    }

    #[test]
    fn two_processes_write_in_turn() {
        let directory = tempfile::tempdir().unwrap();
        let mut both = [0, 1].map(|_| Journal::open(directory.path()).unwrap());
        for number in 1..50 {
            write(&mut both[usize::from(number % 3 == 0)], number, 0);
        }
        assert_eq!(numbers(directory.path(), 0), (1..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_file_is_left_when_all_of_the_other_is_posted() {
        let directory = tempfile::tempdir().unwrap();
        let mut both = [0, 1].map(|_| Journal::open(directory.path()).unwrap().of_short_files());
        let mut files = Vec::new();
        for number in 1..=300 {
            let journal = &mut both[usize::from(number % 3 == 0)];
            let posted = if (100..200).contains(&number) { 99 } else { number - 5 };
            write(journal, number, posted);
            files.push(journal.end.file);
            assert_eq!(numbers(directory.path(), posted), (posted.max(0) + 1..=number).collect::<Vec<_>>());
        }
        assert!(files[..99].contains(&1) && files[..99].contains(&0), "they take turns");
        assert_eq!(files[120..199].iter().sum::<usize>() % 79, 0, "what is not posted is not overwritten");
    }

    #[test]
    fn a_batch_that_was_cut_off_was_never_written() {
        let directory = tempfile::tempdir().unwrap();
        for cut in 1..40 {
            let mut journal = Journal::open(directory.path()).unwrap();
            let last = journal.turn().unwrap().last();
            write(&mut journal, last + 1, 0);
            let (end, file) = (journal.end.at, &journal.files[journal.end.file]);
            let mut byte = [0];
            let at = end - (1 + cut % HEAD as u64);
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 0x55], at).unwrap();
            drop(journal);
            assert_eq!(numbers(directory.path(), 0), (1..=last).collect::<Vec<_>>(), "cut {cut}");
            write(&mut Journal::open(directory.path()).unwrap(), last + 1, 0);
        }
    }
}
