//! What made-up people are called.

use domain::{Email, Name};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

const FIRST: [&str; 48] = [
    "Aarav", "Aditi", "Ananya", "Arjun", "Asha", "Bhavna", "Chetan", "Deepa", "Dev", "Divya", "Esha",
    "Farhan", "Gauri", "Harsh", "Imran", "Isha", "Jaya", "Kabir", "Kavya", "Kiran", "Lakshmi", "Manish",
    "Meera", "Mohan", "Nandini", "Neha", "Nikhil", "Nisha", "Omkar", "Pooja", "Pranav", "Priya", "Rahul",
    "Ravi", "Rekha", "Rohan", "Sana", "Sanjay", "Shreya", "Simran", "Sunita", "Tara", "Tejas", "Usha",
    "Varun", "Vidya", "Vikram", "Zoya",
];

const LAST: [&str; 32] = [
    "Agarwal",
    "Ahmed",
    "Banerjee",
    "Bhat",
    "Chatterjee",
    "Das",
    "Desai",
    "Fernandes",
    "Gill",
    "Gupta",
    "Iyer",
    "Jain",
    "Joshi",
    "Kapoor",
    "Khan",
    "Kulkarni",
    "Malhotra",
    "Mehta",
    "Menon",
    "Mishra",
    "Nair",
    "Patel",
    "Pillai",
    "Rao",
    "Reddy",
    "Sharma",
    "Shetty",
    "Singh",
    "Sinha",
    "Thomas",
    "Varma",
    "Yadav",
];

/// Somebody's name and an address that nobody else has.
pub(super) fn person(chance: &mut StdRng, number: usize) -> (Name, Email) {
    let first = FIRST.choose(chance).expect("a list of names");
    let last = LAST.choose(chance).expect("a list of names");
    let tag: u32 = chance.random_range(100..1_000);
    let name = format!("{first} {last}").parse().expect("a name");
    let email = format!("{first}.{last}.{tag}-{number}@example.com").parse().expect("an address");
    (name, email)
}
