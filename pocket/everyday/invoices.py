"""Invoices, orders, a receipt and a price list with tables."""

from pocket.everyday.setting import Page, bold, columns, heading, lines, space, table, text, title

_RIGHT = "align: (left, right, right, right),"

INVOICES = (
    Page(
        "invoice-joinery",
        'font: "Liberation Sans", size: 10.5pt',
        title("Invoice JQ-10482"),
        columns(
            lines("Bexley Joinery Ltd", "Unit 5, Tyburn Yard", "Oxbury OX7 2GJ"),
            lines("Date: 6 Nov 2026", "Your order: 88/B/17", "Terms: 14 days"),
        ),
        table(
            [
                ["Description", "Qty", "Price", "Total"],
                ["Oak shelf, 900 x 250", "6", "41.75", "250.50"],
                ["Bracket BJ-21, black", "24", "2.15", "51.60"],
                ["Fitting, per hour", "3.5", "38.00", "133.00"],
                ["Carriage", "1", "19.90", "19.90"],
                [("Net", 3), "455.00"],
                [("VAT 20%", 3), "91.00"],
                [("To pay", 3), "546.00"],
            ],
            _RIGHT,
            "(1fr, auto, auto, auto)",
        ),
        text("Pay to: Bexley Joinery, sort code 40-11-62, account 71930554."),
    ),
    Page(
        "invoice-translator",
        'font: "Libertinus Serif", size: 11pt',
        lines("Yvonne Duclos", "Traductions", "18 quai des Hirondelles", "44000 Nantes"),
        space(),
        title("Facture 2026/117"),
        lines("Client : Kjell Fjord AS, Bergen", "Date : 21/10/2026", "TVA : FR 62 513877904"),
        table(
            [
                ["Désignation", "Mots", "Prix", "Montant"],
                ["Manuel d'entretien, chap. 1 à 4", "8 214", "0,11 €", "903,54 €"],
                ["Relecture du glossaire", "1 050", "0,04 €", "42,00 €"],
                ["Mise en page", "", "", "75,00 €"],
                ["Total", "", "", "1 020,54 €"],
            ],
            _RIGHT,
        ),
        text("Règlement à réception par virement : FR76 3000 4028 3798 7654 3210 943."),
    ),
    Page(
        "order-laboratory",
        'font: "Nimbus Sans", size: 10pt',
        title("Purchase order PO-7Q0615"),
        lines("Institute of Freshwater Biology", "Lochside 3, Invergyle IV9 6ZU"),
        table(
            [
                ["No.", "Article", "Catalogue no.", "Pack", "Quantity", "Unit price", "Sum"],
                ["1", "Pipette tips, 200 ml", "QX-2208-B", "960", "4", "31.20", "124.80"],
                ["2", "Nitrile gloves, size 7", "GL-07N", "100", "12", "8.95", "107.40"],
                ["3", "Agar powder", "AG/550.1", "500 g", "2", "64.00", "128.00"],
                ["4", "pH buffer 7.00", "B7-00-1L", "1 l", "3", "12.35", "37.05"],
                ["5", "Lens paper", "LP1O", "50", "10", "2.79", "27.90"],
                ["", "", "", "", "", "Total", "425.15"],
            ],
            "stroke: 0.5pt, align: (right, left, left, right, right, right, right),",
        ),
        text("Deliver before 9 a.m. to the rear gate. Contact: Ewan Jacques, ext. 4471."),
    ),
    Page(
        "invoice-printer",
        'font: "Roboto", size: 10pt',
        lines("PRINTWORKS QUEBEC", "Invoice no. 000731", "Issued 2027-01-18, due 2027-02-17"),
        heading("Bill to"),
        lines("Maple & Byrd Stationers", "515 Jubilee Ave, Suite 8C", "Uxville, VT 05491"),
        table(
            [
                ["Item", "Sheets", "Rate", "Amount"],
                ["Letterhead, 100 gsm, 2 colours", "5,000", "$0.064", "$320.00"],
                ["Business cards (J. Byrd)", "250", "$0.22", "$55.00"],
                ["Envelopes DL, window", "1,500", "$0.091", "$136.50"],
            ],
            "stroke: none, fill: (_, y) => if y == 0 { luma(220) }, " + _RIGHT,
            "(1fr, auto, auto, auto)",
        ),
        lines("Subtotal: $511.50", "Sales tax 6.25%: $31.97", "Total due: $543.47"),
        text(bold("Thank you! Late payments bear 1.5% a month.")),
    ),
    Page(
        "receipt-bakery",
        'font: "Courier Prime", size: 11pt',
        lines("YULE'S BAKERY", "9 Quarry St, Blyton", "VAT GB 117 6420 58"),
        space(),
        lines(
            "2 x Rye loaf 500g      7.60",
            "1 x Quiche, leek       4.85",
            "6 x Jam doughnut       6.90",
            "1 x Oat flat white     3.25",
        ),
        space(),
        lines("TOTAL                 22.60", "VISA ****8017         22.60"),
        lines("17/04/2026 08:51  Till 2  #Q6041"),
    ),
    Page(
        "prices-boats",
        'font: "Lato", size: 11pt',
        title("Boat hire at Jury Quay, season 2027"),
        table(
            [
                ["Boat", "Seats", "1 hour", "Half day", "Day"],
                ["Rowing boat Ibis", "3", "14.00", "39.00", "62.50"],
                ["Canoe, double", "2", "12.50", "33.00", "51.00"],
                ["Dinghy Zephyr", "4", "26.00", "75.00", ""],
                ["Motor launch Queen", "8", "58.00", "", "290.00"],
                ["Pedalo", "4", "17.50", "", ""],
            ],
            "stroke: (x: none, y: 0.6pt),",
        ),
        text("Deposit 40.00, dogs free. Life jackets in sizes XS to XXL lie in box 6."),
    ),
    Page(
        "statement-club",
        'font: "Open Sans", size: 9.5pt',
        title("Account of member 0419-U"),
        lines("Quentin O. Wyre, Rowing Club Byfleet", "Period: 1 Jan to 31 Mar 2026"),
        table(
            [
                ["Date", "Entry", "Charged", "Paid", "Balance"],
                ["04.01.", "Brought forward", "", "", "18.20"],
                ["09.01.", "Subscription Q1", "96.00", "", "114.20"],
                ["17.01.", "Bank transfer", "", "114.20", "0.00"],
                ["22.02.", "Locker 71", "8.50", "", "8.50"],
                ["01.03.", "Blade repair, B17", "43.75", "", "52.25"],
                ["15.03.", "Refund regatta", "", "25.00", "27.25"],
            ],
            "stroke: 0.4pt, align: (left, left, right, right, right),",
            "(auto, 1fr, auto, auto, auto)",
        ),
        text("Please settle 27.25 by 14 April."),
    ),
)
