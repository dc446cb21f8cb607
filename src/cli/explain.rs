//! `dryjob explain`: the rules that timelines name.

use super::failure::{Code, Failure, Outcome};
use super::tell;
use crate::model::RuleId;
use crate::model::release::{GATES, QUIRKS};
use clap::Args;
use std::io::Write;

/// Tells what the rules in a timeline say, such as J40
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Rules by number; all of them if none is named
    #[arg(value_name = "RULE")]
    rules: Vec<String>,
}

impl Arguments {
    pub(super) fn run(&self) -> Outcome {
        let named: Result<Vec<RuleId>, Failure> = self.rules.iter().map(|it| find(it)).collect();
        let named = named?;
        let mut out = tell::plain_output();
        for rule in RuleId::ALL
            .iter()
            .filter(|it| named.is_empty() || named.contains(it))
        {
            writeln!(out, "{rule:<4} {}", rule.title())?;
            if named.is_empty() {
                continue;
            }
            for quirk in QUIRKS.iter().filter(|it| it.rule == rule.to_string()) {
                writeln!(out, "     before {}: {}", quirk.since, quirk.before)?;
            }
        }
        if named.is_empty() {
            writeln!(out, "\nGates that are on by default since:")?;
            for gate in GATES {
                writeln!(out, "{}  {} (KEP-{})", gate.on, gate.name, gate.kep)?;
            }
        }
        out.flush()?;
        Ok(Code::Fine)
    }
}

/// `J40`, `j40` or `40`.
fn find(text: &str) -> Result<RuleId, Failure> {
    let digits = text.trim_start_matches(['J', 'j']);
    let number: Option<u8> = digits.parse().ok();
    let rule = RuleId::ALL
        .iter()
        .find(|it| number == Some(it.number()))
        .copied();
    rule.ok_or_else(|| {
        let sentence = format!("there is no rule {text:?}; `dryjob explain` lists all of them");
        Failure::Sentence(Code::Usage, sentence)
    })
}
