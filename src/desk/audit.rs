//! The audit: what is hashed of a row, and how rows are exported.
//!
//! Each row's hash covers the hash of the row before, so that none can be changed, moved or taken out unseen. The
//! hashing itself is the platform's; here is the one encoding that it hashes.

use super::value::digits;

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place, from 1; anything where somebody got round the triggers, as with the time.
    pub seq: i64,
    /// The hash of the row before.
    pub prev: String,
    /// When.
    pub at: i64,
    /// Which case; empty where it was about none.
    pub case: String,
    /// What was done.
    pub action: String,
    /// By whom.
    pub by: String,
    /// The rest, as JSON text.
    pub detail: String,
    /// Its own hash; empty as long as it has none.
    pub hash: String,
}

/// The columns of an export.
pub const COLUMNS: [&str; 8] = [
    "seq", "at", "case", "action", "by", "detail", "prev", "hash",
];

impl Row {
    /// What is hashed: the array of all fields but the hash, in the form of RFC 8785. Anybody can make the same text
    /// with `JSON.stringify`, and so check the chain without this desk.
    pub fn canonical(&self) -> String {
        let mut text = String::from("[\"passdesk-audit-1\",");
        whole(self.seq, &mut text);
        text.push(',');
        quote(&self.prev, &mut text);
        text.push(',');
        whole(self.at, &mut text);
        for field in [&self.case, &self.action, &self.by, &self.detail] {
            text.push(',');
            quote(field, &mut text);
        }
        text.push(']');
        text
    }

    /// One line of NDJSON, with its end.
    pub fn ndjson(&self) -> String {
        let mut line = String::from("{\"seq\":");
        whole(self.seq, &mut line);
        line.push_str(",\"at\":");
        whole(self.at, &mut line);
        for (name, field) in COLUMNS.into_iter().skip(2).zip(self.texts()) {
            line.push(',');
            quote(name, &mut line);
            line.push(':');
            quote(field, &mut line);
        }
        line.push_str("}\n");
        line
    }

    /// One line of CSV (RFC 4180), with its end.
    pub fn csv(&self) -> String {
        let mut line = String::new();
        whole(self.seq, &mut line);
        line.push(',');
        whole(self.at, &mut line);
        for field in self.texts() {
            line.push(',');
            cell(field, &mut line);
        }
        line.push_str("\r\n");
        line
    }

    const fn texts(&self) -> [&String; 6] {
        [
            &self.case,
            &self.action,
            &self.by,
            &self.detail,
            &self.prev,
            &self.hash,
        ]
    }
}

/// The first line of the CSV.
pub fn csv_header() -> String {
    let mut line = COLUMNS.join(",");
    line.push_str("\r\n");
    line
}

fn whole(number: i64, into: &mut String) {
    if number < 0 {
        into.push('-');
    }
    digits(number.unsigned_abs(), into);
}

/// Writes a cell, always quoted. Where a spreadsheet would take the text for a formula, an apostrophe before it says
/// that it is text. Blanks do not hide a formula: some programs trim them.
///
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn cell(text: &str, into: &mut String) {
    into.push('"');
    let visible =
        text.trim_start_matches(|first: char| first.is_whitespace() || first.is_control());
    let formula = visible.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    // OWASP counts these among the openings, whatever follows.
    if formula || text.starts_with(['\t', '\r', '\n', '\0']) {
        into.push('\'');
    }
    for character in text.chars() {
        if character == '"' {
            into.push('"');
        }
        into.push(character);
    }
    into.push('"');
}

/// A JSON string in the one form that RFC 8785 (section 3.2.2.2) knows, which is that of `JSON.stringify`.
fn quote(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\u{8}' => into.push_str("\\b"),
            '\t' => into.push_str("\\t"),
            '\n' => into.push_str("\\n"),
            '\u{c}' => into.push_str("\\f"),
            '\r' => into.push_str("\\r"),
            '\0'..='\u{1f}' => {
                into.push_str("\\u00");
                into.push(if character < '\u{10}' { '0' } else { '1' });
                into.extend(HEX.get(character as usize % 16).copied().map(char::from));
            }
            _ => into.push(character),
        }
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row() -> impl Strategy<Value = Row> {
        // Any text at all, and texts that spreadsheets and parsers trip over.
        let text = || prop_oneof![any::<String>(), "[ \t\r\n\"',;=+@|\\-\\\\0-9a-z＝]{0,12}"];
        let texts = (text(), text(), text(), text(), text(), text());
        (any::<i64>(), any::<i64>(), texts).prop_map(
            |(seq, at, (prev, case, action, by, detail, hash))| Row {
                seq,
                prev,
                at,
                case,
                action,
                by,
                detail,
                hash,
            },
        )
    }

    /// A reader of RFC 4180, one line.
    fn read_csv(line: &str) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        let mut rest = line.strip_suffix("\r\n").unwrap().chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '"' if quoted && rest.peek() == Some(&'"') => {
                    rest.next();
                    cells.last_mut().unwrap().push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                '\r' | '\n' if !quoted => panic!("a line break outside of quotes"),
                _ => cells.last_mut().unwrap().push(character),
            }
        }
        assert!(!quoted);
        cells
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_that_of_every_json_writer(row in row()) {
            let array = serde_json::json!(["passdesk-audit-1", row.seq, row.prev, row.at, row.case, row.action, row.by, row.detail]);
            prop_assert_eq!(row.canonical(), array.to_string());
        }

        #[test]
        fn different_rows_are_hashed_differently(one in row(), other in row(), cut in 0..8_usize) {
            let bare = |row: &Row| Row { hash: String::new(), ..row.clone() };
            prop_assert_eq!(bare(&one) == bare(&other), one.canonical() == other.canonical());
            // Text that slips from one field into the next is a difference, too.
            let text: Vec<char> = one.case.chars().collect();
            let cut = cut.min(text.len());
            let (kept, slipped) = text.split_at(cut);
            let action: String = slipped.iter().chain(&one.action.chars().collect::<Vec<_>>()).collect();
            let moved = Row { case: kept.iter().collect(), action, ..one.clone() };
            prop_assert_eq!(moved == one, moved.canonical() == one.canonical());
        }

        #[test]
        fn a_line_of_ndjson_is_one_line_and_reads_back(row in row()) {
            let line = row.ndjson();
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read, serde_json::json!({
                "seq": row.seq, "at": row.at, "case": row.case, "action": row.action, "by": row.by,
                "detail": row.detail, "prev": row.prev, "hash": row.hash,
            }));
        }

        #[test]
        fn no_cell_is_a_formula_and_every_cell_reads_back(row in row()) {
            let cells = read_csv(&row.csv());
            prop_assert_eq!(cells.len(), COLUMNS.len());
            let texts = [&row.case, &row.action, &row.by, &row.detail, &row.prev, &row.hash];
            for (cell, text) in cells.iter().skip(2).zip(texts) {
                let bare: String = cell.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect();
                prop_assert!(!bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']));
                prop_assert!(!cell.starts_with(['\t', '\r', '\n']));
                prop_assert!(cell == text || cell.strip_prefix('\'') == Some(text));
            }
        }
    }

    #[test]
    fn only_what_looks_like_a_formula_is_marked() {
        let csv = |text: &str| {
            let mut line = String::new();
            cell(text, &mut line);
            line
        };
        assert_eq!(csv("a=b"), "\"a=b\"");
        assert_eq!(csv("2026-11-21"), "\"2026-11-21\"");
        assert_eq!(csv("{\"a\":1}"), "\"{\"\"a\"\":1}\"");
        assert_eq!(csv("=1+1"), "\"'=1+1\"");
        assert_eq!(csv(" \u{a0}@SUM(A1)"), "\"' \u{a0}@SUM(A1)\"");
        assert_eq!(csv("\u{0}-2"), "\"'\u{0}-2\"");
        assert_eq!(csv("\u{1}=2"), "\"'\u{1}=2\"");
        assert_eq!(csv(""), "\"\"");
    }

    /// Seldom among texts at random, and every hash of the chain hangs on them.
    #[test]
    fn each_character_has_the_one_form_that_every_json_writer_gives_it() {
        for character in ('\0'..='\u{a0}').chain(['\u{2028}', '\u{ffff}', '\u{10ffff}']) {
            let mut ours = String::new();
            quote(&character.to_string(), &mut ours);
            let theirs = serde_json::Value::from(character.to_string());
            assert_eq!(ours, theirs.to_string());
        }
    }

    #[test]
    fn a_line_of_csv_begins_with_its_number_and_its_time() {
        let row = Row {
            seq: 7,
            at: -5,
            prev: String::new(),
            case: String::new(),
            action: String::new(),
            by: String::new(),
            detail: String::new(),
            hash: String::new(),
        };
        let line = row.csv();
        assert!(line.starts_with("7,-5,\"\","), "{line}");
    }

    /// Never among numbers at random.
    #[test]
    fn zero_has_no_sign() {
        let text = |number| {
            let mut text = String::new();
            whole(number, &mut text);
            text
        };
        assert_eq!([text(-1), text(0), text(1)], ["-1", "0", "1"]);
    }

    #[test]
    fn the_header_names_the_columns() {
        assert_eq!(csv_header(), "seq,at,case,action,by,detail,prev,hash\r\n");
    }
}
