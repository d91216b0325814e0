"""Why a payer did not pay, by the reason codes of its letter, and what to do first.

The codes and their groups are the public claim adjustment reason codes (X12 external list 139). Which step is best
first is no rule of a payer: it is advice drawn from several billing guides, so nothing is ever done by it alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.i18n import N_, _

SOURCE = "X12 claim adjustment reason codes; first steps from billing guides"
CONFIDENCE = "C"

GROUPS: Mapping[str, str] = MappingProxyType({
    "CO": N_("contract: not to be charged to the client"),
    "PR": N_("the client's to pay"),
    "OA": N_("other adjustment"),
    "PI": N_("the payer's own reduction"),
})  # fmt: skip
"""Who carries the amount, by the letters before the number."""


class Reason(NamedTuple):
    """What a code means and what to do first; untranslated, each a short sentence."""

    meaning: str
    first: str


_REASONS: Mapping[str, Reason] = {
    "CO-4": Reason(
        N_("The modifier is missing or does not suit the code."), N_("Correct the modifier and send a corrected claim.")
    ),
    "CO-11": Reason(
        N_("The diagnosis does not suit the service."),
        N_("Point the line to the diagnosis that was treated and send a corrected claim."),
    ),
    "CO-15": Reason(
        N_("The authorization number is missing or wrong."),
        N_("Correct the authorization number in item 23 and send a corrected claim."),
    ),
    "CO-16": Reason(
        N_("Something on the claim is missing or wrong."),
        N_("Read the remark code beside it, add what is missing and send the claim again."),
    ),
    "CO-18": Reason(
        N_("The payer already has this claim."), N_("Ask how the first claim stands. Send nothing again before that.")
    ),
    "CO-22": Reason(
        N_("Another plan may have to pay first."), N_("Ask the client about other cover and bill the first payer.")
    ),
    "CO-29": Reason(
        N_("The claim came after the time limit."), N_("Send proof that the claim was filed in time.")
    ),
    "PR-31": Reason(
        N_("The payer does not know the client as its member."), N_("Compare member id and name with the card.")
    ),
    "CO-45": Reason(
        N_("The charge is above the contract's fee."), N_("Write the difference off. Nothing else is to be done.")
    ),
    "CO-50": Reason(
        N_("The payer does not see the need for the service."),
        N_("Appeal, with the session notes and the prescription."),
    ),
    "CO-96": Reason(
        N_("The plan does not cover this charge."), N_("Read the remark code beside it. The client may owe the amount.")
    ),
    "CO-97": Reason(
        N_("The payment of another service includes this one."),
        N_("Look at the code pair. With a separate region send it again with its modifier, else write it off."),
    ),
    "CO-109": Reason(
        N_("This payer is not the one for the service."), N_("Send the claim to the right payer.")
    ),
    "CO-119": Reason(
        N_("The limit of the benefits is reached."), N_("Bill the client where the contract allows it.")
    ),
    "CO-140": Reason(
        N_("Name and member number do not belong together."), N_("Correct both from the card and send the claim again.")
    ),
    "CO-151": Reason(
        N_("The payer finds the services too many or too frequent."), N_("Send the progress notes.")
    ),
    "CO-197": Reason(
        N_("The service was not authorized beforehand."), N_("Ask for an authorization after the fact.")
    ),
    "PR-1": Reason(N_("It counts toward the client's deductible."), N_("Bill the client the deductible.")),
    "PR-2": Reason(N_("It is the client's coinsurance."), N_("Bill the client the coinsurance.")),
    "PR-3": Reason(N_("It is the client's copay."), N_("Bill the client the copay.")),
    "PR-204": Reason(N_("The client's plan does not cover this service."), N_("Bill the client.")),
}  # fmt: skip

REASONS: Mapping[str, Reason] = MappingProxyType(_REASONS)
"""The reasons that massage claims meet most, by group and number as letters print them."""

_CODE = re.compile(r"(CO|PR|OA|PI)[\s-]*0*(\d{1,3}|[A-Z]\d{1,2})", re.ASCII)


def spelled(code: str) -> str:
    """`"CO-16"` from what is typed from a letter, such as `co16`; empty when it is no reason code."""
    match = _CODE.fullmatch(code.strip().upper())
    return f"{match[1]}-{match[2]}" if match else ""


def first_action(code: str) -> str:
    """What to do first about a reason, a sentence to show beside the claim; empty for a code that is not known here."""
    reason = REASONS.get(spelled(code))
    return _(reason.first) if reason else ""


def meaning(code: str) -> str:
    """What a reason says, a sentence; empty for a code that is not known here."""
    reason = REASONS.get(spelled(code))
    return _(reason.meaning) if reason else ""
