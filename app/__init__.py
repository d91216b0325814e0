"""Superbill Desk: superbills and CMS-1500 claim forms for massage and small rehab clinics."""

__version__ = "0.1.0"
