"""Small public lists: what may stand in a box, and what it means. Facts as data, no AMA text.

Qualifiers are those of the CMS-1500 (02/12) as the NUCC publishes them; places of service are the CMS list. Procedure
codes are bare numbers with short words of our own. Diagnosis codes are in `store/icd10.py`.
"""

from __future__ import annotations

from app.billing.records import Fee
from app.i18n import _

ONSET_QUALIFIERS: dict[str, str] = {
    "431": "Onset of symptoms or illness",
    "484": "Last menstrual period",
}
"""Item 14."""

OTHER_DATE_QUALIFIERS: dict[str, str] = {
    "439": "Accident",
    "454": "Initial treatment",
    "304": "Latest visit or consultation",
    "453": "Acute manifestation of a chronic condition",
    "444": "First visit or consultation",
    "471": "Prescription",
    "455": "Last X-ray",
    "090": "Report start (care assumed)",
    "091": "Report end (care given up)",
}
"""Item 15, the ones that massage needs first."""

REFERRER_QUALIFIERS: dict[str, str] = {
    "DN": "Referring provider",
    "DK": "Ordering provider",
    "DQ": "Supervising provider",
}
"""Item 17, left of the dotted line."""

REFERRER_ID_QUALIFIERS: dict[str, str] = {
    "0B": "State license number",
    "1G": "Provider UPIN",
    "G2": "Number given by the payer",
    "LU": "Location number",
}
"""Item 17a; LU for a supervising provider only."""

PROVIDER_ID_QUALIFIERS: dict[str, str] = REFERRER_ID_QUALIFIERS | {"ZZ": "Provider taxonomy"}
"""Items 24I, 32b and 33b."""

OTHER_CLAIM_ID_QUALIFIERS: dict[str, str] = {"Y4": "Claim number of a property or casualty payer"}
"""Item 11b."""

RESUBMISSION_CODES: dict[str, str] = {"7": "Replacement of an earlier claim", "8": "Void of an earlier claim"}
"""Item 22; a first claim has none."""

MASSAGE_THERAPIST = "225700000X"
"""The taxonomy code of a massage therapist."""

PLACES_OF_SERVICE: dict[str, str] = {
    "01": "Pharmacy", "02": "Telehealth Provided Other than in Patient's Home", "03": "School",
    "04": "Homeless Shelter", "05": "Indian Health Service Free-standing Facility",
    "06": "Indian Health Service Provider-based Facility", "07": "Tribal 638 Free-standing Facility",
    "08": "Tribal 638 Provider-based Facility", "09": "Prison/Correctional Facility",
    "10": "Telehealth Provided in Patient's Home", "11": "Office", "12": "Home", "13": "Assisted Living Facility",
    "14": "Group Home", "15": "Mobile Unit", "16": "Temporary Lodging", "17": "Walk-in Retail Health Clinic",
    "18": "Place of Employment/Worksite", "19": "Off Campus-Outpatient Hospital", "20": "Urgent Care Facility",
    "21": "Inpatient Hospital", "22": "On Campus-Outpatient Hospital", "23": "Emergency Room-Hospital",
    "24": "Ambulatory Surgical Center", "25": "Birthing Center", "26": "Military Treatment Facility",
    "27": "Outreach Site/Street", "31": "Skilled Nursing Facility", "32": "Nursing Facility",
    "33": "Custodial Care Facility", "34": "Hospice", "41": "Ambulance-Land", "42": "Ambulance-Air or Water",
    "49": "Independent Clinic", "50": "Federally Qualified Health Center", "51": "Inpatient Psychiatric Facility",
    "52": "Psychiatric Facility-Partial Hospitalization", "53": "Community Mental Health Center",
    "54": "Intermediate Care Facility/Individuals with Intellectual Disabilities",
    "55": "Residential Substance Abuse Treatment Facility", "56": "Psychiatric Residential Treatment Center",
    "57": "Non-residential Substance Abuse Treatment Facility", "58": "Non-residential Opioid Treatment Facility",
    "60": "Mass Immunization Center", "61": "Comprehensive Inpatient Rehabilitation Facility",
    "62": "Comprehensive Outpatient Rehabilitation Facility", "65": "End-Stage Renal Disease Treatment Facility",
    "66": "Programs of All-Inclusive Care for the Elderly (PACE) Center", "71": "State or Local Public Health Clinic",
    "72": "Rural Health Clinic", "81": "Independent Laboratory", "99": "Other Place of Service",
}  # fmt: skip
"""Item 24B: the CMS list. 11 and 12 are the usual ones; 02 and 10 cannot be hands-on."""

STATES: dict[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "AS": "American Samoa",
    "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico", "VI": "U.S. Virgin Islands",
    "UM": "U.S. Minor Outlying Islands", "FM": "Federated States of Micronesia", "MH": "Marshall Islands",
    "PW": "Palau", "AA": "Armed Forces Americas", "AE": "Armed Forces Europe, Middle East, Africa, Canada",
    "AP": "Armed Forces Pacific",
}  # fmt: skip
"""Two letters as the post office writes them, with territories and military mail."""

MODIFIERS: dict[str, str] = {
    "GP": "Under a physical-therapy plan of care",
    "59": "A separate service (last choice)",
    "XE": "Separate: another encounter",
    "XS": "Separate: another part of the body",
    "XP": "Separate: another practitioner",
    "XU": "Separate: unusual, does not overlap",
    "22": "Much more work than usual",
    "52": "Less than usual",
    "25": "Separate evaluation on the same day",
    "RT": "Right side",
    "LT": "Left side",
    "KX": "Medicare: past the therapy threshold, needed",
    "GA": "Medicare: signed notice on file, required",
    "GX": "Medicare: voluntary notice given",
    "GY": "Medicare: never covered",
    "GZ": "Medicare: expected to be denied, no notice",
    "CQ": "Physical therapist assistant",
    "CO": "Occupational therapy assistant",
}
"""The common ones, in words of our own. A modifier is never added silently."""

UNTIMED = frozenset((
    "97010", "97012", "97014", "97016", "97018", "97022", "97024", "97026", "97028", "97150", "G0283",
    "97161", "97162", "97163", "97164", "97165", "97166", "97167", "97168", "98940", "98941", "98942", "98943",
))  # fmt: skip
"""Codes that are one unit however long they take: their minutes never count."""

UNLISTED = frozenset(("97039", "97139"))
"""Codes that need words of their own in the shaded half of the line."""

_THERAPY = (
    "010 012 014 016 018 022 024 026 028 032 033 034 035 036 037 039 110 112 113 116 124 129 130 139 140 150 151 152 "
    "153 154 155 156 157 158 161 162 163 164 165 166 167 168 169 170 171 172 530 533 535 537 542 545 546 550 551 552 "
    "597 598 605 606 607 608 610 750 755 760 761 763 799 802 803 804 810 811 813 814"
)
"""What follows 97 in the codes of physical medicine that are in use."""
_NEIGHBORS = ("98", "99", "95", "90", "64", "29", "20")
"""Beginnings of other codes that come beside massage: chiropractic, visits, tests, strapping, needling."""


def is_known(code: str) -> bool:
    """Whether a procedure code of digits may be one that hands-on therapy uses; no more than its number is known."""
    return code[2:] in _THERAPY if code.startswith("97") else code.startswith(_NEIGHBORS)


_STARTERS: tuple[tuple[str, str, bool], ...] = (
    ("97124", "Massage", True),
    ("97140", "Manual techniques", True),
    ("97112", "Movement and balance retraining", True),
    ("97110", "Exercises", True),
    ("97750", "Performance test with report", True),
    ("97010", "Hot or cold pack", False),
    ("97039", "Unlisted modality", True),
    ("97139", "Unlisted procedure", True),
    ("S8990", "Maintenance care", False),
)


def starter_fees() -> tuple[Fee, ...]:
    """The codes a new clinic begins with, without prices: those are the clinic's own, and never guessed. Codes outside
    a massage license, such as chiropractic adjustments, are left to whoever may bill them."""
    return tuple(Fee(code=code, label=label, timed=timed) for code, label, timed in _STARTERS)


def ama_notice() -> str:
    """What is to be said wherever procedure codes are shown in full."""
    return _(
        "CPT is a registered trademark of the American Medical Association. Only bare code numbers are included; "
        "the short words beside them are ours or yours, not the AMA's. Take the meaning of a code from your own "
        "licensed copy."
    )
