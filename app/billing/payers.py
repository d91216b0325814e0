"""Payers: where to mail what, and presets of habits for the kinds of payer that massage practices meet.

A preset is a start, not a promise: what only the contract or the payer can tell stays empty, and `look_up` names it.
"""

from __future__ import annotations

from dataclasses import replace

from app.billing.records import Payer, PayerAddress, Purpose


def address(payer: Payer, purpose: Purpose) -> PayerAddress:
    """Where a payer wants this mail: its address for the purpose, with the payer's name where that has none, else the
    payer's own."""
    own = PayerAddress(
        purpose=purpose, name=payer.name, street=payer.street, street2=payer.street2, city=payer.city,
        state=payer.state, zip_code=payer.zip_code,
    )  # fmt: skip
    for kept in payer.addresses:
        if kept.purpose is purpose:
            return replace(kept, name=kept.name or payer.name)
    return own
