//! How well a text answers what was typed: subsequence matching, as command palettes do it.

/// Score of `query` as a subsequence of `text`, or `None` where a letter is missing. Spaces in the query are ignored;
/// letters that follow each other and letters that start a word count more; shorter texts win ties.
pub fn score(query: &str, text: &str) -> Option<i32> {
    let mut wanted = query.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).peekable();
    let (mut total, mut run, mut before, mut length) = (0, 0, ' ', 0);
    for letter in text.chars() {
        length += 1;
        if let Some(want) = wanted.peek() {
            if letter.to_lowercase().eq(std::iter::once(*want)) {
                let starts_word = !before.is_alphanumeric() || (before.is_lowercase() && letter.is_uppercase());
                run += 1;
                total += 4 + 6 * run + if starts_word { 12 } else { 0 };
                wanted.next();
            } else {
                run = 0;
            }
        }
        before = letter;
    }
    wanted.peek().is_none().then_some(total - length / 4)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[track_caller]
    fn check_better(query: &str, better: &str, worse: &str) {
        assert!(score(query, better) > score(query, worse), "{query}: {:?} {:?}", score(query, better), score(query, worse));
    }

    #[test]
    fn letters_must_come_in_order() {
        assert_eq!(score("xyz", "incidents"), None);
        assert_eq!(score("tni", "incidents"), None);
        assert!(score("INC", "incidents").is_some());
        assert!(score("", "anything").is_some());
    }

    #[test]
    fn words_and_runs_win() {
        check_better("inc", "Incidents", "Integrations of channels");
        check_better("di", "Declare incident", "Edit");
        check_better("serv", "Services", "Settings: reserve");
        check_better("home", "Home", "Homepage of the team");
    }
}
