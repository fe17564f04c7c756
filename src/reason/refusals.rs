//! Why a plan may not be applied as a whole: limits, ceilings, approval.

use crate::reason::Reason::*;
use crate::reason::{About, about};

/// In the order of their codes.
pub(super) const ROWS: &[About] = &[
    about(
        NothingDeclared,
        "No manifest declares anything",
        "Everything that is managed would be cancelled: most likely the wrong folder was read.",
        "Name the manifests; --allow-empty allows it, and `convoke destroy` does it on purpose.",
    ),
    about(
        RemovalsLimit,
        "More removals than the limit",
        "The plan cancels or replaces more than `limits.removals` of the workspace allows.",
        "Look at what is removed; then raise the limit, or pass --max-removals N for this once.",
    ),
    about(
        ChangesLimit,
        "More changes than the limit",
        "The plan changes more than `limits.changes` of the workspace allows.",
        "Look at what is changed; then raise the limit, or pass --max-changes N for this once.",
    ),
    about(
        MailsLimit,
        "More mails than the limit",
        "The plan may send more mails than `limits.mails` of the workspace allows.",
        "Look at who is mailed; then raise the limit, pass --max-mails N for this once, or apply in parts with --only.",
    ),
    about(
        OutsideLimit,
        "More people outside than the limit",
        "The plan may mail more people beyond the organizer's domain than `limits.outside` allows.",
        "Look at who they are; then raise the limit, or pass --max-outside N for this once.",
    ),
    about(
        RemovalsCeiling,
        "More removals than the ceiling",
        "CONVOKE_CEILING_REMOVALS of the job allows fewer, and no flag or file allows more.",
        "Apply in parts, or ask whoever owns the job.",
    ),
    about(
        ChangesCeiling,
        "More changes than the ceiling",
        "CONVOKE_CEILING_CHANGES of the job allows fewer, and no flag or file allows more.",
        "Apply in parts, or ask whoever owns the job.",
    ),
    about(
        MailsCeiling,
        "More mails than the ceiling",
        "CONVOKE_CEILING_MAILS of the job allows fewer, and no flag or file allows more.",
        "Apply in parts, or ask whoever owns the job.",
    ),
    about(
        OutsideCeiling,
        "More people outside than the ceiling",
        "CONVOKE_CEILING_OUTSIDE of the job allows fewer, and no flag or file allows more.",
        "Apply in parts, or ask whoever owns the job.",
    ),
    about(
        DailyRecipients,
        "More recipients than Exchange takes a day",
        "Exchange Online delivers to 10,000 recipients a day for one mailbox, and nobody can raise that.",
        "Apply one part a day with --only, or invite a distribution list.",
    ),
    about(
        Clashes,
        "Clashes, and --strict-clashes allows none",
        "A room or a person is taken at the time that is planned.",
        "Choose another time or room, or leave --strict-clashes out.",
    ),
    about(
        MailboxCeiling,
        "A mailbox that the job may not write to",
        "CONVOKE_MAILBOXES does not list the organizer of something that is to be changed or removed.",
        "Add the mailbox to the variable, or leave the resource as it is.",
    ),
    about(
        NotApproved,
        "Nobody approved this plan",
        "No approved plan was found for what would be done.",
        "Approve the plan where it is reviewed, then apply.",
    ),
    about(
        OtherPlan,
        "Not the plan that was approved",
        "Between approval and now the manifests, the live objects or the flags changed, so that something else would be done.",
        "Compare the two plans, and approve the new one.",
    ),
    about(
        Moved,
        "Not as it was when the plan was saved",
        "Somebody changed a resource since, or it is there or gone by now.",
        "Plan again, or pass --skip-stale to leave it out.",
    ),
    about(
        Expired,
        "The saved plan is too old",
        "It was made longer ago than --plan-ttl allows, or what it changes has started since.",
        "Plan again.",
    ),
    about(
        SavedUnread,
        "What the saved plan is about could not be read",
        "Before it is applied, each object is read again, and that failed for some.",
        "Mend what the steps name, then apply it again.",
    ),
    about(
        NotASavedPlan,
        "Not a saved plan that can be used",
        "The file is none, is cut off, has another format, or was changed since it was made.",
        "Save the plan again with `convoke plan --out FILE`.",
    ),
    about(
        SavedElsewhere,
        "A saved plan of another workspace",
        "The plan was made for a workspace of another name.",
        "Pass the workspace file that it was made with: --workspace FILE.",
    ),
    about(
        NotSaved,
        "A plan that is not saved",
        "It is refused or incomplete, holds an answer to a question, or would let readers of the file join a meeting.",
        "Mend what the message names, or apply at once without saving.",
    ),
    about(
        Snapshot,
        "Not a snapshot that can be used",
        "The file is none, is damaged, or is of another workspace or format.",
        "Save it again with `convoke plan --snapshot-out FILE`.",
    ),
];
