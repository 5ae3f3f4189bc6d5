"""The way back to a Studio flow that sent us its caller.

The flow gives its SID, never an address: nobody can have a caller led, or our documents sent, to anywhere else.
https://www.twilio.com/docs/studio/widget-library/twiml-redirect
"""

import re
from collections.abc import Mapping

FLOW_SID = re.compile(r"FW[0-9a-fA-F]{32}")


def way_back(context: Mapping[str, str], account_sid: str, disposition: str) -> str | None:
    """Where the caller goes at the end of the survey; None where no flow waits.

    >>> way_back({"studio_flow": "FW" + "0" * 32}, "AC1", "complete")
    'https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW00000000000000000000000000000000?FlowEvent=return&disposition=complete'
    """
    flow = context.get("studio_flow", "")
    if not FLOW_SID.fullmatch(flow):
        return None
    flows = f"https://webhooks.twilio.com/v1/Accounts/{account_sid}/Flows"
    return f"{flows}/{flow}?FlowEvent=return&disposition={disposition}"
