"""The carrier's REST API, as far as an app of ours uses it: one file per resource.

Source: https://www.twilio.com/docs/usage/api
"""

from phone.rest.app import create_carrier_app
from phone.rest.faults import Faults
from phone.rest.server import serve

__all__ = ["Faults", "create_carrier_app", "serve"]
