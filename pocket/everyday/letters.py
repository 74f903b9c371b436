"""Letters, notices and a memo, each in a type family of its own."""

from pocket.everyday.setting import Page, bold, columns, lines, space, text, title

LETTERS = (
    Page(
        "letter-bridge",
        'font: "Tinos", size: 12pt',
        lines("Ashgrove Bridge Club", "7 Quill Lane", "Wexcombe WX4 9QJ"),
        lines("3 February 2027"),
        text("Dear Miss Quigg,"),
        text(
            "Our spring tournament begins on Friday 19 March at 6.45 p.m. in the Lower Hall. We "
            "have put you and Mr Yarrow at table 14, next to the window, because you asked for "
            "daylight. Entry costs £11.50 a pair, tea included."
        ),
        text(
            "Last year 68 players came and we ran out of chairs. Would you kindly bring two "
            "folding ones? The caretaker, Jim Buxley, will unlock the side door on Quay Road "
            "from five o'clock."
        ),
        text("Yours sincerely,"),
        lines("Honoria Vyse", "Secretary"),
    ),
    Page(
        "letter-roof",
        'font: "Carlito", size: 11.5pt',
        lines("Mr & Mrs D. Ivory", "22B Kiln Terrace", "Duxbury"),
        lines("Ref: KT/22B/0815", "Date: 30 Oct 2026"),
        title("Repairs to your roof"),
        text(
            "On 27 October our surveyor found 43 cracked slates and a loose flashing above the "
            "rear bedroom. Neither is covered by policy QB-7719-U, which excludes wear. We can "
            "offer a goodwill payment of £265.00 towards the work if it is finished before 15 "
            "January 2027."
        ),
        text(
            "Please sign both copies of form J8 and send one back. If you disagree with the "
            "survey, call 0370 552 6618 between 8:30 and 17:15 and ask for Zoë Quarmby."
        ),
        lines("Kind regards,", "Ulrich Joyce", "Claims, Duxbury Mutual"),
    ),
    Page(
        "letter-garden",
        'font: "Source Serif Pro", size: 11pt',
        lines("Port Quincey, 8 May 2028"),
        text("Dear Uncle Bayard,"),
        text(
            "The quinces you sent have arrived, all nineteen of them, and only one was bruised. "
            "Ivy made jelly on Sunday: 3 lb 6 oz of fruit, 2 lb of sugar and the juice of four "
            "lemons gave us eleven jars. I shall bring you five when I come up on the 10.52 from "
            "Wyvern Junction."
        ),
        text(
            "You ask about the well. Joyce lowered a lamp to 31 feet and saw water at last. The "
            "old pump cannot lift it that far, so we have ordered a Huxley No. 6, which should "
            "be here by July."
        ),
        text("Give my love to Aunt Yvette and to the dogs, even to Jasper."),
        lines("Your affectionate nephew,", "Felix"),
    ),
    Page(
        "letter-school",
        'font: "Fira Sans", size: 10.5pt',
        title("St Jude's Primary School"),
        lines("Vicarage Row, Upper Blyth UB2 7XY", "Tel. 01632 960 417"),
        text("To all parents of Year 5"),
        text(
            "The visit to the Vulcan Steam Museum will take place on Wednesday 12 June. The "
            "coach leaves at 8.20 sharp from the bus stop in Fyfe Street. Children need a packed "
            "lunch, a raincoat and no more than £6 to spend. The trip costs £17.40; please pay "
            "by Friday 24 May."
        ),
        text(
            "Pupils who have the swimming gala (Zac, Quentin, Priya and both Isobels) will be "
            "driven back early by Ms Ffoulkes. Anyone with a nut allergy must tell us on slip B."
        ),
        lines("Gwyn Hughes-Bly", "Head Teacher"),
    ),
    Page(
        "letter-bank",
        'font: "Arimo", size: 10pt',
        lines("Calloway & Finch Bank plc", "1 Exchange Square", "Lyndquay LQ1 1AA"),
        lines("Ms J. Q. Abernethy", "Flat 9, 140 Uxbridge Way", "Lyndquay LQ6 3BZ"),
        lines("14/09/2026"),
        text(bold("Account 60-17-42 80556913")),
        text(
            "Dear Ms Abernethy, on 11/09/2026 we returned a direct debit of £88.19 to Brightwell "
            "Energy because your balance was £73.02. No fee has been charged. A second attempt "
            "will be made on 18/09/2026. You may move money by telephone (option 4, then 2) or "
            "in any branch."
        ),
        text(
            "Your overdraft of £250 expires on 1 October. To renew it, quote code F6Z-Q1Y8 before "
            "then."
        ),
        lines("Yours faithfully,", "R. Ugbo", "Customer Accounts"),
    ),
    Page(
        "memo-office",
        'font: "IBM Plex Sans", size: 11pt',
        title("Memorandum"),
        lines(
            "To: Inge Wyss, Facilities", "From: Bogdan Oyelaran", "Subject: Keys for rooms Q1 to Q7"
        ),
        text(
            "Since Monday nobody can open Q3 and Q5. The locksmith quoted 412.80 for two new "
            "cylinders of type GX-20 and 36 keys, or 197.00 if we keep the cylinders and only "
            "cut keys. I suggest the former: the latch in Q5 has jammed six times since 2 August."
        ),
        text(
            "Until then the spare set hangs in cupboard 1B, hook 27. Please write name, time and "
            "room in the yellow book, even for five minutes."
        ),
    ),
    Page(
        "notice-library",
        'font: "EB Garamond", size: 13pt',
        title("Winter hours of the Quayside Library"),
        columns(
            lines("Monday 9.30 to 17.00", "Tuesday 9.30 to 20.00", "Wednesday closed"),
            lines("Thursday 12.00 to 20.00", "Friday 9.30 to 17.00", "Saturday 10.00 to 13.30"),
        ),
        space(),
        text(
            "From 22 December until 4 January the library is closed. Books borrowed after 8 "
            "December may be kept until 11 January; the fine afterwards is 15p a day. Use the "
            "drop box in Ivyhurst Passage, which is emptied at 8 and 18 o'clock."
        ),
        text("Questions? Ask Judy or Xanthe at the desk, or write to desk@quaylib.example."),
    ),
)
