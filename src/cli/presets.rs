//! `dryjob presets`: what is known of some kinds of clusters, each figure with its source.

use super::failure::{Code, Failure, Outcome};
use super::tell;
use crate::scenario::presets::{PRESETS, Preset};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Shows presets for `dryjob run --preset`, each figure with its source
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Presets by name; all of them if none is named
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The format of the output
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table"
    )]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// Names; figures with their sources if some are named
    Table,
    /// Figures with their sources, and the same as scenario files
    Wide,
    /// A list of JSON objects
    Json,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let named: Result<Vec<_>, Failure> = self.names.iter().map(|it| find(it)).collect();
        let named = named?;
        let all: Vec<&Preset> = if named.is_empty() {
            PRESETS.iter().collect()
        } else {
            named
        };
        let mut out = tell::plain_output();
        match self.output {
            Output::Table if self.names.is_empty() => list(&mut out, &all)?,
            Output::Table => figures(&mut out, &all, false)?,
            Output::Wide => figures(&mut out, &all, true)?,
            Output::Json => {
                let all: Vec<Value> = all.iter().map(|it| object(it)).collect();
                serde_json::to_writer_pretty(&mut out, &all).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
        out.flush()?;
        Ok(Code::Fine)
    }
}

/// The preset of that name.
pub(super) fn find(name: &str) -> Result<&'static Preset, Failure> {
    Preset::named(name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|it| it.name).collect();
        let names = names.join(", ");
        let sentence = format!("there is no preset {name:?}; there are {names}");
        Failure::Sentence(Code::Usage, sentence)
    })
}

fn list(out: &mut impl Write, all: &[&Preset]) -> io::Result<()> {
    let width = all.iter().map(|it| it.name.len()).max().unwrap_or(0);
    for preset in all {
        writeln!(out, "{:<width$}  {}", preset.name, preset.summary)?;
    }
    Ok(())
}

fn figures(out: &mut impl Write, all: &[&Preset], files: bool) -> io::Result<()> {
    for (at, preset) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}: {}", preset.name, preset.summary)?;
        let settings = preset.settings;
        let what = settings.iter().map(|it| it.what.chars().count()).max();
        let figure = settings.iter().map(|it| it.figure.chars().count()).max();
        let (what, figure) = (what.unwrap_or(0), figure.unwrap_or(0));
        for it in settings {
            let (name, value, source) = (it.what, it.figure, it.source);
            writeln!(out, "  {name:<what$}  {value:<figure$}  {source}")?;
        }
        if files {
            writeln!(out, "  as a scenario file:")?;
            for line in preset.scenario.lines() {
                writeln!(out, "    {line}")?;
            }
        }
    }
    Ok(())
}

fn object(preset: &Preset) -> Value {
    let settings = preset
        .settings
        .iter()
        .map(|it| json!({"what": it.what, "figure": it.figure, "source": it.source}));
    json!({
        "name": preset.name,
        "summary": preset.summary,
        "settings": settings.collect::<Vec<_>>(),
        "scenario": preset.scenario,
    })
}
