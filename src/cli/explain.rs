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
                let kep = gate
                    .kep
                    .map_or_else(String::new, |it| format!(" (KEP-{it})"));
                writeln!(out, "{}  {}{kep}", gate.on, gate.name)?;
            }
        }
        out.flush()?;
        Ok(Code::Fine)
    }
}

/// `J40`, `p24`; `40` is a rule of Jobs.
fn find(text: &str) -> Result<RuleId, Failure> {
    let wanted = if text.starts_with(|it: char| it.is_ascii_digit()) {
        format!("J{text}")
    } else {
        text.to_ascii_uppercase()
    };
    let rule = RuleId::ALL
        .iter()
        .find(|it| it.to_string() == wanted)
        .copied();
    rule.ok_or_else(|| {
        let sentence = format!("there is no rule {text:?}; `dryjob explain` lists all of them");
        Failure::Sentence(Code::Usage, sentence)
    })
}
