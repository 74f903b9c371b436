"""First pages of papers and reports, in one column or two, with a table or a formula each."""

from pocket.everyday.setting import Page, formula, heading, lines, table, text, title

_TWO = "#set page(columns: 2)\n#set par(justify: true)"

PAPERS = (
    Page(
        "paper-bees",
        'font: "New Computer Modern", size: 10pt',
        title("Why bumblebees visit blue flowers early"),
        lines("J. Quist, B. Yamoah and L. Fyfe", "University of Ryde"),
        heading("1 Introduction"),
        text(
            "Bumblebees leave the nest before the sun has warmed the meadow. At 9 °C a worker of "
            "Bombus terrestris needs about 50 J to raise her flight muscles to 30 °C, and she "
            "regains it only if the first flowers are full. We asked whether she chooses them by "
            "colour."
        ),
        heading("2 Methods"),
        text(
            "Between 4 May and 27 June 2025 we watched 36 plots of 4 m² for 20 minutes each at "
            "dawn, noon and dusk. Visits were noted by hand and checked against video. Let n be "
            "the number of visits and p the share of blue flowers. We fitted"
        ),
        formula("n = a + b p^2", "n = a + b p^{2}"),
        text("by least squares, with plots weighted by their area."),
        heading("3 Results"),
        text(
            "At dawn 71.4 % of 1,862 visits went to blue flowers, although only 38 % of the "
            "flowers were blue. By noon the share had fallen to 44.9 %. Yellow came second at "
            "dusk (29.3 %)."
        ),
        settings=_TWO,
    ),
    Page(
        "paper-concrete",
        'font: "TeX Gyre Pagella", size: 10.5pt',
        title("Strength of concrete with crushed oyster shells"),
        lines("Xu Jing and Olav Quale"),
        text(
            "Oyster farms in Jura Bay discard 11,000 t of shells a year. We replaced 5, 10 and "
            "20 % of the sand in a C25 mix by shells crushed to 0.5 to 2 mm and tested 54 cubes "
            "of 150 mm."
        ),
        table(
            [
                ["Shells", "7 days", "28 days", "90 days"],
                ["0 %", "21.3", "31.8", "35.2"],
                ["5 %", "20.9", "32.4", "36.0"],
                ["10 %", "18.7", "29.1", "33.5"],
                ["20 %", "14.2", "23.6", "26.9"],
            ],
            "stroke: none, align: right,",
        ),
        text("Table 1: Compressive strength in MPa, mean of four or five cubes."),
        text(
            "Up to 5 % the loss is within the error of the press (0.6 MPa). At 20 % the cubes "
            "failed along flat shells, visible in the broken face. Water demand grew from 0.48 "
            "to 0.55."
        ),
    ),
    Page(
        "paper-libraries",
        'font: "Nimbus Roman", size: 10pt',
        title("Who borrows paper maps?"),
        lines("Ingrid Bjelke, Zadie Unwin", "Journal of Quiet Studies 7(2), 2026, pp. 113-119"),
        text(
            "Abstract. We studied 9,407 loans of printed maps from six libraries in Yorkshire "
            "and Jutland. Borrowers are older than those of guidebooks (median 57 against 41) "
            "but not by as much as librarians guess. Half of the loans begin on a Thursday or "
            "Friday."
        ),
        text(
            "Maps are said to be dying. Yet the library of Quorn bought 212 sheets in 2024, more "
            "than in any year since 1998. When asked, 63 of 88 borrowers named a walk; nine "
            "wanted to frame the sheet; one was writing a novel and would not say more."
        ),
        text(
            "Our first table was wrong in the preprint: Jutland's figures for 2023 had been "
            "typed twice. We thank Prof. Gyula Vajda for noticing it (e-mail of 6 August)."
        ),
        settings=_TWO,
    ),
    Page(
        "report-harbour",
        'font: "Montserrat", size: 9.5pt',
        title("Harbour survey 2026: summary"),
        text(
            "Depth was sounded on 118 lines with a Klein 3900 sonar from the launch Jolly Ivy. "
            "The fairway is 6.4 m deep at lowest tide, 0.3 m less than in 2021. Silt gathers at "
            "buoys G5 and R8."
        ),
        table(
            [
                ["Berth", "2021 (m)", "2026 (m)", "Change"],
                ["Quay 1", "7.2", "7.1", "-0.1"],
                ["Quay 2", "7.0", "6.2", "-0.8"],
                ["Fish dock", "4.9", "5.0", "+0.1"],
                ["Ferry ramp", "5.5", "4.7", "-0.8"],
            ],
            "stroke: 0.5pt + gray, align: (left, right, right, right),",
        ),
        text(
            "We advise dredging 14,500 m³ at Quay 2 and the ramp before October, at about "
            "€390,000. Objections go to the Harbour Board, PO Box 27, by 30 June."
        ),
    ),
    Page(
        "paper-clocks",
        'font: "CMU Serif", size: 10.5pt',
        title("A pendulum in a draughty hall"),
        lines("Hugo Ybarra"),
        text(
            "The clock of Byng Hall (Vulliamy, 1796) loses up to 4.2 s a day when the west door "
            "is open. We timed it with a laser for 81 days. The period of a pendulum of length l "
            "is"
        ),
        formula("T = 2 pi sqrt(l / g)", r"T = 2 \pi \sqrt{\frac{l}{g}}"),
        text(
            "so that a rod that shrinks by 0.01 mm gains 0.43 s a day at l = 0.994 m. The hall "
            "cools by 5 K within an hour; brass shrinks by 19 parts in a million for each "
            "kelvin. That is twice what we saw, since the bob lags behind."
        ),
        text("A curtain (£88) cured it. The clock now keeps time to 0.5 s a day."),
    ),
    Page(
        "report-energy",
        'font: "Inter", size: 10pt',
        title("Energy use of the Juniper Street offices"),
        heading("Key figures"),
        table(
            [
                ["Year", "Electricity (kWh)", "Gas (kWh)", "Cost"],
                ["2023", "184,220", "301,750", "£96,408"],
                ["2024", "171,903", "288,160", "£90,117"],
                ["2025", "158,377", "142,055", "£71,863"],
            ],
            "stroke: (x: none, y: 0.5pt), align: (left, right, right, right),",
        ),
        heading("What changed"),
        text(
            "The heat pump HP-2 (Quantum 60Z) went into service on 11 November 2024. It burned "
            "out a relay twice, on 3 and 19 January, when boiler B had to take over for 31 hours "
            "in all. LED tubes in the stairwells saved 6,240 kWh; the vending machine on floor 5 "
            "still draws 410 W at night."
        ),
    ),
)
