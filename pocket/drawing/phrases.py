"""Words and sentences of letters, invoices and forms; `{date}` and the like are gaps to fill."""

GOODS = (
    "box folder gloves lamp cable bracket valve filter chair desk pump battery hinge drawer hose "
    "screw plate bearing sensor switch bolt tape cartridge envelope notebook kettle ladder rope "
    "sail mirror frame brush ribbon bottle crate lid seal gasket bulb plug clamp jacket towel "
    "map pen"
).split()
KINDS = (
    "grey;blue;small;large;acid-free;steel;cotton;spare;double;A4;A5;12 V;230 V;No. "
    "2;left;right;oak;brass;50 mm;2.5 l;pair;refill;waterproof;heavy;light;recycled;X1;M8;type "
    "B;size 42;1/2 inch"
).split(";")
SERVICES = (
    "Delivery;Postage and packing;Labour, 3 hours;Call-out charge;Licence, one year;Installation;"
    "Travel;Insurance;Express surcharge;Translation, 12 pages;Hire of equipment;Discount"
).split(";")
DETAILS = (
    "Invoice number;Invoice date;Due date;Customer;Customer no.;Order no.;Our reference;Your order;"
    "Terms;Contact;VAT no.;Project;Page;Account;Delivery note;Tax point;Currency;Sort code;Phone"
).split(";")
FIELDS = (
    "Surname;First name;Date of "
    "birth;Address;Postcode;Town;Telephone;E-mail;Nationality;Occupation;Passport "
    "no.;Date;Signature;Employer;Policy no.;Vehicle;Registration;Amount;Bank;Membership "
    "no.;Course;Room;Arrival;Departure;Number of guests;Reason;Height;Weight;Blood group;Next of "
    "kin"
).split(";")
OPENINGS = (
    "Thank you for your letter of {date} and for the {good} that came with it.",
    "With reference to your order {part} of {date}, we are pleased to confirm the {good}.",
    "We are writing about invoice {part}, which fell due on {date}.",
    "I was sorry to hear from {person} that the {good} had not arrived by {date}.",
    "Our records show a balance of {amount} on account {account}.",
    "Please find enclosed the papers that {person} of {company} asked for.",
    "It was a pleasure to meet you and {person} in {town} last week.",
    "Further to our telephone call of {date}, I can now tell you that {company} has agreed.",
)
SENTENCES = (
    "Please quote reference {part} in any reply.",
    "You can reach {person} on {phone} or at {mail}.",
    "The sum of {amount} will be paid into account {account}.",
    "If you have any questions, do not hesitate to call {phone}.",
    "We shall send the {good} to {street}, {town}, by {date}.",
    "{person} and {person} of {company} will be there as well.",
    "The price has risen from {amount} to {amount} since {date}.",
    "Two of the boxes, {part} and {part}, were damaged on the way.",
    "The {good} weighs {measure} and needs {measure}, not {measure}.",
    "Kindly return the form to our office at {street} before {date}.",
    "The meeting has been moved to {date}; the room is {part}.",
    "We would be grateful if you could let us know what {person} decides.",
)
# What stands before and after a formula.
WITH_FORMULAS = (
    ("We estimate it by", "as in the last report."),
    ("The curve follows", "for all of the samples."),
    ("For a load with", "the safe limit is reached sooner."),
    ("As long as", "there is nothing to repair."),
    ("You asked whether", "still holds."),
    ("Let", "be the sum for one year."),
)
CLOSINGS = "With kind regards,;Yours sincerely,;Yours faithfully,;Best wishes,;Sincerely,".split(
    ";"
)
TITLES = "Keeper of Photographs;Director;Head of Accounts;Secretary;Sales Manager;Archivist".split(
    ";"
)
