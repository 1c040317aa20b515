//! The page of every command and option, `docs/options.md`, made from the command line itself.
//!
//! A page that is stale fails the test below; `PROBITY_WRITE_PAGES=1 cargo test -p probity options_page` writes it anew.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// The page.
fn page(mut root: Command) -> String {
    root.build();
    let mut out = "# Every command and option\n\nMade from the command line itself; `probity help COMMAND` prints the same. Options that every \
                   command takes stand once, at the end.\n"
        .to_owned();
    for command in root.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        section(&mut out, command, "probity", 2);
    }
    out.push_str("\n## Options of every command\n\n");
    options(&mut out, root.get_arguments().filter(|arg| arg.is_global_set() || !arg.is_hide_set()));
    out
}

fn section(out: &mut String, command: &Command, parent: &str, depth: usize) {
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_long_about().or_else(|| command.get_about());
    let _ = write!(out, "\n{} {name}\n\n{}\n\n", "#".repeat(depth), about.map(ToString::to_string).unwrap_or_default());
    let own = |arg: &&Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
    options(out, command.get_arguments().filter(own));
    for command in command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help") {
        section(out, command, &name, depth + 1);
    }
}

fn options<'a>(out: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let mut rows: Vec<String> = Vec::new();
    for arg in arguments.filter(|arg| arg.get_id() != "help" && arg.get_id() != "version") {
        rows.push(format!("| {} | {} |", cell(&spelling(arg)), cell(&meaning(arg))));
    }
    if !rows.is_empty() {
        let _ = writeln!(out, "| option | meaning |\n| --- | --- |\n{}", rows.join("\n"));
    }
}

/// How the option is written, in code.
fn spelling(arg: &Arg) -> String {
    let value = arg.get_value_names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let value = value.filter(|_| arg.get_action().takes_values());
    let mut forms: Vec<String> = Vec::new();
    forms.extend(arg.get_short().map(|short| format!("-{short}")));
    forms.extend(arg.get_long().map(|long| format!("--{long}")));
    match (forms.is_empty(), value) {
        (true, value) => format!("`{}`", value.unwrap_or_else(|| arg.get_id().to_string().to_uppercase())),
        (false, Some(value)) => format!("`{} {value}`", forms.join(", ")),
        (false, None) => format!("`{}`", forms.join(", ")),
    }
}

/// What it means: its help, its values and its default.
fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let end = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('.') {
            text.push('.');
        }
    };
    end(&mut text);
    if arg.get_action().takes_values() {
        let values: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if !values.is_empty() {
            let _ = write!(text, " One of {}.", values.join(", "));
        }
        let defaults: Vec<String> =
            arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
        if !defaults.is_empty() {
            let _ = write!(text, " Default: {}.", defaults.join(", "));
        }
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(text, " Environment: `{}`.", variable.to_string_lossy());
    }
    text
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_page_is_that_of_the_command_line() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/options.md");
        let page = page(crate::cli::Cli::command());
        if std::env::var_os("PROBITY_WRITE_PAGES").is_some() {
            std::fs::write(&file, &page).expect("the page");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == page, "docs/options.md is stale: PROBITY_WRITE_PAGES=1 cargo test -p probity options_page");
    }

    #[test]
    fn every_option_says_what_it_means() {
        fn silent(command: &Command, path: &str, found: &mut Vec<String>) {
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                if arg.get_help().is_none() && arg.get_long_help().is_none() {
                    found.push(format!("{path} {}", spelling(arg)));
                }
            }
            for sub in command.get_subcommands() {
                silent(sub, &format!("{path} {}", sub.get_name()), found);
            }
        }
        let mut found = Vec::new();
        silent(&crate::cli::Cli::command(), "probity", &mut found);
        assert!(found.is_empty(), "{found:?}");
    }
}
