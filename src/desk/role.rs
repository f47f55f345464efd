//! Who may do what.

/// What a person is at this desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Works on cases.
    Reviewer,
    /// Reads the audit, and nothing else.
    Auditor,
    /// Both, and may step in for another.
    Admin,
    /// Reads the metrics, and nothing else: a program.
    Monitor,
}

impl Role {
    /// Reads a role.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "reviewer" => Some(Self::Reviewer),
            "auditor" => Some(Self::Auditor),
            "admin" => Some(Self::Admin),
            "monitor" => Some(Self::Monitor),
            _ => None,
        }
    }
}

/// Every action there is, and the role beside `admin` that may do it.
pub const ACTIONS: [(&str, Option<Role>); 18] = [
    ("list-cases", Some(Role::Reviewer)),
    ("view-case", Some(Role::Reviewer)),
    ("view-evidence", Some(Role::Reviewer)),
    ("reveal-field", Some(Role::Reviewer)),
    ("claim", Some(Role::Reviewer)),
    ("release", Some(Role::Reviewer)),
    ("decide", Some(Role::Reviewer)),
    ("approve", Some(Role::Reviewer)),
    ("undo", Some(Role::Reviewer)),
    ("retry-dead", Some(Role::Reviewer)),
    ("resolve-conflict", Some(Role::Reviewer)),
    ("search-attestations", Some(Role::Reviewer)),
    ("read-audit", Some(Role::Auditor)),
    ("verify-audit", Some(Role::Auditor)),
    ("export-audit", Some(Role::Auditor)),
    ("release-any", None),
    ("undo-any", None),
    ("read-metrics", Some(Role::Monitor)),
];

/// Whether somebody in these roles may do that.
///
/// # Errors
/// Why not, as a code.
pub fn may(roles: &[Role], action: &str) -> Result<(), &'static str> {
    let Some((_, wanted)) = ACTIONS.iter().find(|(name, _)| *name == action) else {
        return Err("unknown_action");
    };
    if roles.contains(&Role::Admin) || wanted.is_some_and(|wanted| roles.contains(&wanted)) {
        return Ok(());
    }
    Err(match wanted {
        _ if roles.is_empty() => "no_role",
        Some(Role::Reviewer) => "needs_reviewer",
        Some(Role::Auditor) => "needs_auditor",
        // What a program may do, a person may as an admin.
        Some(Role::Admin | Role::Monitor) | None => "needs_admin",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Auditor, Monitor, Reviewer};

    #[test]
    fn an_auditor_reads_the_audit_and_nothing_else() {
        for (action, _) in ACTIONS {
            let audit = action.ends_with("-audit");
            assert_eq!(may(&[Auditor], action).is_ok(), audit, "{action}");
        }
    }

    #[test]
    fn a_monitor_reads_the_metrics_and_nothing_else() {
        for (action, _) in ACTIONS {
            let metrics = action == "read-metrics";
            assert_eq!(may(&[Monitor], action).is_ok(), metrics, "{action}");
        }
        assert_eq!(
            may(&[Reviewer, Auditor], "read-metrics"),
            Err("needs_admin")
        );
    }

    #[test]
    fn a_reviewer_neither_reads_the_audit_nor_steps_in_for_another() {
        for (action, _) in ACTIONS {
            let others =
                action.ends_with("-audit") || action.ends_with("-any") || action == "read-metrics";
            assert_eq!(may(&[Reviewer], action).is_ok(), !others, "{action}");
        }
        assert_eq!(may(&[Reviewer], "read-audit"), Err("needs_auditor"));
        assert_eq!(may(&[Reviewer, Auditor], "undo-any"), Err("needs_admin"));
    }

    #[test]
    fn roles_add_up_and_an_admin_may_do_all() {
        for (action, wanted) in ACTIONS {
            assert_eq!(may(&[Admin], action), Ok(()), "{action}");
            assert_eq!(
                may(&[Auditor, Reviewer], action).is_ok(),
                wanted.is_some_and(|wanted| wanted != Monitor),
                "{action}"
            );
            assert_eq!(may(&[], action), Err("no_role"), "{action}");
        }
    }

    #[test]
    fn what_nobody_knows_nobody_may() {
        assert_eq!(may(&[Admin], "open-the-safe"), Err("unknown_action"));
        assert_eq!(may(&[Admin], ""), Err("unknown_action"));
        for name in ["", "Reviewer", "root", "admin "] {
            assert_eq!(Role::parse(name), None, "{name}");
        }
    }

    #[test]
    fn each_role_is_read_by_its_name() {
        let roles = ["reviewer", "auditor", "admin", "monitor"].map(Role::parse);
        assert_eq!(roles, [Reviewer, Auditor, Admin, Monitor].map(Some));
        assert_eq!(may(&[Auditor], "decide"), Err("needs_reviewer"));
    }

    #[test]
    fn actions_are_distinct() {
        let mut names: Vec<_> = ACTIONS.map(|(name, _)| name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ACTIONS.len());
    }
}
