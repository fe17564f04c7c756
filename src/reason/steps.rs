//! Why one step of a plan is blocked. The others go on.

use crate::reason::Reason::*;
use crate::reason::{About, about};

/// In the order of their codes.
pub(super) const ROWS: &[About] = &[
    about(
        Fixed,
        "Graph never lets it change",
        "The organizer, the provider of an online event and some others are fixed once they are set.",
        "Put the old value back, or replace the event: `onImmutable: replace` in its `lifecycle`, or --allow-replace KEY. It gets a \
         new join link, and everybody is mailed.",
    ),
    about(
        FixedWithMeeting,
        "Fixed when the meeting was made",
        "Graph takes this property with the create of an online meeting alone, and a replacement would not help.",
        "Leave the property out, or give the meeting another name: that makes a new one.",
    ),
    about(
        ProtectedFromReplacement,
        "Protected, so it is not replaced",
        "What is asked for needs a replacement, and `protect: true` holds on the live object.",
        "Write `lifecycle: {protect: false}` and apply that alone, then apply the change.",
    ),
    about(
        Protected,
        "Protected, so it is not removed",
        "It is to go, and `protect: true` holds on the live object.",
        "Put its manifest back with `lifecycle: {protect: false}` and apply, then remove it.",
    ),
    about(
        JoinBlock,
        "The join block cannot be found",
        "Somebody changed the body so that Teams' own block cannot be told from the text with certainty. A new text could lose the \
         link for all who have it.",
        "Leave `body` out of the manifest, or make the event anew: --allow-replace KEY.",
    ),
    about(
        NoCalendar,
        "No such calendar",
        "The organizer's mailbox has no calendar of that name.",
        "Mend `calendar`, or make the calendar in Outlook.",
    ),
    about(
        CalendarReadOnly,
        "The calendar cannot be edited",
        "Graph says that this sign-in may not write into the calendar.",
        "Have the calendar shared with the right to edit, or name another.",
    ),
    about(
        Provider,
        "The calendar does not allow the provider",
        "Which providers of online meetings a calendar allows depends on its owner's licence and policies.",
        "Take one that it allows, or give the organizer a licence for Teams.",
    ),
    about(
        NoObjectId,
        "The organizer's object id is not known",
        "Online meetings are reached by the object id of their organizer, and the directory did not give it.",
        "Grant User.ReadBasic.All, or write the object id as `organizer`; `convoke doctor` says more.",
    ),
    about(
        TooManyAttendees,
        "More attendees than Graph takes",
        "Those declared and those whom others have added are more than 500.",
        "Invite a distribution list, or take some away.",
    ),
    about(
        Unsendable,
        "Attendees that cannot be sent back",
        "The live list holds entries without an address, and Graph takes the list as a whole alone.",
        "Mend the entries in Outlook, or write `attendeePolicy: exclusive`.",
    ),
    about(
        BorrowedLink,
        "The join link may be another meeting's",
        "The link stands in the event's own text, so its options may be those of another meeting.",
        "Take the link out of the text and give the event another `metadata.name`.",
    ),
    about(
        SeveralLive,
        "Several live events carry its mark",
        "Copies carry the mark along, and nothing says which of them convoke made.",
        "Delete those that are not it in Outlook, or name it with `lifecycle.adopt.id`.",
    ),
    about(
        GivenAway,
        "Somebody else organizes it now",
        "The event that was applied is in the mailbox, but no longer its own.",
        "Look at it in Outlook; once it is deleted there, it is made again.",
    ),
    about(
        CancelledLive,
        "Somebody cancelled it",
        "Exchange keeps a cancelled event in the calendar, and it cannot be brought back.",
        "Delete it in Outlook, and the next apply makes it anew; or take its manifest away.",
    ),
    about(
        NotAdopted,
        "It cannot be taken over",
        "What `lifecycle.adopt` names is not there, is organized by somebody else, is one date of a series, or is managed already.",
        "Mend `lifecycle.adopt`; `convoke import` finds what can be taken over.",
    ),
    about(
        AdoptedAndReplaced,
        "It would be replaced at once",
        "The manifest differs from what it takes over in what Graph never lets change.",
        "Adopt it with the values that it has, then change them.",
    ),
    about(
        NameWasTaken,
        "Another meeting was made under this name",
        "Graph finds an online meeting by the name that it was made under, and would give that one back.",
        "Choose another `metadata.name`.",
    ),
    about(
        NameNotFree,
        "The name is not free yet",
        "It takes the name of a resource that is to be renamed first, and that is blocked.",
        "See why the other step is blocked.",
    ),
    about(
        Lookalike,
        "There would be two of it",
        "It looks like a live one that is in no manifest and stays: most likely it was renamed.",
        "Write `lifecycle: {previously: OLD-NAME}`.",
    ),
    about(
        Unanswered,
        "Whether it was made is not known",
        "The create of a meeting in a channel was sent and not answered, and Graph has no list to look it up in.",
        "Look into the channel, then say what is there: --adopt KEY=ID, or --absent KEY.",
    ),
    about(
        MarkUnread,
        "Its mark could not be read",
        "What was applied to it is not known, so it may be protected, and it is not removed.",
        "Plan again; `convoke doctor` says what could not be read.",
    ),
    about(
        AnothersEvent,
        "Another workspace has it too",
        "The event that the state knows carries the mark of another workspace. It is neither written nor removed.",
        "One of the two lets go of it: `state rm KEY`, and its manifest is taken out. Is no workspace called so any more, name it in \
         `spec.previously`.",
    ),
    about(
        FormerName,
        "A name of before, which another workspace may have",
        "Nothing but a mark of a name in `spec.previously` says that it is ours, or somebody wrote it under that name since.",
        "Is no other workspace called so, `state rebuild --yes` takes it over; else take the name out of `spec.previously`.",
    ),
    about(
        Unread,
        "Not known, because it could not be read",
        "A mailbox, a calendar or the object itself could not be read. What is unread is not taken for absent.",
        "Mend what the message names; `convoke doctor` looks at sign-in, permissions and mailboxes.",
    ),
    about(
        RemovalHeld,
        "Nothing is removed while something is unread",
        "What is missing may be the other half of a move, and what is removed cannot be put back.",
        "Mend what could not be read, or remove it all the same with --only KEY.",
    ),
    about(
        QuietHours,
        "Quiet hours",
        "It would mail people at night on the organizer's clock.",
        "Plan again in daylight, or pass --quiet-hours none.",
    ),
    about(
        MinimumNotice,
        "Too soon before it starts",
        "It would move or cancel what starts within `minimumNotice`.",
        "Leave it as it is, or pass --minimum-notice 0m.",
    ),
    about(
        LeftOut,
        "Left out of a saved plan",
        "It is not as it was when the plan was saved, or waits for such a one, and --skip-stale was passed.",
        "Plan again.",
    ),
    about(
        PassedOver,
        "A document that was passed over has its name",
        "A file in the folder was taken for another program's and names something so: it may be its manifest, misspelt.",
        "Mend apiVersion and kind in that file, or write its path into .convokeignore.",
    ),
];
