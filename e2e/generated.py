# How generated bodies are written that are no JSON document: schemathesis asks here.

import json

import schemathesis


@schemathesis.serializer('application/x-ndjson')
def lines(_, value):
    values = value if isinstance(value, list) else [value]
    return '\n'.join(json.dumps(line) for line in values).encode()
