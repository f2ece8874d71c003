"""One call of PagerDuty's own client, for the browser tests: url, certificate, routing key, method, arguments as JSON."""

import json
import ssl
import sys

import pagerduty

url, certificate, key, method, positional, named = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
with pagerduty.EventsApiV2Client(key, base_url=url, verify=context, trust_env=False) as client:
    print(getattr(client, method)(*json.loads(positional), **json.loads(named)))
