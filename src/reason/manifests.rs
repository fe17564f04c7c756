//! What can be wrong with manifests and the workspace file: all of it is found offline.

use crate::reason::Reason::*;
use crate::reason::{About, about};

/// In the order of their codes.
pub(super) const ROWS: &[About] = &[
    about(
        Refused,
        "Problems in the manifests",
        "The manifests were checked before anything else, and some of them do not stand. Nothing was touched.",
        "Mend each problem; each has a code of its own.",
    ),
    about(
        Syntax,
        "Not YAML, or YAML that readers disagree on",
        "The text cannot be read as YAML 1.2, or holds what readers understand differently: a bare `yes`, a merge key, a tag.",
        "Mend the text at the place that is named; put a value that must stay a text between quotes.",
    ),
    about(
        NotUtf8,
        "The file is not UTF-8",
        "Manifests are read as UTF-8, and some bytes of the file are none.",
        "Save the file as UTF-8.",
    ),
    about(
        DuplicateKey,
        "A key stands twice in one mapping",
        "YAML forbids it, and readers disagree on which of the two counts.",
        "Keep one of the two.",
    ),
    about(
        HiddenSign,
        "A text holds a sign that is not shown",
        "A control character, a line end, or a sign that turns the direction of text stands where one line of text is expected.",
        "Take the sign out; several lines may stand in `body` alone.",
    ),
    about(
        TooMuch,
        "More than is read",
        "A file, a document or the number of its problems goes beyond what is read, or aliases make it grow.",
        "Split the file, or mend what was told first.",
    ),
    about(
        UnknownKind,
        "No such kind",
        "`kind` is missing, or names nothing that convoke manages.",
        "Write one of the kinds that `convoke schema` knows.",
    ),
    about(
        UnknownProperty,
        "No such property",
        "The property is misspelt, is called otherwise by Graph, or belongs elsewhere. What is not known is refused, so that \
         nothing that was meant is left out in silence.",
        "Take the name that is offered; `convoke explain KIND` lists what there is.",
    ),
    about(
        MissingProperty,
        "A property is missing",
        "The kind cannot be made without it, or the choice is one that nobody else should take.",
        "Add it; the hint shows how.",
    ),
    about(
        WrongType,
        "A value of another type",
        "A text stands where a number, a list or a mapping is expected, or the other way round.",
        "Write a value of the type that is named.",
    ),
    about(
        UnknownValue,
        "Not one of the values",
        "The property takes the values of a list, and this is none of them.",
        "Take one of the list; `convoke explain KIND.property` says what each means.",
    ),
    about(
        WrongForm,
        "A value of another form",
        "The value has the right type, but is too long, too short, out of bounds or written in another form.",
        "Write it in the form that is named.",
    ),
    about(
        NotYours,
        "A property that no manifest sets",
        "Graph sets it by itself, or convoke refuses it for a reason that the message names.",
        "Take it out of the manifest.",
    ),
    about(
        Times,
        "Times that do not stand",
        "Start, end, duration and time zone do not fit together, or name a moment that the clocks of the zone do not have.",
        "Write local time and an IANA or Windows zone, such as `2027-01-12T10:00` and `Europe/Berlin`.",
    ),
    about(
        Recurrence,
        "A recurrence that does not stand",
        "The rule cannot be read, Graph has no such series, or its days and the start disagree.",
        "Mend the part that is marked; `convoke explain Event.recurrence` shows the patterns.",
    ),
    about(
        Exceptions,
        "An exception that does not stand",
        "It names a date that the series does not have, stands twice, or moves where Graph lets no date move.",
        "Name the date that the series has by its rule, in the zone of the event.",
    ),
    about(
        People,
        "People that cannot be invited or mailed so",
        "An address is none, somebody stands twice, there are more people than Graph takes, or nobody organizes.",
        "Write addresses such as `adele@contoso.example`, each once; for many write a distribution list.",
    ),
    about(
        Online,
        "Options that need something else beside them",
        "A property of online meetings stands where there is none, or a role needs an option that is not set.",
        "Add what the hint names, or take the property out.",
    ),
    about(
        Text,
        "A text that cannot be sent",
        "The body holds what Graph or a mail program does not show as it was written.",
        "Flatten the part that is marked.",
    ),
    about(
        Cloud,
        "Not in this cloud, or not with this sign-in",
        "`spec.graph` names a cloud that lacks what the manifest asks for, or a sign-in that cannot do it.",
        "Take it out, or name another cloud or sign-in.",
    ),
    about(
        DaysOff,
        "Days off that cannot be read, or are not there",
        "A series names a `DaysOff` that none of the files declares, or its dates or its calendar file say something else than whole \
         days. A calendar that cannot be read never means that nothing is off.",
        "Mend what is marked; what a calendar file cannot say so, write under `dates`.",
    ),
    about(
        Meaning,
        "Values that do not fit together",
        "Each value may stand for itself, but not beside the others.",
        "Change one of the places that are marked.",
    ),
    about(
        DeclaredTwice,
        "Two documents of one name",
        "Kind and name are the key of a resource, and each key is declared once.",
        "Give one of the two another `metadata.name`, or remove it.",
    ),
    about(
        Predecessors,
        "Names of before that contradict each other",
        "Two documents name the same predecessor, one names itself, or several exchange their names.",
        "Let each name of before stand in one document; rename in two applies where names are exchanged.",
    ),
    about(
        SecondWorkspace,
        "A second workspace",
        "One run has one workspace, and two documents of `kind: Workspace` were read.",
        "Keep one, or name the files of one project alone.",
    ),
    about(
        Adoption,
        "What cannot be taken over so",
        "`lifecycle.adopt` names an object in a way that it cannot be found by.",
        "Name an event by its id; `convoke import` prints it.",
    ),
    about(
        Pinned,
        "Beyond what the environment pins",
        "A variable of the job, such as CONVOKE_MAILBOXES or CONVOKE_EXPECT_WORKSPACE, allows less than the file asks for.",
        "Write what the variable allows; whoever owns the job can change the variable, no file can.",
    ),
    about(
        File,
        "A file that cannot be used",
        "It is not there, is no regular file, is a link that leads elsewhere, is too large, or may not be read or written.",
        "Look at the file that is named; `-` reads from standard input.",
    ),
    about(
        NoWorkspace,
        "No workspace",
        "Nothing of `kind: Workspace` was read, and no convoke.yaml stands beside or above the manifests.",
        "Write one with `convoke init`, or name it with --workspace FILE.",
    ),
    about(
        Roster,
        "A roster that does not stand, or that there is none of",
        "`{roster: …}` names no document of `kind: Roster`, or a roster has nobody in it, holds somebody twice on the same day, a wrong \
         address or date, more people than Graph takes, or includes itself.",
        "Mend the roster at the place that is named; `convoke explain Roster` lists what it may hold.",
    ),
    about(
        Group,
        "A group whose members are not known",
        "A roster names a group of the directory, and `convoke.lock` beside the workspace file has no members of it or cannot be read. \
         A plan never asks the directory, so that a change there mails nobody without a review.",
        "Run `convoke groups update`, look at what it changes in `convoke.lock`, and commit that file.",
    ),
    about(
        EmptySet,
        "A set that makes nothing",
        "The rows of an `EventSet` are empty, or its `when` leaves out every one: everything that it made before would be cancelled.",
        "Put the rows back. If it is meant, pass `--allow-empty`, or remove the set.",
    ),
];
