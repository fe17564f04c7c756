//! Reads a filter: words, texts and marks first, then `or` over `and` over single tests.

use serde_json::Value;

use crate::sandbox::{
    answer::{Outcome, refuse},
    filter::{Filter, Term},
};

/// More words than this, or deeper, is no filter that a client writes; reading and evaluating recurse.
const LONGEST: usize = 1000;
const DEEPEST: usize = 30;

/// Parses a filter; what cannot be read gives Graph's 400.
pub fn parse(text: &str) -> Outcome<Filter> {
    let Some(tokens) = tokens(text).filter(|it| it.len() <= LONGEST) else {
        return bad(text);
    };
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    match parser.either() {
        Some(filter) if parser.at == tokens.len() => Ok(filter),
        _ => bad(text),
    }
}

fn bad<T>(text: &str) -> Outcome<T> {
    refuse(
        400,
        "BadRequest",
        format!("Invalid filter clause: syntax error in '{}'.", text.chars().take(200).collect::<String>()),
    )
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let (mut out, mut chars) = (Vec::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => {}
            '(' | ')' | ',' => out.push(Token::Mark(c)),
            '\'' => {
                let mut value = String::new();
                loop {
                    match chars.next()? {
                        '\'' if chars.peek() == Some(&'\'') => {
                            chars.next();
                            value.push('\'');
                        }
                        '\'' => break,
                        other => value.push(other),
                    }
                }
                out.push(Token::Text(value));
            }
            _ => {
                let mut word = c.to_string();
                while let Some(next) = chars.peek() {
                    if matches!(next, ' ' | '\t' | '(' | ')' | ',' | '\'') {
                        break;
                    }
                    word.push(*next);
                    chars.next();
                }
                out.push(Token::Word(word));
            }
        }
    }
    Some(out)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&mut self, wanted: &str) -> Option<()> {
        match self.peek()? {
            Token::Word(word) if word.eq_ignore_ascii_case(wanted) => {
                self.at += 1;
                Some(())
            }
            _ => None,
        }
    }

    fn mark(&mut self, wanted: char) -> Option<()> {
        (self.peek()? == &Token::Mark(wanted)).then(|| self.at += 1)
    }

    fn either(&mut self) -> Option<Filter> {
        let mut left = self.both()?;
        while self.word("or").is_some() {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Filter> {
        let mut left = self.one()?;
        while self.word("and").is_some() {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Filter> {
        self.depth += 1;
        let filter = if self.depth <= DEEPEST { self.test() } else { None };
        self.depth -= 1;
        filter
    }

    fn test(&mut self) -> Option<Filter> {
        if self.word("not").is_some() {
            return Some(Filter::Not(Box::new(self.one()?)));
        }
        if self.mark('(').is_some() {
            let inner = self.either()?;
            self.mark(')')?;
            return Some(inner);
        }
        let call = matches!(self.tokens.get(self.at + 1), Some(Token::Mark('(')));
        match self.peek()?.clone() {
            Token::Word(word) if call => {
                self.at += 2;
                self.call(&word)
            }
            _ => {
                let left = self.term()?;
                let op = match self.peek()? {
                    Token::Word(word) => word.to_ascii_lowercase(),
                    _ => return None,
                };
                if !["eq", "ne", "gt", "ge", "lt", "le"].contains(&op.as_str()) {
                    return None;
                }
                self.at += 1;
                Some(Filter::Test(op, left, self.term()?))
            }
        }
    }

    fn call(&mut self, name: &str) -> Option<Filter> {
        let lower = name.to_ascii_lowercase();
        if let Some(at) = lower.strip_suffix("/any").map(str::len) {
            let Token::Word(head) = self.peek()?.clone() else {
                return None;
            };
            self.at += 1;
            // `ep: ep/id` and `ep:ep/id` are both written.
            let (variable, rest) = head.split_once(':')?;
            if !rest.is_empty() {
                self.at -= 1;
                let mut tokens = self.tokens.to_vec();
                tokens[self.at] = Token::Word(rest.to_string());
                let mut inner = Parser { tokens: &tokens, at: self.at, depth: self.depth };
                let filter = inner.either()?;
                self.at = inner.at;
                self.mark(')')?;
                return Some(Filter::Any(split(&name[..at]), variable.to_string(), Box::new(filter)));
            }
            let filter = self.either()?;
            self.mark(')')?;
            return Some(Filter::Any(split(&name[..at]), variable.to_string(), Box::new(filter)));
        }
        if !["startswith", "endswith", "contains"].contains(&lower.as_str()) {
            return None;
        }
        let left = self.term()?;
        self.mark(',')?;
        let right = self.term()?;
        self.mark(')')?;
        // `startswith(…) eq true` is the same as without.
        if self.word("eq").is_some() {
            self.word("true")?;
        }
        Some(Filter::Test(lower, left, right))
    }

    fn term(&mut self) -> Option<Term> {
        let token = self.peek()?.clone();
        self.at += 1;
        Some(match token {
            Token::Text(text) => Term::Is(Value::String(text)),
            Token::Mark(_) => return None,
            Token::Word(word) => match word.as_str() {
                "true" => Term::Is(true.into()),
                "false" => Term::Is(false.into()),
                "null" => Term::Is(Value::Null),
                _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    match word.parse::<i64>() {
                        Ok(number) => Term::Is(number.into()),
                        // A date, a time or a GUID without quotes.
                        Err(_) => Term::Is(Value::String(word)),
                    }
                }
                _ => Term::Path(split(&word)),
            },
        })
    }
}

fn split(path: &str) -> Vec<String> {
    path.split('/').map(str::to_string).collect()
}
